"""The dead time of each dispatch of a real run, and how much of it the machine is known to need.

The dead time of a dispatch is the machine's price, as far as the machine was calibrated to need it
under the same circumstances. The time beyond that is late. A late dispatch is noise: something else
delayed the supervisor, the worker or the processor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from kernel.dispatch_price import Circumstances
from kernel.units import ms, us
from timeline.comparison.causes.dispatched import Dispatched, dispatched, price_of
from timeline.record.run import Overhead
from timeline.record.sorted_run import SortedRun

SWITCH, DISPATCHER = "switch", "dispatcher"
"""Reasons in a real record why no process had a core: a switch; the supervisor ran on it."""


class Uncalibrated:
    """The price that is assumed if none was measured: the same for each dispatch.

    Quiet machines needed 40 to 150 us, and 99 of 100 dispatches less than 1 ms (docs/fidelity.md).
    """

    def middle(self, _circumstances: Circumstances) -> int:
        """Return the median price of a dispatch, ns."""
        return us(100)

    def most(self, _circumstances: Circumstances) -> int:
        """Return the time that 99 of 100 dispatches do not exceed, ns."""
        return ms(1)


@dataclass(frozen=True, slots=True)
class OverheadPiece:
    """A part of an overhead. `late`: it is beyond the time that the machine needs."""

    core: int
    start: int  # ns
    end: int
    why: str
    late: bool


class DeadTime:
    """The dispatches of a run, and its overheads, each cut into the machine's price and lateness.

    All overheads of a simulated run are price.
    """

    def __init__(self, sorted_run: SortedRun) -> None:
        known = price_of(sorted_run.run)
        self.calibrated = known is not None
        self._price = known or Uncalibrated()
        self._overheads = sorted(sorted_run.run.overheads, key=lambda row: row.start_ns)
        self._dispatches = [] if sorted_run.simulated else dispatched(sorted_run)
        self.pieces = [_whole(row) for row in self._overheads]
        if not sorted_run.simulated:
            self.pieces = sorted(self._cut(), key=lambda piece: piece.start)

    @property
    def late_ns(self) -> int:
        """The time that all dispatches took beyond what the machine needs, ns."""
        return self.late_by_core().total()

    def late_by_core(self) -> Counter[int]:
        """Return the ns that dispatches took beyond what the machine needs, by core."""
        found: Counter[int] = Counter()
        for piece in self.pieces:
            if piece.late:
                found[piece.core] += piece.end - piece.start
        return found

    @property
    def slowness(self) -> float | None:
        """The median over the dispatches of dead time divided by expected dead time."""
        expected = [
            (row.dead_ns, self._price.middle(row.circumstances)) for row in self._dispatches
        ]
        ratios = [dead / middle for dead, middle in expected if dead is not None and middle]
        return median(ratios) if ratios else None

    def _cut(self) -> Iterator[OverheadPiece]:
        switches: dict[int, list[Overhead]] = defaultdict(list)
        for row in self._overheads:
            if row.why == SWITCH:
                switches[row.core].append(row)
            elif row.why == DISPATCHER:
                yield from _pieces([row], self._price.most(Circumstances(False, 0, 0, 0)))
            else:
                yield _whole(row)
        dispatches: dict[int, list[Dispatched]] = defaultdict(list)
        for each in self._dispatches:
            dispatches[each.core].append(each)
        for core, rows in switches.items():
            yield from self._of_core(dispatches[core], rows)

    def _of_core(
        self, dispatches: Sequence[Dispatched], rows: Sequence[Overhead]
    ) -> Iterator[OverheadPiece]:
        """Yield the pieces of one core.

        The overheads before a slice are the dead time of its dispatch.
        """
        starts = [each.start_ns for each in dispatches]
        before: dict[int, list[Overhead]] = defaultdict(list)
        for row in rows:
            before[bisect_left(starts, row.end_ns)].append(row)
        for at, mine in before.items():
            if at < len(dispatches):
                yield from _pieces(mine, self._price.most(dispatches[at].circumstances))
            else:  # no slice follows these overheads
                yield from map(_whole, mine)


def _whole(row: Overhead) -> OverheadPiece:
    return OverheadPiece(row.core, row.start_ns, row.end_ns, row.why, late=False)


def _pieces(rows: Sequence[Overhead], most: int) -> Iterator[OverheadPiece]:
    """Yield the pieces of the rows: the first `most` ns are price, and the rest is late."""
    left = most
    for row in rows:
        middle = min(row.start_ns + left, row.end_ns)
        left -= middle - row.start_ns
        if row.start_ns < middle:
            yield OverheadPiece(row.core, row.start_ns, middle, row.why, late=False)
        if middle < row.end_ns:
            yield OverheadPiece(row.core, middle, row.end_ns, row.why, late=True)
