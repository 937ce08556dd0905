"""What the cores of a run were used for while no process of the scenario had them.

A dispatch counts as switching for as long as the machine is calibrated to need. The time that it
took beyond that counts as late. So does all other time in which no process had a core although a
process waited for it.
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
"""Causes: the core was switched; a program outside the scenario had it; the core was idle."""

OUTSIDE = "interrupted"
"""The reason in the record if a program outside the scenario had a core."""

Delay = dict[int, int]
"""ns by cause."""


def outsiders_ns(run: Run) -> Counter[int]:
    """Return the ns that programs outside the scenario took of each core that lost any."""
    found: Counter[int] = Counter()
    for each in run.overheads:
        if each.why == OUTSIDE:
            found[each.core] += each.end_ns - each.start_ns
    return found


class CoreLosses:
    """What the cores of one run were used for, in any stretch, besides processes of the run."""

    def __init__(self, sorted_run: SortedRun) -> None:
        stretches: dict[tuple[int, int], list[OverheadPiece]] = defaultdict(list)
        for piece in DeadTime(sorted_run).pieces:
            if not piece.late:
                cause = FOREIGN if piece.why == OUTSIDE else SWITCHING
                stretches[piece.core, cause].append(piece)
        self._spent = {key: _Spent(pieces) for key, pieces in stretches.items()}

    def between(self, core: int, start: int, end: int) -> Delay:
        """Return the ns of each cause, which add up to `end` - `start`. All other time is LATE."""
        found: Delay = {LATE: end - start}
        for cause in (SWITCHING, FOREIGN):
            spent = self._spent.get((core, cause))
            if spent is not None and end > start:
                found[cause] = spent.until(end) - spent.until(start)
                found[LATE] -= found[cause]
        return found


class _Spent:
    """The time that the pieces of one core and one cause took up to a given time."""

    def __init__(self, pieces: Sequence[OverheadPiece]) -> None:
        self._starts = sorted(piece.start for piece in pieces)
        self._ends = sorted(piece.end for piece in pieces)
        self._sum_of_starts = list(accumulate(self._starts, initial=0))
        self._sum_of_ends = list(accumulate(self._ends, initial=0))

    def until(self, at: int) -> int:
        """Return the sum (ns) of the parts of all pieces before `at`."""
        begun, over = bisect_right(self._starts, at), bisect_right(self._ends, at)
        under_way = begun - over
        return self._sum_of_ends[over] + under_way * at - self._sum_of_starts[begun]
