"""What comes out of an exercise: a run, and how its numbers are read."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.workload import Workload
from teaching.readings import AS_DEFINED, Reading
from timeline.record.run import Run


@dataclass(frozen=True)
class Outcome:
    """A run, and how its numbers are read. The right one, or that of a misconception."""

    workload: Workload
    run: Run
    reading: Reading = AS_DEFINED

    @property
    def time_unit(self) -> int:
        """The time unit of the scenario, ns."""
        return self.workload.time_unit
