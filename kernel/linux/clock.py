"""The tick: the timer interrupt at which the kernel looks at the running task."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ticks:
    """The ticks at `phase`, `phase + period`, … ns of the run."""

    period: int
    phase: int = 0

    def at_or_after(self, at: int) -> int:
        """Return the first tick that is not before `at`."""
        return at + (self.phase - at) % self.period

    def after(self, at: int) -> int:
        """Return the first tick later than `at`."""
        return self.at_or_after(at + 1)

    def between(self, start: int, end: int) -> int:
        """Return how many ticks there are later than `start` and not later than `end`."""
        return max(0, (end - self.phase) // self.period - (start - self.phase) // self.period)
