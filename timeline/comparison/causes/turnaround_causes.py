"""The causes of each process's turnaround difference: why it took longer in the second run.

If both runs consist of the same slices and waits, each delay is followed along the chain of events
that waited for each other (`delay_chain`). Otherwise turnaround = running + blocked + ready (+ the
rest: not in memory, suspended). Longer running is overshoot. Longer blocked is late I/O. While the
process was ready, its core was switched, or the dispatcher had it, or a program outside the run, or
another process, or no process had it (a late dispatch). If another process had it for longer
because the order was different, that is no cause, and the difference stays unexplained.

For a periodic process only the last jobs count: those from the last release at which it was idle in
both runs. A release comes at a fixed time, so delays before it have no effect.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kernel.process.states import BLOCKED, READY, RUNNING
from timeline.comparison.causes.core_losses import FOREIGN, LATE, SWITCHING, CoreLosses, Delay
from timeline.comparison.causes.delay_chain import IO, LOADING, REST, chained
from timeline.comparison.causes.steal import stolen_part
from timeline.record.intervals import Interval
from timeline.record.run import Job
from timeline.record.sorted_run import SortedRun


@dataclass(frozen=True, slots=True)
class Attribution:
    """The parts of one process's turnaround difference, ns, second less first."""

    name: str
    difference_ns: int
    overshoot_ns: int  # its own bursts took longer
    io_ns: int  # I/O took longer: its own, or that of processes that it waited for
    switching_ns: int  # switches, as far as the machine is known to need that time
    foreign_ns: int  # a program outside the scenario had a core
    late_ns: int  # late dispatches: no process had a core that a process waited for
    others_overshoot_ns: int  # bursts of other processes took longer than in the first run
    unexplained_ns: int
    stolen_ns: int = 0  # the hypervisor had a core, as far as the record says
    loading_ns: int = 0  # loading into memory, of this process or one that it waited for

    @property
    def explained(self) -> float | None:
        """The share of the difference that the causes explain; None: there is no difference."""
        if not self.difference_ns:
            return None
        return 1 - abs(self.unexplained_ns) / abs(self.difference_ns)


@dataclass(slots=True)
class _Part:
    """The parts of one process's turnaround in one run, ns."""

    ran: int = 0
    blocked: int = 0
    switching: int = 0
    foreign: int = 0
    idle: int = 0
    others: int = 0


def attributions(first: SortedRun, second: SortedRun) -> tuple[Attribution, ...]:
    """Return the causes of the turnaround difference of each process that ended in both runs."""
    delays = chained(first, second)
    if delays is not None:
        found = tuple(_by_chain(first, second, delays))
    else:
        found = _by_parts(first, second)
    return tuple(_without_stolen(row, second) for row in found)


def _without_stolen(row: Attribution, sorted_run: SortedRun) -> Attribution:
    stolen = stolen_part(sorted_run.run, row.foreign_ns)
    return replace(row, foreign_ns=row.foreign_ns - stolen, stolen_ns=stolen)


def _by_chain(
    first: SortedRun, second: SortedRun, delays: Sequence[Delay]
) -> Iterator[Attribution]:
    rows = zip(first.run.processes, second.run.processes, delays, strict=True)
    for at, (mine, yours, delay) in enumerate(rows):
        if mine.turnaround_ns is None or yours.turnaround_ns is None:
            continue
        yield Attribution(
            yours.name,
            yours.turnaround_ns - mine.turnaround_ns,
            delay.get(at, 0),
            delay.get(IO, 0),
            delay.get(SWITCHING, 0),
            delay.get(FOREIGN, 0),
            delay.get(LATE, 0),
            sum(ns for cause, ns in delay.items() if cause >= 0 and cause != at),
            delay.get(REST, 0),
            loading_ns=delay.get(LOADING, 0),
        )


