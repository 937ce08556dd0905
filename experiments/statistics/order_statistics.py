"""A percentile of independent values, with an interval that assumes nothing of their distribution.

The number of values below the percentile is binomial, so two order statistics hold it between them
with a probability that can be computed: W. J. Conover, Practical Nonparametric Statistics, ch. 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Percentile(NamedTuple):
    """A percentile of a sample. `low` and `high` are None if too few values hold it."""

    value: float
    low: float | None
    high: float | None


def percentile(values: Sequence[float], share: float, confidence: float) -> Percentile | None:
    """Return the percentile `share` (0 to 1) of the values that are numbers; None without any.

    The value is the nearest rank's. The interval takes the nearest order statistics whose
    probability to hold the percentile between them is at least `confidence`, half of the rest at
    each side.
    """
    ordered = sorted(value for value in values if value == value)  # noqa: PLR0124 - no NaN
    many = len(ordered)
    if not many:
        return None
    value = ordered[max(0, math.ceil(share * many - 1e-9) - 1)]
    ranks = _ranks(many, share, confidence)
    if ranks is None:
        return Percentile(value, None, None)
    return Percentile(value, ordered[ranks[0] - 1], ordered[ranks[1] - 1])


def _ranks(many: int, share: float, confidence: float) -> tuple[int, int] | None:
    """Return the ranks (from 1) of the interval's ends; None if so few values have none.

    P(X(l) <= q < X(u)) = P(l <= B < u) where B is binomial(many, share).
    """
    tail = (1 - confidence) / 2
    below, low, high = 0.0, 0, 0
    for count in range(many + 1):
        before = below
        below += _binomial(many, count, share)
        if before <= tail < below:  # P(B < count) is at most the tail, P(B <= count) is more
            low = count
        if below >= 1 - tail and not high:
            high = count + 1
    return (low, high) if low >= 1 and 1 <= high <= many else None


def _binomial(many: int, count: int, share: float) -> float:
    logarithm = (
        math.lgamma(many + 1)
        - math.lgamma(count + 1)
        - math.lgamma(many - count + 1)
        + count * math.log(share)
        + (many - count) * math.log1p(-share)
    )
    return math.exp(logarithm)
