"""The two times of a run: the schedule's virtual time, and the wall clock."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class RunClock:
    """Virtual time is the time in which the schedule is decided: dispatching costs nothing in it.

    All in ns. `virtual` and `wall` are those of the instant that was decided last.
    """

    epoch: int = 0  # absolute: the run's first moment
    virtual: int = 0
    wall: int = 0  # ns of the run, when the instant really was

    def now(self) -> int:
        """Return the wall clock's time, ns of the run."""
        return time.monotonic_ns() - self.epoch
