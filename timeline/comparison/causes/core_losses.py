"""What a run's cores were used for while no process of the scenario was on them.

A core that changes hands is switched for as long as its machine is calibrated to need for that.
What a dispatch took beyond it was late. So is all time in which no process had a core that was
wanted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import accumulate

from timeline.comparison.causes.dead_time import DeadTime, OverheadPiece
from timeline.record.run import Run
from timeline.record.sorted_run import SortedRun

SWITCHING, FOREIGN, LATE = -1, -2, -3
"""Causes: the core was switched; a program outside the scenario had it; no process had it."""

OUTSIDE = "interrupted"
"""Why a core was lost to a program outside the scenario, in the record."""

Delay = dict[int, int]
"""ns by cause."""


def outsiders_ns(run: Run) -> Counter[int]:
    """Return what programs outside the scenario took, ns by core, of cores that lost any."""
    found: Counter[int] = Counter()
    for each in run.overheads:
        if each.why == OUTSIDE:
            found[each.core] += each.end_ns - each.start_ns
    return found


class CoreLosses:
    """What the cores of one run were used for in any stretch of time, besides its processes."""

    def __init__(self, sorted_run: SortedRun) -> None:
        stretches: dict[tuple[int, int], list[OverheadPiece]] = defaultdict(list)
        for piece in DeadTime(sorted_run).pieces:
            if not piece.late:
                cause = FOREIGN if piece.why == OUTSIDE else SWITCHING
                stretches[piece.core, cause].append(piece)
        self._spent = {key: _Spent(pieces) for key, pieces in stretches.items()}

    def between(self, core: int, start: int, end: int) -> Delay:
        """Return ns by cause, which add up to `end` - `start`. What no process had is LATE."""
        found: Delay = {LATE: end - start}
        for cause in (SWITCHING, FOREIGN):
            spent = self._spent.get((core, cause))
            if spent is not None and end > start:
                found[cause] = spent.until(end) - spent.until(start)
                found[LATE] -= found[cause]
        return found


class _Spent:
    """How much time the pieces of one core and one cause took up to any time."""

    def __init__(self, pieces: Sequence[OverheadPiece]) -> None:
        self._starts = sorted(piece.start for piece in pieces)
        self._ends = sorted(piece.end for piece in pieces)
        self._sum_of_starts = list(accumulate(self._starts, initial=0))
        self._sum_of_ends = list(accumulate(self._ends, initial=0))

    def until(self, at: int) -> int:
        """Return the ns up to `at`: of each piece what lies before it, added up."""
        begun, over = bisect_right(self._starts, at), bisect_right(self._ends, at)
        under_way = begun - over
        return self._sum_of_ends[over] + under_way * at - self._sum_of_starts[begun]
