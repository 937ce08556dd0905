"""The jobs of periodic processes on the simulated machine: timers, and what became of each job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import simpy
from simpy.events import Timeout

from kernel.process.control_block import Process
from kernel.system.instant import InstantFacts
from sim.clock import Clock
from timeline.record.metrics import ProcessFacts


class Jobs:
    """The part of `SimulatedMachine` that is about jobs: see `kernel.system.hardware`."""

    _clock: Clock
    _instant: InstantFacts
    _facts: Mapping[int, ProcessFacts]

    def await_release(self, process: Process, delay: int) -> None:
        """Set a timer for the release of the process's next job, in `delay` ns."""
        Timeout(self._clock, delay, process).callbacks.append(self._job_due)

    def await_deadline(self, process: Process, delay: int) -> None:
        """Set a timer for the deadline of the process's current job, in `delay` ns."""
        due = Timeout(self._clock, delay, (process, process.job))
        due.callbacks.append(self._deadline_come)

    def job_done(self, process: Process) -> None:
        """Record when the process has completed a job."""
        self._facts[process.index].jobs.append(self._clock.ns)

    def job_aborted(self, process: Process, dropped: int) -> None:
        """Record that the process's current job is dropped, with `dropped` ns of CPU time."""
        self._facts[process.index].aborted[process.job] = dropped

    def _job_due(self, event: simpy.Event) -> None:
        process: Any = event.value
        self._instant.released.append(process)

    def _deadline_come(self, event: simpy.Event) -> None:
        due: Any = event.value
        self._instant.overdue.append(due)
