"""Core time that belongs to no program: what dispatched and native records share.

Times are ns of the run.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from kernel.process.states import RUNNING, ZOMBIE
from real.cells import GAP
from timeline.record.intervals import Intervals
from timeline.record.run import Overhead


class Windows:
    """Stretches of time that do not overlap, given as start, end, start, end, and so on."""

    def __init__(self, moments: Sequence[int]) -> None:
        self._starts, self._ends = moments[0::2], moments[1::2]

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of each part of a stretch that lies in [start, end)."""
        for at in range(bisect_right(self._ends, start), len(self._starts)):
            if self._starts[at] >= end:
                return
            yield max(start, self._starts[at]), min(end, self._ends[at])


NEVER = Windows(())


def dispatch_times(dead: Sequence[int], late: int = 0) -> dict[str, int]:
    """Return figures of the dead times of all dispatches, ns: count, median, 99 %, longest, slack.

    The slack is how long a ready process may have to wait for a free core at most. It is the
    longest dead time, the time by which the supervisor was `late` (ns), and GAP, the resolution.
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
    """Return the parts of the overheads outside all running intervals, without overlaps, in order.

    A run is over when its last program ends. If the supervisor noticed that later, the time after
    it is no overhead. Two processes see each switch: the process that loses the core, and the
    process that gets it. If the second one began before the first one noticed its loss, one part
    of the overhead lies before the running interval of the second, and one part behind it.
    """
    found = []
    over = max((row.end for row in intervals if row.state != ZOMBIE), default=0)
    within = [each._replace(end_ns=min(each.end_ns, over)) for each in overheads]
    for core, runs in enumerate(runs_by_core(intervals, cores)):
        ends, free = [end for _, end in runs], 0
        for lost in sorted(
            (each for each in within if each.core == core and each.start_ns < each.end_ns),
            key=lambda overhead: overhead.start_ns,
        ):
            start = max(lost.start_ns, free)
            for run in runs[bisect_right(ends, start) :]:  # the intervals that end after `start`
                if run[0] >= lost.end_ns:
                    break
                if start < run[0]:
                    found.append(lost._replace(start_ns=start, end_ns=run[0]))
                start = max(start, run[1])
            if start < lost.end_ns:
                found.append(lost._replace(start_ns=start))
            free = max(free, lost.end_ns)
    return sorted(found, key=lambda overhead: (overhead.start_ns, overhead.core))


def runs_by_core(intervals: Intervals, cores: int) -> list[list[tuple[int, int]]]:
    """Return (start, end) of the running intervals of each core, in order."""
    runs: list[list[tuple[int, int]]] = [[] for _ in range(cores)]
    for row in intervals:
        if row.state == RUNNING:
            runs[row.core].append((row.start, row.end))
    for of_core in runs:
        of_core.sort()
    return runs
