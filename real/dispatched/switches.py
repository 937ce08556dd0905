"""How long cores belonged to no program because they changed hands, or partitions were moved."""

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
    """Return the overheads of cores that changed hands, and the dead time of every dispatch, ns.

    A dead time lasts from the moment at which the last process should have left the core to the
    moment at which the next one saw itself run. A process that was cut short by up to `early` ns
    should have left when it did. While partitions were `copying` the dispatch was not late.
    """
    overheads, dead = [], []
    for core, runs in enumerate(runs_by_core(intervals, cores)):
        starts = [start for start, _ in runs]
        sent = sorted((d.sent, d.due) for of in dispatches for d in of if d.core == core)
        for number, (moment, due) in enumerate(sent):
            following = bisect_left(starts, moment)
            if following == len(starts):
                break
            if number + 1 < len(sent) and sent[number + 1][0] <= starts[following]:
                continue  # it had nothing left to run: the next process was sent at once
            start = starts[following]
            left = runs[following - 1][1] if following else 0
            since = left if due - early <= left < due else due
            copied = sum(until - at for at, until in copying.within(since, start))
            dead.append(start - since - copied)
            if max(due, left) < start:
                overheads.append(Overhead(core, max(due, left), start, "switch"))
    return overheads, dead


def still_unseen(intervals: Intervals, dispatches: Sequence[Sequence[Dispatch]], cores: int) -> int:
    """Return how long the oldest dispatch had been under way at the end of a stopped run, ns.

    After such a dispatch no process was seen to run on the core: another program may have had it.
    """
    end = max((row.end for row in intervals), default=0)
    longest = 0
    for core, runs in enumerate(runs_by_core(intervals, cores)):
        left = runs[-1][1] if runs else 0
        sent = [d.due for of in dispatches for d in of if d.core == core and d.sent >= left]
        longest = max(longest, *(end - max(due, left) for due in sent), 0)
    return longest


def with_compaction(overheads: Sequence[Overhead], copying: Windows) -> Iterator[Overhead]:
    """Yield the overheads; the parts in which partitions were copied are compaction."""
    for lost in overheads:
        at = lost.start_ns
        for start, end in copying.within(at, lost.end_ns):
            if at < start:
                yield lost._replace(start_ns=at, end_ns=start)
            yield Overhead(lost.core, start, end, "compaction")
            at = end
        if at < lost.end_ns:
            yield lost._replace(start_ns=at)
