"""Compaction: the bytes of a partition are copied while its worker is stopped.

A partition is never moved while its worker is in the middle of an access. A worker that was stopped
in an access is continued until it has finished the access (see `real.memory.partition`). How long
each copy took is noted. The functions that stop a worker for swapping are here, too.
"""

from __future__ import annotations

import os
import signal
import time
from array import array
from dataclasses import dataclass, field

from kernel.hardware import Region
from real.cells import ACCESSING, BASE, GENERATION, SIZE
from real.dispatched.worker_handle import WorkerHandle
from real.memory.physical import PhysicalMemory

PAUSE = 50e-6  # seconds that a worker runs to finish an access before it is stopped again


@dataclass(slots=True)
class Moves:
    """What compaction has moved in a run."""

    count: int = 0  # partitions
    size: int = 0  # bytes of the scenario
    copying: array[int] = field(default_factory=lambda: array("q"))  # start, end, … absolute ns

    def took(self) -> int:
        """Return how long all moves took together, ns, each from its first signal to its last."""
        return sum(self.copying[1::2]) - sum(self.copying[0::2])


def move(
    worker: WorkerHandle, memory: PhysicalMemory, source: Region, to: Region, seen: Moves
) -> None:
    """Move a worker's partition from `source` to `to`, and note it in `seen`.

    Both are regions of the scenario's memory.
    """
    began = time.monotonic_ns()
    stop_outside_of_access(worker)
    place = memory.place(to)
    memory.move(memory.place(source), place)
    worker.cells[worker.row + BASE], worker.cells[worker.row + SIZE] = place
    worker.cells[worker.row + GENERATION] += 1
    if not worker.stopped:
        os.kill(worker.pid, signal.SIGCONT)
    seen.count += 1
    seen.size += to.size
    seen.copying.extend((began, time.monotonic_ns()))


def stand_still(worker: WorkerHandle) -> None:
    """Stop a worker that is swapped out, outside of any access, until `come_back`."""
    stop_outside_of_access(worker)
    worker.stopped = True
    worker.halts += 1


def come_back(worker: WorkerHandle, place: Region) -> None:
    """Continue a worker whose bytes have been read back into `place` of physical memory.

    At its next access the worker makes the pages there accessible.
    """
    worker.cells[worker.row + BASE] = place.base
    worker.cells[worker.row + GENERATION] += 1
    worker.wake()
    if not worker.lives:
        worker.stopped = False


def stop_outside_of_access(worker: WorkerHandle) -> None:
    """Stop a worker outside of any access. Return when it has stopped, or is dead."""
    while worker.lives:
        os.kill(worker.pid, signal.SIGSTOP)
        died = not worker.await_stop()  # the supervisor sees a death the next time it waits
        if died or not worker.cells[worker.row + ACCESSING]:
            return
        os.kill(worker.pid, signal.SIGCONT)
        worker.halts += 1  # the loop sends SIGSTOP once more
        time.sleep(PAUSE)
