"""Admission: programs wait outside memory until a place is found (long-term scheduling)."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence

from kernel.hardware import Region
from kernel.memory.allocator import Allocator
from kernel.process.control_block import Process
from kernel.units import LARGEST


class Admission:
    """The admission queue: programs that wait for memory.

    `rule` "fifo": no program enters before the head of the queue; "skip": the first that fits does.
    """

    def __init__(self, allocator: Allocator, rule: str = "fifo") -> None:
        self._allocator = allocator
        self._skips = rule == "skip"
        self._waiting: deque[tuple[Process, int]] = deque()
        self.movable = True  # no program is being swapped out or in

    @property
    def anybody_waits(self) -> bool:
        """Return whether a program waits in the queue."""
        return bool(self._waiting)

    def request(self, process: Process, size: int) -> Region | None:
        """Return a place of `size` bytes for a program that has arrived; None: it is queued."""
        region = None
        if self._skips or not self._waiting:
            region = self._place(process, size)
        if region is None:
            self._waiting.append((process, size))
        return region

    def withdraw(self, process: Process) -> None:
        """Remove a process that died in the queue. `admit` must follow: others may enter now."""
        self._waiting = deque(entry for entry in self._waiting if entry[0] is not process)

    def join(self, process: Process, size: int) -> None:
        """Queue a program, even if there is a place for it. It enters by `admit`."""
        self._waiting.append((process, size))

    def release(self, region: Region) -> None:
        """Free the place of a program that ended or was swapped out. A call of `admit` must follow.

        Other programs may fit now.
        """
        self._allocator.free(region)

    def admit(self) -> Iterator[tuple[Process, Region]]:
        """Yield the programs that get a place now, in the order of the queue, and their places."""
        passed: deque[tuple[Process, int]] = deque()
        hopeless = LARGEST + 1  # bytes: so much, or more, finds no place
        while self._waiting:
            process, size = waiting = self._waiting.popleft()
            if size < hopeless:
                region = self._place(process, size)
                if region is not None:
                    yield process, region
                    continue
                hopeless = size
            passed.append(waiting)
            if not self._skips:
                break
        self._waiting.extendleft(reversed(passed))

    def in_the_way(self, leaving: Sequence[Region], others: Sequence[Region]) -> list[Region]:
        """Return which of the `others`, in their order, must leave so that the first program fits.

        The list is empty if the regions that are `leaving` are enough, or if all together are not.
        """
        if not self._waiting:
            return []
        size = self._waiting[0][1]

        def enough(number: int) -> bool:
            return self._obtainable([*leaving, *others[:number]]) >= size

        if enough(0) or not enough(len(others)):
            return []
        number = bisect_left(range(len(others)), True, key=enough)
        chosen = list(others[:number])
        for region in others[: number - 1]:  # the last one is needed; the others may not be
            rest = [each for each in chosen if each != region]
            if self._obtainable([*leaving, *rest]) >= size:
                chosen = rest
        return chosen

    def _obtainable(self, leaving: Sequence[Region]) -> int:
        """Return the largest program (bytes) that would find a place if these regions were free."""
        return self._allocator.largest_without(leaving)

    def _place(self, process: Process, size: int) -> Region | None:
        """Return a place for `process`, whose turn it is; None if there is none."""
        return self._allocator.allocate(size)
