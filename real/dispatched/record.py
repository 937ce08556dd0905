"""From what the supervisor did and what the workers saw to the measured record of a run.

The books say which states a process went through and why; the workers' logs say when they ran.
Whatever lies between is waiting. All times here are ns of the run.
"""

from __future__ import annotations

import statistics
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kernel.hardware import Region
from kernel.process.control_block import Process
from kernel.process.states import BLOCKED, DEAD, NEW, READY, RUNNING, SUSPENDED, UNBORN, ZOMBIE
from real.cells import GAP
from real.dispatched.journal import Change, Dispatch
from timeline.comparison.causes.core_losses import OUTSIDE
from timeline.record.intervals import NO_CORE, NO_DEVICE, Interval, Intervals
from timeline.record.run import Overhead


class Windows:
    """Stretches of time, none overlapping another: start, end, start, end, …"""

    def __init__(self, moments: Sequence[int]) -> None:
        self._starts, self._ends = moments[0::2], moments[1::2]

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What of them lies in [start, end)."""
        for at in range(bisect_right(self._ends, start), len(self._starts)):
            if self._starts[at] >= end:
                return
            yield max(start, self._starts[at]), min(end, self._ends[at])


NEVER = Windows(())


@dataclass(slots=True)
class Measured:
    """The record of one run in the making."""

    intervals: Intervals = field(default_factory=Intervals)
    overheads: list[Overhead] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)  # last moment of each process
    copying: Windows = NEVER  # when partitions were copied


class MeasuredTrack:
    """One process's walk through its changes, dispatches and running intervals."""

    def __init__(
        self,
        process: Process,
        changes: Sequence[Change],
        dispatches: Sequence[Dispatch],
        running_intervals: array[int],  # start, end, start, end, …
        at_work: Windows,
        early: int,  # ns that an expiry may come before its time
        stopped_at: int | None,
        before: tuple[int, int] | None = None,  # state and device then, if not what the books say
        admission: tuple[int, Region | None] | None = None,
        arrived: int | None = None,  # if not as scheduled
    ) -> None:
        self.overheads: list[Overhead] = []
        self.intervals: list[Interval] = []  # in order, from its arrival on
        self.at = process.arrival if arrived is None else arrived  # up to here everything is told
        self.died: int | None = None  # if it was a zombie after that
        self._process = process
        self._at_work = at_work
        self._early = early
        self._dispatches = dispatches
        self._slices = split(running_intervals, [dispatch.sent for dispatch in dispatches])
        self._next = 0  # slice
        if admission is not None and admission[1] is not None:  # it needed memory: that took until
            self._until(admission[0], NEW, "admitted")
        for change in changes:
            if change.state == RUNNING:
                self._run(change.why, change.wall)
            elif change.why == "released" and change.wall <= self.at:
                self._amend("released")  # it was so late that its next job was due already
            elif change.state == ZOMBIE:
                self.died = self.at
                self._until(change.wall, ZOMBIE, change.why)
            elif change.state in (NEW, BLOCKED, SUSPENDED) or change.why == "killed":
                self._until(change.wall, change.state, change.why, change.device)
        if stopped_at is not None:
            self._unfinished(stopped_at, before)

    def _unfinished(self, end: int, before: tuple[int, int] | None) -> None:
        """What it was in the middle of when the run was stopped."""
        state: int = self._process.state
        place = NO_DEVICE
        if state == ZOMBIE:
            self.died = self.at
        if before is not None:
            state, place = before
        elif state == BLOCKED:
            place = max(self._process.places[self._process.step], NO_DEVICE)
        if state == RUNNING and self._next == len(self._dispatches):
            self._until(end, READY, "stopped")  # decided, but not yet sent
        elif state == RUNNING:
            self._run("stopped", end)
        elif state not in (DEAD, UNBORN):
            self._until(end, state, "stopped", place)

    def _until(
        self, end: int, state: int, why: str, device: int = NO_DEVICE, core: int = NO_CORE
    ) -> None:
        if end > self.at:
            row = Interval(self._process.index, state, self.at, end, core, device, why)
            self.intervals.append(row)
            self.at = end

    def _run(self, why: str, wall: int) -> None:
        """One slice, which ended at `wall`: what ran between its dispatch and the next one."""
        dispatch, running_intervals = self._dispatches[self._next], self._slices[self._next]
        self._next += 1
        at = dispatch.sent
        for number, (start, end) in enumerate(running_intervals):
            self._until(start, READY, "resumed" if number else "dispatched")
            if number:
                self._disturbed(dispatch.core, at, start)
            ended = why if number == len(running_intervals) - 1 else "interrupted"
            self._until(end, RUNNING, ended, core=dispatch.core)
            at = end
        if (
            not running_intervals
        ):  # it had finished the burst when its slice before this one was cut off
            self._amend(why)
        lost = wall - self._early if why == "expired" else wall
        if lost - at > GAP and why != "killed":  # it lost its core while it did not run
            self._disturbed(dispatch.core, at, lost)

    def _disturbed(self, core: int, start: int, end: int) -> None:
        """In the middle of its slice it did not run: while the dispatcher was at work because of
        that, and beyond it because somebody else had the core.
        """
        at = start
        for since, until in self._at_work.within(start, end):
            if since - at > GAP:
                self.overheads.append(Overhead(core, at, since, OUTSIDE))
                at = since
            until = end if end - until <= GAP else until
            self.overheads.append(Overhead(core, at, until, "dispatcher"))
            at = until
        if at < end:
            self.overheads.append(Overhead(core, at, end, OUTSIDE))

    def _amend(self, why: str) -> None:
        """The last time it ran, or waited for what no burst follows, ended so after all."""
        last = self.intervals[-1] if self.intervals else None
        if last is not None and (last.state == RUNNING or last.why == "continued"):
            self.intervals[-1] = last._replace(why=why)


