"""What the supervisor and its workers share: one memfd with a row of cells for each worker.

A cell is an aligned 64-bit integer with exactly one writer. Behind the cells of a row lies the
worker's log: a ring of its running intervals, which the supervisor empties now and then. The
memory belongs to no name and dies with its last user; what a worker has logged outlives it.
"""

from __future__ import annotations

import mmap
import os
from array import array
from multiprocessing import reduction
from typing import Any

# written by the worker
PARKED = 0  # 1: it has started and waits for its first turn; -errno: it cannot go on
SINCE = 1  # start of the stint it is running, absolute ns; 0: between bursts
RECEIVED = 2  # CPU time it has had so far, as it sees it itself, ns; moves while it runs
OPENED = 3  # what RECEIVED was at the start of the stint it is running
DONE = 4  # bursts it has finished
DONE_AT = 5  # when it finished the last one, absolute ns
CPU = 6  # thread CPU time of its finished bursts, ns
LOGGED = 7  # running intervals it ever put into the log
COALESCED = 8  # running intervals that were joined to the one before because the log was full
ACCESSING = 14  # 1: it is in the middle of an access to its partition
CHECKED = 15  # what it found of its partition in the end: `partition.INTACT` or BROKEN
# written by the supervisor
DRAINED = 9  # running intervals taken out of the log
RELEASED = 10  # bursts after which it has been told to let go of the core
BASE = 11  # of its partition in physical memory, bytes
SIZE = 12  # of its partition, bytes; 0: none
GENERATION = 13  # how often its partition was moved

# written by the swapper, in a row of its own, beside DONE; its log has when each job ended
FAILED = 14  # errno of the job that it could not do; 0: none

CELLS = 16
LOG = 1024  # running intervals
ROW = CELLS + 2 * LOG  # cells

BELL = (1).to_bytes(8, "little")
"""One ring of an eventfd, or one turn."""

GAP = 100_000
"""ns. A longer gap of the clock means that the worker did not run: the record's resolution."""


class SharedCells:
    """The memfd, mapped. `cells` is one flat view of 64-bit integers; worker i's row starts at
    `i * ROW`.
    """

    def __init__(self, workers: int) -> None:
        size = max(workers, 1) * ROW * 8
        fd = os.memfd_create("multiprog-cells", os.MFD_CLOEXEC)
        try:
            os.ftruncate(fd, size)
            self._view(fd, size)
        finally:
            os.close(fd)  # the mapping keeps it, in every child too

    def _view(self, fd: int, size: int) -> None:
        self._map = mmap.mmap(fd, size)
        self.cells = memoryview(self._map).cast("q")

    def drain(self, worker: int, into: array[int]) -> int:
        """Append the worker's logged running intervals (start, end, …), and make room for more."""
        cells, row = self.cells, worker * ROW
        logged, drained = cells[row + LOGGED], cells[row + DRAINED]
        for entry in range(drained, logged):
            at = row + CELLS + 2 * (entry % LOG)
            into.append(cells[at])
            into.append(cells[at + 1])
        cells[row + DRAINED] = logged
        return logged - drained

    def open_interval(self, worker: int) -> tuple[int, int] | None:
        """The stint that the worker was in the middle of when it was last seen, if any."""
        cells, row = self.cells, worker * ROW
        since = cells[row + SINCE]
        if not since:
            return None
        return since, since + max(0, cells[row + RECEIVED] - cells[row + OPENED])

    def close(self) -> None:
        """Unmap."""
        self.cells.release()
        self._map.close()


class PortableSharedCells(SharedCells):
    """The same, for workers that are not forked: it can be handed to one that is being spawned."""

    def __init__(self, workers: int) -> None:
        size = max(workers, 1) * ROW * 8
        self._fd = os.memfd_create("multiprog-cells", os.MFD_CLOEXEC)
        os.ftruncate(self._fd, size)
        self._view(self._fd, size)

    def __getstate__(self) -> Any:
        return reduction.DupFd(self._fd), len(self._map)

    def __setstate__(self, state: Any) -> None:
        fd, size = state
        self._fd = fd.detach()
        self._view(self._fd, size)

    def close(self) -> None:
        super().close()
        os.close(self._fd)
