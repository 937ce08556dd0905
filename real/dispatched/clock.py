"""The two times of a run: virtual time, in which the schedule is decided, and the wall clock."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class RunClock:
    """The epoch of a run, and the time of the instant that was decided last, in both times.

    All are in ns. In virtual time dispatching costs nothing.
    """

    epoch: int = 0  # the first moment of the run, absolute
    virtual: int = 0  # virtual time of the last instant
    wall: int = 0  # when that instant really was on the wall clock, ns of the run

    def now(self) -> int:
        """Return the wall clock's time, ns of the run."""
        return time.monotonic_ns() - self.epoch
