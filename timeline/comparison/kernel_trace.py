"""Compare the workers' logs of running intervals with the kernel's trace (`--trace kernel`).

A worker sees that it did not run by a gap of the clock. It sees no gap shorter than its resolution.
So intervals of the kernel are joined if the gap between them is shorter. Then each of them is
looked for in the workers' logs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.process.states import RUNNING
from timeline.record.intervals import Interval
from timeline.record.sorted_run import SortedRun

WORTH_SEEING = 200_000
"""ns. A worker should have seen each of its running intervals that is longer than this."""

Stretch = tuple[int, int]
"""From start to end, ns."""


@dataclass(frozen=True, slots=True)
class TraceComparison:
    """Differences of the workers' logs from the kernel's trace, without sign, in ns.

    An edge is the start or the end of an interval. p50 is the median, p99 the 99 % quantile.
    """

    intervals: int  # of the kernel, joined
    start_p50_ns: int
    end_p50_ns: int
    edge_p50_ns: int  # of starts and ends together
    edge_p99_ns: int
    missed: int  # intervals longer than WORTH_SEEING of which the worker saw nothing
    missed_ns: int
    lost: int  # events that the kernel had no room for
    others: tuple[tuple[str, int], ...]  # threads outside the run, and their time (ns) on a core


def compare_with_trace(sorted_run: SortedRun) -> TraceComparison | None:
    """Return the comparison of the workers' logs with the kernel's trace.

    Return None if the run was not traced, or no interval is in both.
    """
    trace = sorted_run.run.machine.get("kernel_trace")
    if not isinstance(trace, Mapping):
        return None
    starts: list[int] = []
    ends: list[int] = []
    count = missed = missed_ns = 0
    for process, track in enumerate(sorted_run.tracks):
        seen = _seen(track, sorted_run.resolution)
        for stretch in _joined(trace["intervals"], process, sorted_run.resolution):
            count += 1
            found = _nearest(seen, stretch)
            if found is not None:
                starts.append(abs(found[0] - stretch[0]))
                ends.append(abs(found[1] - stretch[1]))
            elif stretch[1] - stretch[0] > WORTH_SEEING:
                missed += 1
                missed_ns += stretch[1] - stretch[0]
    if not starts:
        return None
    edges = sorted(starts + ends)
    others = tuple((str(row["name"]), int(row["ns"])) for row in trace["others"])
    return TraceComparison(
        count,
        sorted(starts)[len(starts) // 2],
        sorted(ends)[len(ends) // 2],
        edges[len(edges) // 2],
        edges[min(len(edges) - 1, len(edges) * 99 // 100)],
        missed,
        missed_ns,
        int(trace["lost"]),
        others,
    )


def _seen(track: Sequence[Interval], gap: int) -> list[Stretch]:
    return _join([(row.start, row.end) for row in track if row.state == RUNNING], gap)


def _joined(columns: Mapping[str, Sequence[int]], process: int, gap: int) -> list[Stretch]:
    rows = zip(columns["process"], columns["start_ns"], columns["end_ns"], strict=True)
    return _join(sorted((start, end) for each, start, end in rows if each == process), gap)


def _join(stretches: Sequence[Stretch], gap: int) -> list[Stretch]:
    found: list[Stretch] = []
    for start, end in stretches:
        if found and start - found[-1][1] <= gap:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _nearest(seen: Sequence[Stretch], stretch: Stretch) -> Stretch | None:
    """Return the stretch in `seen` that overlaps most with `stretch`; None if none overlaps."""
    at = max(0, bisect_right(seen, stretch[0], key=lambda each: each[0]) - 1)
    best, most = None, 0
    while at < len(seen) and seen[at][0] < stretch[1]:
        common = min(seen[at][1], stretch[1]) - max(seen[at][0], stretch[0])
        if common > most:
            best, most = seen[at], common
        at += 1
    return best
