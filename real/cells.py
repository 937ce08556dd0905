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

# of every worker, written by the worker
PARKED = 0  # 1: it has started and waits for its first turn; -errno: it cannot go on
SINCE = 1  # start of its running interval, absolute ns; 0: between bursts
RECEIVED = 2  # CPU time it has had so far, as it sees it itself, ns; moves while it runs
OPENED = 3  # what RECEIVED was at the start of its running interval
CPU = 4  # thread CPU time of its finished bursts, ns
LOGGED = 5  # entries it ever put into the log
COALESCED = 6  # entries that found the log full: joined to the one before, or lost
# of every worker, written by the supervisor
DRAINED = 7  # entries taken out of the log

OWN = 8
"""Here begin the cells that mean something else for each kind of worker. Those of a native worker
are in `real.native.cells`."""

# of a worker that a dispatcher sends to its core, written by the worker
DONE = OWN  # bursts it has finished
DONE_AT = OWN + 1  # when it finished the last one, absolute ns
ACCESSING = OWN + 2  # 1: it is in the middle of an access to its partition
CHECKED = OWN + 3  # what it found of its partition in the end: `partition.INTACT` or BROKEN
# of such a worker, written by the supervisor
RELEASED = OWN + 4  # bursts after which it has been told to let go of the core
BASE = OWN + 5  # of its partition in physical memory, bytes
SIZE = OWN + 6  # of its partition, bytes; 0: none
GENERATION = OWN + 7  # how often its partition was moved

# of the swapper, written by it beside DONE; its log has when each job ended
FAILED = OWN + 2  # errno of the job that it could not do; 0: none

CELLS = 16
LOG = 1024  # entries
ROW = CELLS + 2 * LOG  # cells

BELL = (1).to_bytes(8, "little")
"""One ring of an eventfd, or one turn."""

GAP = 100_000
"""ns. A longer gap of the clock means that the worker did not run: the record's resolution."""


class SharedCells:
    """The memfd, mapped. `cells` is one flat view of 64-bit integers.

    The row of worker i starts at `i * ROW`.
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
        """Return the running interval in the middle of which the worker was last seen, if any."""
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
        """Unmap, and close the file."""
        super().close()
        os.close(self._fd)
