"""The answer of an experiment: means with intervals, the best point, and what differs from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from experiments.design.plan import Plan
from experiments.measures.names import Measure
from experiments.results.rows import Rows
from experiments.statistics.intervals import Estimate, difference, estimate, lag_one
from experiments.statistics.order_statistics import Percentile, percentile

CORRELATED = 0.25
"""Correlation of a batch with the next from which on the batches count as too short."""


class Difference(NamedTuple):
    """How much greater the measure is at `other` than at `best`, over pairs of replications."""

    best: int
    other: int
    estimate: Estimate

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return not self.estimate.holds_zero


@dataclass(frozen=True)
class Answer:
    """What the rows say. `title`, `file`, `text` and `command` tell where they come from."""

    plan: Plan
    rows: Rows
    title: str
    about: str
    file: str
    text: str  # of the scenario
    command: str  # that makes the same rows
    seed: int
    real: Rows | None = None  # of real runs; None: none were made

    @property
    def points(self) -> Sequence[tuple[str, ...]]:
        """The values of each point."""
        return self.plan.points.rows

    @property
    def measures(self) -> Sequence[Measure]:
        """What is measured."""
        return self.plan.measures

    @cached_property
    def estimates(self) -> list[list[Estimate | None]]:
        """For each measure and each point: the mean with its interval; None: nothing measured."""
        confidence = self.plan.confidence
        return [
            [
                estimate(self.rows.column(point, measure).values(), confidence)
                for point in range(len(self.points))
            ]
            for measure in range(len(self.measures))
        ]

    @cached_property
    def real_estimates(self) -> list[list[Estimate | None]] | None:
        """The same of the real runs; None: none were made."""
        if self.real is None:
            return None
        return [
            [
                estimate(self.real.column(point, measure).values(), self.plan.confidence)
                for point in range(len(self.points))
            ]
            for measure in range(len(self.measures))
        ]

    def best(self, measure: int, points: Sequence[int] | None = None) -> int | None:
        """Return the point with the best mean; None if no point is better than the others.

        `points` are those that are compared; None: all of them.
        """
        better = self.measures[measure].about.better
        means = {
            at: found.mean * better
            for at, found in enumerate(self.estimates[measure])
            if found is not None and (points is None or at in points)
        }
        if not better or len(set(means.values())) < 2:
            return None
        return max(means, key=means.__getitem__)

    def differences(self, measure: int, points: Sequence[int] | None = None) -> list[Difference]:
        """Return how each other point differs from the best one; none without a best point.

        `points` are those that are compared; None: all of them.
        """
        points = range(len(self.points)) if points is None else points
        best = self.best(measure, points)
        if best is None:
            return []
        theirs = self.rows.column(best, measure)
        found = []
        for point in points:
            mine = self.rows.column(point, measure)
            pairs = [key for key in mine if key in theirs]
            gap = difference(
                [mine[key] for key in pairs], [theirs[key] for key in pairs], self.plan.confidence
            )
            if point != best and gap is not None:
                found.append(Difference(best, point, gap))
        return found

    def alike(self, measure: int) -> set[int]:
        """Return the points that are not shown to differ from the best one.

        Without intervals, as of one replication, no point is compared.
        """
        found = [each for each in self.differences(measure) if each.estimate.half is not None]
        return {each.other for each in found if not each.is_shown}

    def percentiles(self, measure: int, point: int) -> list[Percentile | None]:
        """Return the percentiles over the replications that the plan asks for."""
        values = list(self.rows.column(point, measure).values())
        return [percentile(values, share, self.plan.confidence) for share in self.plan.percentiles]

    def correlated(self) -> list[int]:
        """Return the points whose batches follow each other too closely for their intervals."""
        if self.plan.windows.batches is None:
            return []
        return [
            point
            for point in range(len(self.points))
            if any(
                lag_one(list(self.rows.column(point, measure).values())) > CORRELATED
                for measure in range(len(self.measures))
            )
        ]

    def never_vary(self) -> bool:
        """Return whether all replications of each point are equal: nothing is drawn at random."""
        several = any(self.rows.many(point) > 1 for point in range(len(self.points)))
        return several and all(
            found is None or not found.deviation for row in self.estimates for found in row
        )

    def without_value(self, measure: int) -> int:
        """Return how many rows have no value of the measure."""
        return sum(
            value != value  # noqa: PLR0124 - NaN
            for point in range(len(self.points))
            for value in self.rows.column(point, measure).values()
        )