def _by_parts(first: SortedRun, second: SortedRun) -> tuple[Attribution, ...]:
    since = _last_hours(first, second)
    one, other = _parts(first, since[0]), _parts(second, since[1])
    found = []
    more = [_ran(b) - _ran(a) for a, b in zip(first.tracks, second.tracks, strict=True)]
    ran = [max(_ran(track), 1) for track in second.tracks]
    beside_others = _beside_others(second, since[1])
    rows = zip(first.run.processes, second.run.processes, strict=True)
    for at, (mine, yours) in enumerate(rows):
        if mine.turnaround_ns is None or yours.turnaround_ns is None:
            continue
        a, b = one[at], other[at]
        difference = yours.turnaround_ns - mine.turnaround_ns
        longer = sum(more[index] * ns // ran[index] for index, ns in beside_others[at].items())
        known = (
            b.ran - a.ran,
            b.blocked - a.blocked,
            b.switching - a.switching,
            b.foreign - a.foreign,
            b.idle - a.idle,
            longer,
        )
        found.append(Attribution(yours.name, difference, *known, difference - sum(known)))
    return tuple(found)


def _last_hours(first: SortedRun, second: SortedRun) -> tuple[list[int], list[int]]:
    """Return for both runs the time (ns) of each process from which on delays count.

    It is the last release before which the process had completed the job before in both runs. If
    there is none, it is the arrival.
    """
    found: tuple[list[int], list[int]] = [], []
    for rows in zip(first.run.processes, second.run.processes, strict=True):
        jobs = list(zip(*(row.jobs or () for row in rows), strict=False))
        hour = tuple(row.arrival_ns for row in rows)
        for before, after in pairwise(jobs):
            if all(map(_met, before, after)):
                hour = tuple(job["release_ns"] for job in after)
        for of_run, at in zip(found, hour, strict=True):
            of_run.append(at)
    return found


def _met(job: Job, following: Job) -> bool:
    """Return whether a job was completed before the following job was released."""
    end = job["completion_ns"]
    return end is not None and end < following["release_ns"]


def _ran(track: Iterable[Interval]) -> int:
    return sum(row.end - row.start for row in track if row.state == RUNNING)


def _from(track: Iterable[Interval], since: int) -> list[Interval]:
    """Return the rows after `since` (ns). A row that contains it is cut."""
    return [row._replace(start=max(row.start, since)) for row in track if row.end > since]


def _parts(sorted_run: SortedRun, since: Sequence[int]) -> list[_Part]:
    lost, found = CoreLosses(sorted_run), []
    for track, hour in zip(sorted_run.tracks, since, strict=True):
        part = _Part()
        for row, core in _with_core(_from(track, hour)):
            length = row.end - row.start
            if row.state == RUNNING:
                part.ran += length
            elif row.state == BLOCKED and row.why == "released":
                # at the start of the counted time the release is late; later there is time to spare
                part.idle += length * (row.start == hour)
            elif row.state == BLOCKED:
                part.blocked += length
            elif row.state == READY and core < len(sorted_run.lanes):
                _ready(part, row, lost.between(core, row.start, row.end), sorted_run.lanes[core])
        found.append(part)
    return found


def _with_core(track: Sequence[Interval]) -> Iterable[tuple[Interval, int]]:
    """Return each row with its core: that of the process's present or next running interval.

    After the last running interval it is core 0.
    """
    core, found = 0, []
    for row in reversed(track):
        if row.state == RUNNING:
            core = row.core
        found.append((row, core))
    return reversed(found)


def _ready(part: _Part, row: Interval, lost: Delay, lane: Sequence[Interval]) -> None:
    """Add to `part` what the core was used for while the process was ready."""
    others = sum(_common(row, other) for other in _meeting(row, lane))
    part.switching += lost.get(SWITCHING, 0)
    part.foreign += lost.get(FOREIGN, 0)
    part.others += others
    part.idle += max(0, lost[LATE] - others)


def _common(row: Interval, other: Interval) -> int:
    return max(0, min(row.end, other.end) - max(row.start, other.start))


def _meeting(row: Interval, lane: Sequence[Interval]) -> Iterable[Interval]:
    """Yield the rows of a core that may overlap with `row`."""
    at = max(0, bisect_right(lane, row.start, key=lambda each: each.start) - 1)
    while at < len(lane) and lane[at].start < row.end:
        yield lane[at]
        at += 1


def _beside_others(sorted_run: SortedRun, since: Sequence[int]) -> list[dict[int, int]]:
    """Return for each process how long (ns) others ran on its core while it was ready."""
    found: list[dict[int, int]] = []
    for track, hour in zip(sorted_run.tracks, since, strict=True):
        mine: dict[int, int] = {}
        for row, core in _with_core(_from(track, hour)):
            if row.state == READY and core < len(sorted_run.lanes):
                for other in _meeting(row, sorted_run.lanes[core]):
                    common = _common(row, other)
                    mine[other.process] = mine.get(other.process, 0) + common
        found.append(mine)
    return found
