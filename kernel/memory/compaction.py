"""Compaction: when a program needs it, partitions are moved so that the holes become one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from kernel.hardware import Region
from kernel.memory.admission import Admission
from kernel.memory.variable import VariablePartitions
from kernel.process.control_block import Process

Moved = Callable[[Process, Region], None]
"""Called for each move, in order, with the process and its new place."""


class CompactingAdmission(Admission):
    """Admission that compacts memory for a program that would fit only after compaction.

    Memory is compacted for no other reason, as moves cost time. If moves take time (`lasts`),
    `next_move` and `end_move` are called until no move is left, and no program enters meanwhile.
    Compaction does not begin while programs are not `movable`.
    """

    def __init__(
        self, memory: VariablePartitions, rule: str, moved: Moved, *, lasts: bool = False
    ) -> None:
        super().__init__(memory, rule)
        self._lasts = lasts
        self.under_way = False  # only with `lasts`
        self._to_move: deque[Process] = deque()  # in the order of their addresses
        self._memory = memory
        self._moved = moved
        self._holder: dict[Region, Process] = {}

    def release(self, region: Region) -> None:
        super().release(region)
        del self._holder[region]

    def admit(self) -> Iterator[tuple[Process, Region]]:
        if not self.under_way:
            yield from super().admit()

    def in_the_way(self, leaving: Sequence[Region], others: Sequence[Region]) -> list[Region]:
        return [] if self.under_way else super().in_the_way(leaving, others)

    def _obtainable(self, leaving: Sequence[Region]) -> int:
        return self._memory.largest_compacted(leaving)

    def next_move(self) -> Process | None:
        """Return the process to be moved now; None: compaction is over, and programs may enter."""
        while self._to_move:
            process = self._to_move[0]
            region = process.region
            assert region is not None
            has_ended = self._holder.get(region) is not process
            if not has_ended and self._memory.below(region) is not None:
                return process
            self._to_move.popleft()
        self.under_way = False
        return None

    def end_move(self) -> None:
        """Note that the program that `next_move` named has been copied."""
        process = self._to_move.popleft()
        assert process.region is not None
        to = self._memory.below(process.region)
        assert to is not None
        self._move(process.region, to)

    def _place(self, process: Process, size: int) -> Region | None:
        if self.under_way:
            return None
        region = self._memory.allocate(size)
        if region is None and self.movable and self._memory.could_hold(size):
            if self._lasts:
                self.under_way = True
                self._to_move.extend(self._holder[place] for place in self._memory.allocated())
                return None
            self._compact()
            region = self._memory.allocate(size)
        if region is not None:
            self._holder[region] = process
        return region

    def _compact(self) -> None:
        for region, to in self._memory.moves():
            self._move(region, to)

    def _move(self, region: Region, to: int) -> None:
        process = self._holder.pop(region)
        place = self._memory.move(region, to)
        self._holder[place] = process
        self._moved(process, place)
