"""How long cores belonged to no program because of switches, or because partitions were moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from real.dispatched.journal import Dispatch
from real.supervisor.overheads import NEVER, Windows, runs_by_core
from timeline.record.intervals import Intervals
from timeline.record.run import Overhead


def switches(
    intervals: Intervals,
    dispatches: Sequence[Sequence[Dispatch]],
    cores: int,
    early: int,
    copying: Windows = NEVER,
) -> tuple[list[Overhead], list[int]]:
    """Return the overheads of switches, and the dead time of every dispatch, ns.

    A dead time lasts from the moment at which the process before should have left the core to the
    moment at which the next one saw itself run. If the process before left up to `early` ns too
    early, its slice was ended early on purpose, and the dead time begins when it left. A process
    that had nothing to run, or only a call to make, is no such next one. Time in which partitions
    were copied (`copying`) is not counted.
    """
    overheads, dead = [], []
    for core, runs in enumerate(runs_by_core(intervals, cores)):
        starts = [start for start, _ in runs]
        sent = sorted((d.sent, d.due) for of in dispatches for d in of if d.core == core)
        unused: int | None = None  # since when a process should have run that did not
        for number, (moment, due_then) in enumerate(sent):
            following = bisect_left(starts, moment)
            if following == len(starts):
                break
            due = due_then if unused is None else min(due_then, unused)
            if number + 1 < len(sent) and sent[number + 1][0] <= starts[following]:
                unused = due
                continue
            unused = None
            start = starts[following]
            left = runs[following - 1][1] if following else 0
            since = left if due - early <= left < due else due
            copied = sum(until - at for at, until in copying.within(since, start))
            dead.append(start - since - copied)
            if max(due, left) < start:
                overheads.append(Overhead(core, max(due, left), start, "switch"))
    return overheads, dead


def still_unseen(intervals: Intervals, dispatches: Sequence[Sequence[Dispatch]], cores: int) -> int:
    """Return how long before the end of a stopped run the oldest unseen dispatch was due, ns.

    A dispatch is unseen if no process was seen to run on its core after it: a program outside the
    scenario may have had the core.
    """
    end = max((row.end for row in intervals), default=0)
    longest = 0
    for core, runs in enumerate(runs_by_core(intervals, cores)):
        left = runs[-1][1] if runs else 0
        sent = [d.due for of in dispatches for d in of if d.core == core and d.sent >= left]
        longest = max(longest, *(end - max(due, left) for due in sent), 0)
    return longest


def with_compaction(overheads: Sequence[Overhead], copying: Windows) -> Iterator[Overhead]:
    """Yield the overheads. The parts in which partitions were copied become compaction."""
    for lost in overheads:
        at = lost.start_ns
        for start, end in copying.within(at, lost.end_ns):
            if at < start:
                yield lost._replace(start_ns=at, end_ns=start)
            yield Overhead(lost.core, start, end, "compaction")
            at = end
        if at < lost.end_ns:
            yield lost._replace(start_ns=at)
