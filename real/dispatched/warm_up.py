"""The warm-up: decisions that keep the supervisor's code and data in the processor's caches.

While the supervisor sleeps, the caches lose its code and data. After a sleep as long as a quantum,
its next decision takes up to ten times as long. So after each sleep it calls a second supervisor,
which makes a few decisions. The workers of the second supervisor are no real processes.
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
    """A second supervisor with two programs: one computes while the other waits for I/O.

    It uses the policy of the run if that ships with Multiprog, and FCFS otherwise: a user's own
    policy might count or print its calls.
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
        machine.clock.epoch = time.monotonic_ns() - ALWAYS // 2  # so all events are overdue
        cpus = Cpus((0,), frozenset())
        self._shadow = Supervisor(self._workload, machine, pool, cpus, lambda _done: None)
        self._shadow.start()

    def step(self) -> None:
        """Decide one instant, at which a burst or a wait ends."""
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
    """The handle of no process: its burst has always ended, and it is always pinned already."""

    __slots__ = ()

    def __init__(self, index: int, name: str, shared: SharedCells) -> None:
        super().__init__(index, name, shared)
        self.cpu = 0
        self.pid = os.getpid()

    def go(self) -> None:
        os.kill(self.pid, 0)  # the system call of a signal, without the signal

    def halt(self) -> None:
        os.kill(self.pid, 0)
