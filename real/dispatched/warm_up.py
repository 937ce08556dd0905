"""Keeping the decision path warm.

A supervisor that has slept for a quantum finds its code and data gone from the processor's caches
and takes up to ten times as long for its next decision. So after each sleep it makes a few
decisions of a supervisor that does not exist, whose workers are never signalled.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any, cast

from kernel.policies import POLICIES
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.workload import SchedulerSpec, Workload
from real.cells import DONE, RECEIVED, ROW
from real.dispatched.machine import RealMachine
from real.dispatched.pool import Pool, WorkerHandle
from real.host.cpus import Cpus

PROGRAM = Program.of([(CPU, 1000), (WAIT, 1000)] * 500)
ALWAYS = 1 << 60


class WarmUp:
    """Two programs that take turns: one computes while the other waits for I/O.

    Scheduled by the same policy if it is one of ours; one of somebody's own might count or print.
    """

    def __init__(self, scheduler: SchedulerSpec) -> None:
        if scheduler.policy not in POLICIES.values():
            scheduler = replace(scheduler, policy=POLICIES["fcfs"], parameters={})
        specs = tuple(ProcessSpec(index, str(index), 0, PROGRAM) for index in range(2))
        self._workload = Workload({"seed": 0}, 1, (), None, scheduler, specs)
        self._begin()

    def _begin(self) -> None:
        self._shadow = RealMachine(
            self._workload,
            cast(Pool, _Understudies()),
            Cpus((0,), frozenset()),
            lambda done: None,
        )
        self._shadow.epoch = time.monotonic_ns() - ALWAYS // 2  # all is overdue
        self._shadow.start()

    def step(self) -> None:
        """One instant: a burst ends or a wait is over, and what follows from it."""
        if self._shadow.system.living < 2:
            self._begin()
        self._shadow.instant()


class _Understudies:
    """What a machine needs of a pool, without a process."""

    def __init__(self) -> None:
        self.workers = [_Understudy(index) for index in range(2)]


class _Understudy(WorkerHandle):
    """A worker that has always just finished, on the processor that it always was on."""

    __slots__ = ()

    def __init__(self, index: int) -> None:
        cells: Any = [0] * ROW
        cells[DONE] = cells[RECEIVED] = ALWAYS
        self.index, self.name, self.row, self.cells = index, str(index), 0, cells
        self.cpu = self.served_bursts = 0
        self.pid = os.getpid()
        self.working = self.stopped = self.dismissed = False

    def go(self) -> None:
        os.kill(self.pid, 0)  # no signal, but the way to it

    def halt(self) -> None:
        os.kill(self.pid, 0)
