"""Which processes run and which are ready at each time of a run, and where two runs differ first.

On which core a process runs is not compared: a policy that lists its cores in another order decides
the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from typing import NamedTuple

from kernel.process.states import READY, RUNNING
from timeline.record.run import Run


class Moment(NamedTuple):
    """A stretch of time in which nothing changes: the names of who runs, and of who is ready."""

    start: int  # ns
    end: int  # ns
    running: frozenset[str]
    ready: frozenset[str]


class Difference(NamedTuple):
    """The first time at which two runs differ, ns, and what each of them runs then."""

    at: int
    mine: frozenset[str]
    other: frozenset[str]
    ready: frozenset[str]  # in the first run


def moments(run: Run) -> Iterator[Moment]:
    """Yield the stretches of the run, in order of time and without gaps."""
    names = run.process_names
    changes: list[tuple[int, int, int, bool]] = []  # time, end before begin, process, is running
    columns = run.intervals
    for process, start, end, state in zip(
        columns.process, columns.start, columns.end, columns.state, strict=True
    ):
        if state in (READY, RUNNING) and end > start:
            changes.append((start, 1, process, state == RUNNING))
            changes.append((end, 0, process, state == RUNNING))
    changes.sort()
    running: set[str] = set()
    ready: set[str] = set()
    since = 0
    for at, begins, process, runs in changes:
        if at > since:
            yield Moment(since, at, frozenset(running), frozenset(ready))
            since = at
        among = running if runs else ready
        (among.add if begins else among.discard)(names[process])


def first_difference(mine: Run, other: Run) -> Difference | None:
    """Return where `mine` differs first from `other`; None: the same processes run at each time."""
    sides = (list(moments(mine)), list(moments(other)))
    if _running(sides[0]) == _running(sides[1]):
        return None
    times = list(merge(*([moment.start for moment in side] for side in sides)))
    ends = max((side[-1].end for side in sides if side), default=0)
    for at in dict.fromkeys([*times, ends]):
        here, there = (_at(side, at) for side in sides)
        if here.running != there.running:
            return Difference(at, here.running, there.running, here.ready)
    return None


def _running(side: Sequence[Moment]) -> list[tuple[int, frozenset[str]]]:
    """Return each change of the running processes: from when on, and which."""
    found: list[tuple[int, frozenset[str]]] = []
    for moment in side:
        if not found or found[-1][1] != moment.running:
            found.append((moment.start, moment.running))
    return found


_NOTHING = Moment(0, 0, frozenset(), frozenset())


def _at(side: Sequence[Moment], at: int) -> Moment:
    return next((moment for moment in side if moment.start <= at < moment.end), _NOTHING)


class Wait(NamedTuple):
    """A time during which a process was ready without running, ns."""

    process: str
    start: int
    end: int


def longest_wait(run: Run) -> Wait | None:
    """Return the longest wait of the run, the first of equals; None if no process waited."""
    since: dict[str, int] = {}
    longest: Wait | None = None
    for moment in moments(run):
        for name in moment.ready:
            begun = since.setdefault(name, moment.start)
            if longest is None or moment.end - begun > longest.end - longest.start:
                longest = Wait(name, begun, moment.end)
        for name in [name for name in since if name not in moment.ready]:
            del since[name]
    return longest
