"""Compaction: the bytes of a partition are copied while its worker is stopped.

A worker is never moved in the middle of an access: if it was stopped in one, it goes on until it
has finished that (see `real.memory.partition`). How long copying took is noted.
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

PAUSE = 50e-6  # seconds for a worker to get on with an access


@dataclass(slots=True)
class Moves:
    """What was moved. Bytes are those of the scenario; `copying` is absolute: start, end, … ns."""

    count: int = 0
    size: int = 0
    copying: array[int] = field(default_factory=lambda: array("q"))

    def took(self) -> int:
        """ns, from the first signal to the last."""
        return sum(self.copying[1::2]) - sum(self.copying[0::2])


def move(
    worker: WorkerHandle, memory: PhysicalMemory, source: Region, to: Region, seen: Moves
) -> None:
    """Move a worker's partition; regions as the scenario has them."""
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
    """Let a worker go on whose bytes are back, in `place` of physical memory.

    Its view of the memory follows at its next access.
    """
    worker.cells[worker.row + BASE] = place.base
    worker.cells[worker.row + GENERATION] += 1
    if worker.lives:
        worker.stopped = False
        os.kill(worker.pid, signal.SIGCONT)
    worker.stopped = False


def stop_outside_of_access(worker: WorkerHandle) -> None:
    """Stop a worker outside of any access. Return when it has really stopped, or is dead."""
    while worker.lives:
        os.kill(worker.pid, signal.SIGSTOP)
        died = not worker.await_stop()  # which the supervisor sees at its next look
        if died or not worker.cells[worker.row + ACCESSING]:
            return
        os.kill(worker.pid, signal.SIGCONT)
        worker.halts += 1  # and will be stopped once more
        time.sleep(PAUSE)
