"""From what the supervisor did and what the workers saw to the measured record of a run.

The books say which states a process went through and why; the workers' logs say when they ran.
Whatever lies between is waiting. All times here are ns of the run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kernel.process import BLOCKED, DEAD, NEW, READY, RUNNING, UNBORN, Process
from real.machine import Change, Dispatch
from timeline.intervals import NO_CORE, NO_DEVICE, Interval, Intervals
from timeline.run import Overhead


@dataclass(slots=True)
class Measured:
    """The record of one run in the making."""

    intervals: Intervals = field(default_factory=Intervals)
    overheads: list[Overhead] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)  # ns of each dispatch, see `Dispatch.due`
    ends: dict[int, int] = field(default_factory=dict)  # last moment of each process


class Life:
    """One process's walk through its changes, dispatches and stints."""

    def __init__(
        self,
        process: Process,
        changes: Sequence[Change],
        dispatches: Sequence[Dispatch],
        stints: array[int],  # start, end, start, end, …
        stopped_at: int | None,
    ) -> None:
        self.process = process
        self.dead: list[int] = []
        self.overheads: list[Overhead] = []
        self.at = process.arrival  # up to here everything is told
        self._changes = changes
        self._dispatches = dispatches
        self._starts, self._ends = stints[0::2], stints[1::2]
        self._slice = 0
        self._stopped_at = stopped_at

    def intervals(self) -> Iterator[Interval]:
        """All its intervals, in order, from its arrival on."""
        for change in self._changes:
            if change.state == RUNNING:
                yield from self._run(change.why)
            elif change.state in (NEW, BLOCKED):
                yield from self._until(change.wall, change.state, change.why, change.device)
        if self._stopped_at is not None:
            yield from self._unfinished(self._stopped_at)

    def _unfinished(self, end: int) -> Iterator[Interval]:
        """What it was in the middle of when the run was stopped."""
        state = self.process.state
        if state is RUNNING:
            yield from self._run("stopped")
        elif state not in (DEAD, UNBORN):
            place = NO_DEVICE
            if state is BLOCKED:
                place = max(self.process.program.places[self.process.step], NO_DEVICE)
            yield from self._until(end, state, "stopped", place)

    def _until(self, end: int, state: int, why: str, device: int) -> Iterator[Interval]:
        if end > self.at:
            yield Interval(self.process.index, state, self.at, end, NO_CORE, device, why)
            self.at = end

    def _run(self, why: str) -> Iterator[Interval]:
        """One slice: the stints between its dispatch and the next one."""
        dispatch = self._dispatches[self._slice]
        self._slice += 1
        first = bisect_left(self._starts, dispatch.sent)
        last = len(self._starts)
        if self._slice < len(self._dispatches):
            last = bisect_left(self._starts, self._dispatches[self._slice].sent)
        if first < last:
            self.dead.append(self._starts[first] - dispatch.due)
        for stint in range(first, last):
            start, end = max(self._starts[stint], self.at), self._ends[stint]
            yield from self._until(
                start, READY, "dispatched" if stint == first else "resumed", NO_DEVICE
            )
            if stint > first:
                self.overheads.append(
                    Overhead(dispatch.core, self._ends[stint - 1], start, "interrupted")
                )
            if end > start:
                ended = why if stint == last - 1 else "interrupted"
                yield Interval(
                    self.process.index, RUNNING, start, end, dispatch.core, NO_DEVICE, ended
                )
                self.at = end


def switches(
    intervals: Intervals, dispatches: Sequence[Sequence[Dispatch]], cores: int
) -> Iterator[Overhead]:
    """The dead time of every core: from when it should have gone on, or from when the last one
    was seen to leave it if that was later, to when the next one saw itself run."""
    sent = sorted(
        (dispatch.sent, dispatch.due, dispatch.core)
        for of_process in dispatches
        for dispatch in of_process
    )
    runs: list[list[tuple[int, int]]] = [[] for _ in range(cores)]
    for row in intervals:
        if row.state == RUNNING:
            runs[row.core].append((row.start, row.end))
    for core in range(cores):
        runs[core].sort()
        starts = [start for start, _ in runs[core]]
        for moment, due, where in sent:
            if where != core:
                continue
            following = bisect_left(starts, moment)
            if following == len(starts):
                continue
            begin = max(due, runs[core][following - 1][1] if following else 0)
            if begin < starts[following]:
                yield Overhead(core, begin, starts[following], "switch")