def split(running_intervals: array[int], sent: Sequence[int]) -> list[list[tuple[int, int]]]:
    """The running intervals of each slice: those from its dispatch to the next.

    A process that loses one core and gets another at once does not notice: its stint is cut there.
    """
    slices: list[list[tuple[int, int]]] = [[] for _ in sent]
    for start, end in zip(running_intervals[0::2], running_intervals[1::2], strict=True):
        number = max(bisect_right(sent, start) - 1, 0)
        while number + 1 < len(sent) and sent[number + 1] < end:
            slices[number].append((start, sent[number + 1]))
            number, start = number + 1, sent[number + 1]
        if number < len(sent) and start < end:  # empty: gone again before it had run
            slices[number].append((start, end))
    return slices


def switches(
    intervals: Intervals,
    dispatches: Sequence[Sequence[Dispatch]],
    cores: int,
    early: int,
    copying: Windows = NEVER,
) -> tuple[list[Overhead], list[int]]:
    """Every stretch in which a core belonged to nobody because it changed hands, and the dead
    time of every dispatch (ns): from when the last one should have left to when the next one saw
    itself run.

    One that was cut short by up to `early` ns should have left when it did. While partitions were
    copied the dispatch was not late.
    """
    overheads, dead = [], []
    for core, runs in enumerate(_runs(intervals, cores)):
        starts = [start for start, _ in runs]
        sent = sorted((d.sent, d.due) for of in dispatches for d in of if d.core == core)
        for number, (moment, due) in enumerate(sent):
            following = bisect_left(starts, moment)
            if following == len(starts):
                break
            if number + 1 < len(sent) and sent[number + 1][0] <= starts[following]:
                continue  # it had nothing left to run: the next one was sent at once
            start = starts[following]
            left = runs[following - 1][1] if following else 0
            since = left if due - early <= left < due else due
            copied = sum(until - at for at, until in copying.within(since, start))
            dead.append(start - since - copied)
            if max(due, left) < start:
                overheads.append(Overhead(core, max(due, left), start, "switch"))
    return overheads, dead


def still_unseen(intervals: Intervals, dispatches: Sequence[Sequence[Dispatch]], cores: int) -> int:
    """How long (ns), at the end, the oldest dispatch had been under way that nobody was seen to
    run after. Of a run that was stopped: others may have had the core just then.
    """
    end = max((row.end for row in intervals), default=0)
    longest = 0
    for core, runs in enumerate(_runs(intervals, cores)):
        left = runs[-1][1] if runs else 0
        sent = [d.due for of in dispatches for d in of if d.core == core and d.sent >= left]
        longest = max(longest, *(end - max(due, left) for due in sent), 0)
    return longest


def dispatch_times(dead: Sequence[int], late: int = 0) -> dict[str, int]:
    """Dead times of all dispatches in short, ns, and the most that a ready process may have to
    wait for a core: the supervisor may have been `late`, and no moment is known better than GAP.
    """
    if not dead:
        return {"count": 0}
    ordered = sorted(dead)
    return {
        "count": len(ordered),
        "dead_p50_ns": int(statistics.median(ordered)),
        "dead_p99_ns": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        "dead_max_ns": ordered[-1],
        "slack_ns": ordered[-1] + late + GAP,
    }


def beside_runs(overheads: Sequence[Overhead], intervals: Intervals, cores: int) -> list[Overhead]:
    """Return what of the overheads lies outside all running intervals and each other, in order.

    A run is over with its last program: that the supervisor noticed that later costs no core.
    Two processes tell of each switch, with a clock each: the one that lost the core, and the one
    that got it. If a third process let that one go on, one part of the overhead lies before its
    interval, and one part behind it.
    """
    found = []
    over = max((row.end for row in intervals if row.state != ZOMBIE), default=0)
    within = [each._replace(end_ns=min(each.end_ns, over)) for each in overheads]
    for core, runs in enumerate(_runs(intervals, cores)):
        ends, free = [end for _, end in runs], 0
        for lost in sorted(
            (each for each in within if each.core == core and each.start_ns < each.end_ns),
            key=lambda overhead: overhead.start_ns,
        ):
            start = max(lost.start_ns, free)
            for run in runs[bisect_right(ends, start) :]:  # that end after it began
                if run[0] >= lost.end_ns:
                    break
                if start < run[0]:
                    found.append(lost._replace(start_ns=start, end_ns=run[0]))
                start = max(start, run[1])
            if start < lost.end_ns:
                found.append(lost._replace(start_ns=start))
            free = max(free, lost.end_ns)
    return sorted(found, key=lambda overhead: (overhead.start_ns, overhead.core))


def with_compaction(overheads: Sequence[Overhead], copying: Windows) -> Iterator[Overhead]:
    """The overheads, with what of them passed while partitions were copied told as that."""
    for lost in overheads:
        at = lost.start_ns
        for start, end in copying.within(at, lost.end_ns):
            if at < start:
                yield lost._replace(start_ns=at, end_ns=start)
            yield Overhead(lost.core, start, end, "compaction")
            at = end
        if at < lost.end_ns:
            yield lost._replace(start_ns=at)


def _runs(intervals: Intervals, cores: int) -> list[list[tuple[int, int]]]:
    """(start, end) of the running intervals of each core, in order."""
    runs: list[list[tuple[int, int]]] = [[] for _ in range(cores)]
    for row in intervals:
        if row.state == RUNNING:
            runs[row.core].append((row.start, row.end))
    for of_core in runs:
        of_core.sort()
    return runs
