"""The warm-up: decisions that keep the supervisor's code and data in the processor's caches.

A supervisor that has slept for a quantum finds them gone, and takes up to ten times as long for its
next decision. So after each sleep it makes a few decisions for a second supervisor, whose workers
are no processes and are never signalled.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from kernel.policies import POLICIES
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.workload import SchedulerSpec, Workload
from real.cells import DONE, RECEIVED, ROW, SharedCells
from real.dispatched.machine import RealMachine
from real.dispatched.pool import DispatchedPool
from real.dispatched.supervisor import Supervisor
from real.dispatched.worker_handle import WorkerHandle
from real.host.cpus import Cpus

PROGRAM = Program.of([(CPU, 1000), (WAIT, 1000)] * 500)
ALWAYS = 1 << 60


class WarmUp:
    """Two programs that take turns: one computes while the other waits for I/O.

    They are scheduled by the same policy if it is one of Multiprog's; a student's own policy might
    count or print.
    """

    def __init__(self, scheduler: SchedulerSpec) -> None:
        if scheduler.policy not in POLICIES.values():
            scheduler = replace(scheduler, policy=POLICIES["fcfs"], parameters={})
        specs = tuple(ProcessSpec(index, str(index), 0, PROGRAM) for index in range(2))
        self._workload = Workload({"seed": 0}, 1, (), None, scheduler, specs)
        self._begin()

    def _begin(self) -> None:
        pool = cast(DispatchedPool, SimpleNamespace(workers=_workers(), partitions=None))
        machine = RealMachine(self._workload, pool, spare=False)
        machine.clock.epoch = time.monotonic_ns() - ALWAYS // 2  # all is overdue
        cpus = Cpus((0,), frozenset())
        self._shadow = Supervisor(self._workload, machine, pool, cpus, lambda _done: None)
        self._shadow.start()

    def step(self) -> None:
        """Decide one instant: a burst ends or a wait is over, and something follows from it."""
        if self._shadow.system.living < 2:
            self._begin()
        self._shadow.instant()


def _workers() -> list[WorkerHandle]:
    cells: Any = [0] * 2 * ROW
    for row in (0, ROW):
        cells[row + DONE] = cells[row + RECEIVED] = ALWAYS
    return [
        _NoWorker(index, str(index), cast(SharedCells, SimpleNamespace(cells=cells)))
        for index in range(2)
    ]


class _NoWorker(WorkerHandle):
    """A worker that has always just finished, on the processor that it always was on."""

    __slots__ = ()

    def __init__(self, index: int, name: str, shared: SharedCells) -> None:
        super().__init__(index, name, shared)
        self.cpu = 0
        self.pid = os.getpid()

    def go(self) -> None:
        os.kill(self.pid, 0)  # no signal, but the way to it

    def halt(self) -> None:
        os.kill(self.pid, 0)
