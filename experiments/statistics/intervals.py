"""The mean of replications with its confidence interval, and paired differences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from experiments.statistics.student import t_quantile


class Estimate(NamedTuple):
    """A mean and the half-width of its interval; `half` is None for fewer than two values."""

    many: int
    mean: float
    deviation: float  # the sample's standard deviation; 0 for one value
    half: float | None

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.mean - (self.half or 0)

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.mean + (self.half or 0)

    @property
    def holds_zero(self) -> bool:
        """Whether 0 lies in the interval; without an interval, nothing is shown to differ."""
        return self.half is None or self.low <= 0 <= self.high


@dataclass(slots=True)
class Moments:
    """Number, mean and sum of squares of values that come one by one.

    B. P. Welford, Note on a Method for Calculating Corrected Sums of Squares and Products,
    Technometrics 4 (1962) 419-420.
    """

    many: int = 0
    mean: float = 0.0
    squares: float = 0.0  # the sum of squared deviations from the mean

    def add(self, value: float) -> None:
        """Add a value."""
        self.many += 1
        off = value - self.mean
        self.mean += off / self.many
        self.squares += off * (value - self.mean)

    def estimate(self, confidence: float) -> Estimate:
        """Return the mean with Student's t interval of this confidence, 0 to 1."""
        if self.many < 2:
            return Estimate(self.many, self.mean, 0.0, None)
        deviation = math.sqrt(self.squares / (self.many - 1))
        quantile = t_quantile((1 + confidence) / 2, self.many - 1)
        return Estimate(
            self.many, self.mean, deviation, quantile * deviation / math.sqrt(self.many)
        )


def estimate(values: Iterable[float], confidence: float) -> Estimate | None:
    """Return the mean of the values that are numbers, with its interval; None if there is none."""
    moments = Moments()
    for value in values:
        if value == value:  # noqa: PLR0124 - NaN: there was nothing to measure
            moments.add(value)
    return moments.estimate(confidence) if moments.many else None


def difference(one: Sequence[float], other: Sequence[float], confidence: float) -> Estimate | None:
    """Return the mean of `one - other` over the pairs, with its interval.

    Both are of the same replications, in their order: with common random numbers the difference of
    a pair varies less than its values. A pair with a NaN is left out. None: there is no pair.
    """
    pairs = zip(one, other, strict=False)
    return estimate((mine - theirs for mine, theirs in pairs), confidence)


def lag_one(values: Sequence[float]) -> float:
    """Return the correlation of each value with the next one; 0 for fewer than three."""
    if len(values) < 3:
        return 0.0
    mean = sum(values) / len(values)
    squares = sum((value - mean) ** 2 for value in values)
    if not squares:
        return 0.0
    products = pairwise(values)
    return sum((a - mean) * (b - mean) for a, b in products) / squares
