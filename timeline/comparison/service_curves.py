"""Service curves and occupancy of the cores in two runs, and how far they differ, exactly.

The service curve S(t) of a process is the CPU time that it has received up to t. It is flat while
the process waits, and has slope 1 while the process runs. So the distance of two curves is largest
at one of their corners.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kernel.process.states import RUNNING
from timeline.record.intervals import Interval

NO_PROCESS = -1


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance of two service curves: largest and mean |S2 - S1|, in ns and in quanta."""

    largest_ns: int
    mean_ns: int  # over the time from the first arrival to the later end
    largest_quanta: float | None = None
    mean_quanta: float | None = None


def service_distance(
    first: Sequence[Interval], second: Sequence[Interval], quantum: int | None = None
) -> Distance | None:
    """Return the distance of the curves of one process; None if it has no intervals in a run.

    The distance is also given in quanta if `quantum` (ns) is given.
    """
    if not first or not second:
        return None
    begin = min(first[0].start, second[0].start)
    end = max(first[-1].end, second[-1].end)
    largest, area = 0, 0.0
    distance, slope, at = 0, 0, begin
    for time, turn in [*_corners(first, second), (end, 0)]:
        before, distance = distance, distance + slope * (time - at)
        area += _area(before, distance, time - at)
        largest = max(largest, abs(distance))
        slope, at = slope + turn, time
    mean = round(area / (end - begin)) if end > begin else 0
    if not quantum:
        return Distance(largest, mean)
    return Distance(largest, mean, largest / quantum, mean / quantum)


def _corners(first: Sequence[Interval], second: Sequence[Interval]) -> list[tuple[int, int]]:
    """Return the times (ns) at which the slope of S2 - S1 changes, and by how much, by time."""
    turns = []
    for track, sign in ((first, -1), (second, 1)):
        for row in track:
            if row.state == RUNNING:
                turns += [(row.start, sign), (row.end, -sign)]
    return sorted(turns)


def _area(before: int, after: int, width: int) -> float:
    """Return the area under |y|, where y goes straight from `before` to `after` in `width` ns."""
    a, b = abs(before), abs(after)
    if before * after >= 0:
        return (a + b) / 2 * width
    return (a * a + b * b) / (2 * (a + b)) * width


def occupancy_agreement(
    first: Sequence[Sequence[Interval]], second: Sequence[Sequence[Interval]], end: int
) -> float | None:
    """Return the share of core time up to `end` (ns) in which both runs occupy a core equally.

    A core is occupied equally if it has the same process in both runs, or none in both. `first` and
    `second` are the running intervals of each core. Return None if there is no time to compare.
    """
    cores = max(len(first), len(second))
    if end <= 0 or not cores:
        return None
    agreed = sum(_agreed(*lanes, end) for lanes in zip(first, second, strict=False))
    return agreed / (end * cores)


def _agreed(first: Sequence[Interval], second: Sequence[Interval], end: int) -> int:
    """Return for how long (ns) up to `end` a core is occupied equally in both runs."""
    mine, yours = _changes(first, end), _changes(second, end)
    (_, me), (_, you) = next(mine), next(yours)
    my_next, your_next = next(mine, (end, me)), next(yours, (end, you))
    at = agreed = 0
    while at < end:
        time = min(my_next[0], your_next[0], end)
        if me == you:
            agreed += time - at
        at = time
        if my_next[0] <= at:
            me, my_next = my_next[1], next(mine, (end, my_next[1]))
        if your_next[0] <= at:
            you, your_next = your_next[1], next(yours, (end, your_next[1]))
    return agreed


def _changes(lane: Sequence[Interval], end: int) -> Iterator[tuple[int, int]]:
    """Yield (ns, the process that has the core from then on), beginning at 0.

    If rows overlap, the first one counts for the overlap.
    """
    at = 0
    yield 0, NO_PROCESS
    for row in lane:
        if row.end <= at:
            continue
        if row.start >= end:
            return
        yield max(row.start, at), row.process
        yield row.end, NO_PROCESS
        at = row.end
