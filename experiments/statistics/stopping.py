"""When the replications of a point are enough: each half-width is small, and stays so.

A half-width that is small by chance ends a sequential procedure too early. So it must be small for
some further replications, too: A. M. Law, Simulation Modeling and Analysis, ch. 9; K. Hoad, S.
Robinson, R. Davies, Automated selection of the number of replications, JORS 61 (2010) 1632-1644,
who look five ahead.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.statistics.intervals import Moments

FEWEST = 10  # replications of a point
AHEAD = 5  # further replications, after each of which the half-widths must still be small


class Stopping:
    """Sees the replications of one point in their order, and says after which one they are enough.

    `precision` is the largest half-width as a share of the mean; both it and `confidence` lie
    between 0 and 1.
    """

    def __init__(self, measures: int, precision: float, confidence: float) -> None:
        self._moments = [Moments() for _ in range(measures)]
        self._precision, self._confidence = precision, confidence
        self._small_for = 0  # replications in a row after which all half-widths were small
        self._seen = 0

    def enough(self, row: Sequence[float]) -> bool:
        """Add the values of the next replication. Return whether there are enough now."""
        for moments, value in zip(self._moments, row, strict=True):
            if value == value:  # noqa: PLR0124 - NaN: there was nothing to measure
                moments.add(value)
        self._seen += 1
        if self._seen < FEWEST:
            return False
        self._small_for = self._small_for + 1 if all(map(self._is_small, self._moments)) else 0
        return self._small_for > AHEAD

    def _is_small(self, moments: Moments) -> bool:
        if not moments.many:
            return True  # the measure has no values, and would never have
        found = moments.estimate(self._confidence)
        return found.half is not None and found.half <= self._precision * abs(found.mean)
