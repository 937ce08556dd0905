"""A run that is still under way, seen from outside: what has closed since the last look, and now.

A machine gives sights to whoever watches it; `Growing` makes of them a record that can be drawn
like that of a finished run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from timeline.record.intervals import Interval, Intervals
from timeline.record.run import MemoryEvent, Run


class Sight(NamedTuple):
    """What happened since the last one, and what is so at `at_ns`, ns of the run."""

    at_ns: int
    closed: list[Interval]
    open: list[Interval]  # what everybody who lives is in, up to now
    memory: list[MemoryEvent]


class Growing:
    """A run put together from sights. `skeleton` has its scenario, machine and processes."""

    def __init__(self, skeleton: Run) -> None:
        self.at = 0
        self._skeleton = skeleton
        self._closed: list[Interval] = []
        self._open: list[Interval] = []
        self._memory: list[MemoryEvent] = []

    def see(self, sight: Sight) -> None:
        """One more sight."""
        self.at = sight.at_ns
        self._closed += sight.closed
        self._open = sight.open
        self._memory += sight.memory

    def run(self) -> Run:
        """All that has been seen so far, up to the last sight."""
        rows = Intervals()
        for row in self._closed:
            rows.add(row)
        for row in self._open:
            rows.add(row._replace(end=row.end + 1))  # it goes on
        return replace(
            self._skeleton,
            intervals=rows,
            memory_events=list(self._memory),
            overheads=[],
            decisions=None,
            makespan_ns=self.at,
        )
