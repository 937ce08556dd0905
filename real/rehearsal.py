"""Keeping the decision path warm.

A supervisor that has slept for a quantum finds its code and data gone from the processor's caches
and takes five to fifteen times as long for its next decision. So while it polls for a deadline, it
makes decisions in a machine of two programs that does not exist.
"""

from __future__ import annotations

import os

from kernel.memory import Region
from kernel.process import Process
from kernel.scheduling import POLICIES
from kernel.system import System
from kernel.units import seconds
from kernel.workload import CPU, ProcessSpec, Program, SchedulerSpec, Workload


class Rehearsal:
    """Two endless programs that take turns; each `step` is one expiry, a few microseconds."""

    def __init__(self) -> None:
        endless = Program.of([(CPU, seconds(10**9))])
        specs = tuple(ProcessSpec(index, str(index), 0, endless) for index in range(2))
        scheduler = SchedulerSpec("rr", POLICIES["rr"], POLICIES["rr"].parameters())
        workload = Workload({"seed": 0}, 1, (), None, scheduler, specs)
        self._system = System(workload, self, lambda row: None)
        self._pid = os.getpid()
        self._now = 0
        self._system.arrived.extend(self._system.processes)
        self._system.settle(0)

    def step(self) -> None:
        """Decide once, and signal nobody."""
        self._now += 1
        self._system.expired.append(0)
        self._system.settle(self._now)

    def run(self, process: Process, core: int, length: int) -> None:
        os.kill(self._pid, 0)

    def stop(self, process: Process, core: int) -> None:
        os.kill(self._pid, 0)

    def serve(self, process: Process, place: int, duration: int) -> None: ...
    def admitted(self, process: Process, region: Region | None) -> None: ...
    def finished(self, process: Process) -> None: ...
