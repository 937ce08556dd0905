"""The memory that the supervisor and its workers share: one memfd with a row for each worker.

A row begins with cells. A cell is an aligned 64-bit integer with exactly one writer. Behind the
cells of a row lies the worker's log: a ring buffer of its running intervals, which the supervisor
empties now and then. The memfd has no name, and the kernel frees it when no process maps it any
more. So the log of a worker is still there when the worker is dead.
"""

from __future__ import annotations

import mmap
import os
from array import array
from multiprocessing import reduction
from typing import Any

# every worker has these cells; the worker writes them
PARKED = 0  # 1: it has started and waits for its first turn; -errno: it cannot go on
SINCE = 1  # start of the present running interval, absolute ns; 0: between bursts
RECEIVED = 2  # CPU time received so far, as the worker measures it, ns; grows while it runs
OPENED = 3  # the value of RECEIVED at the start of the present running interval
CPU = 4  # thread CPU time of its finished bursts, ns
LOGGED = 5  # how many entries were put into the log since the start
COALESCED = 6  # how many entries found the log full: they were joined to the last one, or lost
# every worker has this cell; the supervisor writes it
DRAINED = 7  # how many entries were taken out of the log since the start

OWN = 8
"""The first of the cells whose meaning depends on the kind of worker. Those of a native worker are
in `real.native.cells`."""

# a worker that the supervisor dispatches has these cells; the worker writes them
DONE = OWN  # how many bursts it has finished
DONE_AT = OWN + 1  # when it finished the last one, absolute ns
ACCESSING = OWN + 2  # 1: it is in the middle of an access to its partition
CHECKED = OWN + 3  # result of the last check: `partition.INTACT`, or BROKEN and more; 0: none yet
# such a worker has these cells, too; the supervisor writes them
RELEASED = OWN + 4  # how many bursts the system has seen end: the worker gives up its core then
BASE = OWN + 5  # where its partition begins in physical memory, bytes
SIZE = OWN + 6  # size of its partition, bytes; 0: it has none
GENERATION = OWN + 7  # how often its partition was moved
DROPPED = OWN + 8  # it leaves its bursts up to this number (the first is 1): their jobs are over
REBASED = OWN + 9  # the CPU time that counts as received when it has left them, ns

# the swapper writes DONE and this cell; its log says when each job ended
FAILED = OWN + 2  # errno of the job that failed; 0: none

CELLS = 18
LOG = 1024  # entries
ROW = CELLS + 2 * LOG  # cells

BELL = (1).to_bytes(8, "little")
"""What is written to an eventfd to add 1 to its count: the supervisor is woken, or a worker gets a
turn."""

GAP = 100_000
"""ns. If a worker reads the clock twice, and more than this lies between, the worker did not run in
between. This is the resolution of the record."""


class SharedCells:
    """The memfd, mapped into this process. `cells` is one flat view of 64-bit integers.

    The row of worker i begins at `i * ROW`.
    """

    def __init__(self, workers: int) -> None:
        size = max(workers, 1) * ROW * 8
        fd = os.memfd_create("multiprog-cells", os.MFD_CLOEXEC)
        try:
            os.ftruncate(fd, size)
            self._view(fd, size)
        finally:
            os.close(fd)  # the mapping keeps the memory, in every child too

    def _view(self, fd: int, size: int) -> None:
        self._map = mmap.mmap(fd, size)
        self.cells = memoryview(self._map).cast("q")

    def drain(self, worker: int, into: array[int]) -> int:
        """Move all entries of the worker's log to the end of `into`. Return how many there were.

        A running interval becomes two numbers: its start and its end, absolute ns.
        """
        cells, row = self.cells, worker * ROW
        logged, drained = cells[row + LOGGED], cells[row + DRAINED]
        for entry in range(drained, logged):
            at = row + CELLS + 2 * (entry % LOG)
            into.append(cells[at])
            into.append(cells[at + 1])
        cells[row + DRAINED] = logged
        return logged - drained

    def open_interval(self, worker: int) -> tuple[int, int] | None:
        """Return the running interval that the worker has begun and not logged, if there is one.

        It is (start, end), absolute ns. It ends when the worker last published its CPU time.
        """
        cells, row = self.cells, worker * ROW
        since = cells[row + SINCE]
        if not since:
            return None
        return since, since + max(0, cells[row + RECEIVED] - cells[row + OPENED])

    def close(self) -> None:
        """Unmap the memory."""
        self.cells.release()
        self._map.close()


class PortableSharedCells(SharedCells):
    """Shared cells for workers that are not forked: they can be sent to a spawned worker."""

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
        """Unmap the memory, and close the file."""
        super().close()
        os.close(self._fd)
