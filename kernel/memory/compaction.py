"""Compaction: when a program needs it, all that is free is brought together into one hole."""

from __future__ import annotations

from collections.abc import Callable

from kernel.memory.admission import Admission
from kernel.memory.allocator import Region
from kernel.memory.variable import VariablePartitions
from kernel.process import Process

Moved = Callable[[Process, Region], None]
"""Told of each move in its order: who is moved, and its new place."""


class CompactingAdmission(Admission):
    """Admission that compacts memory for a program which finds no place, but would find one then.

    Nobody else is a reason to: moving costs time, and helps only who gets in by it.
    """

    def __init__(self, memory: VariablePartitions, rule: str, moved: Moved) -> None:
        super().__init__(memory, rule)
        self._memory = memory
        self._moved = moved
        self._holder: dict[Region, Process] = {}

    def release(self, region: Region) -> None:
        super().release(region)
        del self._holder[region]

    def _place(self, process: Process, size: int) -> Region | None:
        region = self._memory.allocate(size)
        if region is None and self._memory.could_hold(size):
            self._compact()
            region = self._memory.allocate(size)
        if region is not None:
            self._holder[region] = process
        return region

    def _compact(self) -> None:
        for region, to in self._memory.moves():
            process = self._holder.pop(region)
            place = self._memory.move(region, to)
            self._holder[place] = process
            self._moved(process, place)
