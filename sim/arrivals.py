"""The arrivals of a workload's processes at the simulated machine."""

from __future__ import annotations

from simpy import Event
from simpy.events import Timeout

from kernel.process.spec import ProcessSpec
from kernel.system.system import System
from kernel.workload import Workload
from sim.clock import Clock
from timeline.record.recorder import Record


class Arrivals:
    """Tells the system of each process at its arrival, by one timer at a time.

    The processes may be drawn during the run, so only the next one is known.
    """

    def __init__(self, clock: Clock, workload: Workload, system: System, record: Record) -> None:
        self._clock, self._system, self._record = clock, system, record
        self._coming = workload.arriving()
        self._next: ProcessSpec | None = next(self._coming, None)

    def await_next(self) -> None:
        """Set a timer for the next arrival, if there is one."""
        if self._next is not None:
            delay = self._next.arrival - self._clock.ns
            Timeout(self._clock, delay).callbacks.append(self._arrive)

    def _arrive(self, _: Event) -> None:
        now = self._clock.ns
        while (spec := self._next) is not None and spec.arrival == now:
            self._record.begin(spec)
            self._system.instant.arrived.append(self._system.process(spec))
            self._next = next(self._coming, None)
        self.await_next()
