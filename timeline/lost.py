"""What became of a run's cores while nobody's program was on them.

A core that changes hands is switched for as long as its machine is calibrated to need for that.
What a dispatch took beyond it was late, like any time in which nobody had a core that was wanted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict

from timeline.book import Book
from timeline.dead_time import DeadTime
from timeline.run import Run

SWITCHING, FOREIGN, LATE = -1, -2, -3
"""Causes: it changed hands; something outside the scenario had it; nobody had."""

OUTSIDE = "interrupted"
"""Why a core was lost to somebody outside the scenario, in the record."""

Delay = dict[int, int]
"""ns by cause."""


def outsiders_ns(run: Run) -> Counter[int]:
    """What somebody outside the scenario took, ns by core; one that lost nothing is not in it."""
    found: Counter[int] = Counter()
    for each in run.overheads:
        if each.why == OUTSIDE:
            found[each.core] += each.end_ns - each.start_ns
    return found


class Lost:
    """Of one run, for whoever asks about a stretch of time on a core."""

    def __init__(self, book: Book) -> None:
        self._by_core: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for piece in DeadTime(book).pieces:
            if not piece.late:
                cause = FOREIGN if piece.why == OUTSIDE else SWITCHING
                self._by_core[piece.core].append((piece.start, piece.end, cause))

    def between(self, core: int, start: int, end: int) -> Delay:
        """By cause, ns; they add up to end less start, with what nobody had as LATE."""
        found: Delay = {LATE: end - start}
        lost = self._by_core[core]
        at = max(0, bisect_right(lost, start, key=lambda row: row[0]) - 1)
        while at < len(lost) and lost[at][0] < end:
            since, until, cause = lost[at]
            common = max(0, min(until, end) - max(since, start))
            found[cause] = found.get(cause, 0) + common
            found[LATE] -= common
            at += 1
        return found
