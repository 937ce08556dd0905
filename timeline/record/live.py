"""A run that is still under way: what has happened since the last update, and the present states.

A machine gives a `LiveUpdate` to each caller that watches it. `RunSoFar` combines the updates into
a record that can be drawn like the record of a finished run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from timeline.record.intervals import Interval, Intervals
from timeline.record.run import MemoryEvent, Run


class LiveUpdate(NamedTuple):
    """What happened since the last update, and the state of each process at `at_ns` of the run."""

    at_ns: int
    closed: list[Interval]
    open: list[Interval]  # the interval of each living process that has not ended, up to `at_ns`
    memory: list[MemoryEvent]


class RunSoFar:
    """A run combined from updates. `skeleton` has its scenario, machine and processes."""

    def __init__(self, skeleton: Run) -> None:
        self.at = 0
        self._skeleton = skeleton
        self._closed: list[Interval] = []
        self._open: list[Interval] = []
        self._memory: list[MemoryEvent] = []

    def add(self, update: LiveUpdate) -> None:
        """Add the next update."""
        self.at = update.at_ns
        self._closed += update.closed
        self._open = update.open
        self._memory += update.memory

    def run(self) -> Run:
        """Return the run as far as it is known, up to the last update."""
        rows = Intervals()
        for row in self._closed:
            rows.add(row)
        for row in self._open:
            rows.add(row._replace(end=row.end + 1))  # the interval has not ended
        return replace(
            self._skeleton,
            intervals=rows,
            memory_events=list(self._memory),
            overheads=[],
            decisions=None,
            makespan_ns=self.at,
        )
