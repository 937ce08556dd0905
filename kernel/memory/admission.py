"""Admission: programs wait outside memory until a place is found (long-term scheduling)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from kernel.memory.allocator import Allocator, Region
from kernel.process import Process
from kernel.units import LARGEST


class Admission:
    """The queue of programs that wait for memory.

    `rule` "fifo": the head of the line blocks those behind it; "skip": the first that fits goes.
    """

    def __init__(self, allocator: Allocator, rule: str = "fifo") -> None:
        self._allocator = allocator
        self._skips = rule == "skip"
        self._waiting: deque[tuple[Process, int]] = deque()

    def request(self, process: Process, size: int) -> Region | None:
        """A place of `size` bytes for a program that has just arrived; None: it waits in line."""
        region = None
        if self._skips or not self._waiting:
            region = self._place(process, size)
        if region is None:
            self._waiting.append((process, size))
        return region

    def withdraw(self, process: Process) -> None:
        """It is dead before it found a place. Who stood behind it is told by `admit`."""
        self._waiting = deque(entry for entry in self._waiting if entry[0] is not process)

    def release(self, region: Region) -> None:
        """A program has ended: its place is free. Whoever fits now is told by `admit`."""
        self._allocator.free(region)

    def admit(self) -> Iterator[tuple[Process, Region]]:
        """Those of the line who get a place now, in line order, and their places."""
        passed: deque[tuple[Process, int]] = deque()
        hopeless = LARGEST + 1  # bytes: so much finds no place, and nor does more
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

    def _place(self, process: Process, size: int) -> Region | None:
        """A place for `process`, whose turn it is, if there is one."""
        return self._allocator.allocate(size)
