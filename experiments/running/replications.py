"""The replications of one point: which are wanted, and which of those that come are kept.

What is kept does not depend on the order in which replications come, nor on who has made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from experiments.running.bench import Span
from experiments.statistics.stopping import AHEAD, FEWEST, Stopping

Values = Sequence[float]
Kept = list[tuple[int, Values]]
"""Replications and their values."""


class Fixed:
    """A point with `repeat` replications, which are kept as they come."""

    precise = True

    def __init__(self, point: int, repeat: int, there: Iterable[int]) -> None:
        known = set(there)
        self._wanted = _spans(point, [n for n in range(1, repeat + 1) if n not in known])

    def wanted(self) -> list[Span]:
        """Return the replications that are to be made, once."""
        wanted, self._wanted = self._wanted, []
        return wanted

    def take(self, replication: int, values: Values) -> Kept:
        """Take a replication. Return those that are to be kept."""
        return [(replication, values)]

    def leave_out(self, replication: int) -> Kept:
        """Note that a replication will not come. Return those that are to be kept."""
        return []


class Precise:
    """A point that is replicated until its half-widths are small, at most `most` times."""

    def __init__(
        self, point: int, most: int, stopping: Stopping, there: Mapping[int, Values]
    ) -> None:
        """`there` are the replications that an earlier run has made."""
        self._point, self._most, self._stopping = point, most, stopping
        self._come: dict[int, Values | None] = dict(there)  # not yet looked at; None: left out
        self._looked_at = 0  # replications, in their order
        self._asked = max(there, default=0)  # replications that were wanted so far
        self.precise = False
        self._look()

    def wanted(self) -> list[Span]:
        """Return further replications, if those so far have all come and are not enough."""
        if self.precise or self._looked_at < self._asked or self._asked >= self._most:
            return []
        more = max(FEWEST + AHEAD - self._asked, AHEAD, self._asked // 2)
        first, self._asked = self._asked + 1, min(self._most, self._asked + more)
        missing = [n for n in range(first, self._asked + 1) if n not in self._come]
        return _spans(self._point, missing)

    def take(self, replication: int, values: Values) -> Kept:
        """Take a replication. Return those to keep, none beyond the last that counts."""
        self._come[replication] = values
        return self._look()

    def leave_out(self, replication: int) -> Kept:
        """Note that a replication will not come. Return those that are to be kept."""
        self._come[replication] = None
        return self._look()

    def _look(self) -> Kept:
        """Look at the replications in their order, as far as they have come."""
        kept: Kept = []
        while not self.precise and self._looked_at + 1 in self._come:
            self._looked_at += 1
            values = self._come.pop(self._looked_at)
            if values is not None:
                kept.append((self._looked_at, values))
                self.precise = self._stopping.enough(values)
        return kept


def _spans(point: int, replications: Sequence[int]) -> list[Span]:
    """Return the replications as spans of consecutive numbers."""
    spans: list[Span] = []
    for number in replications:
        if spans and number == spans[-1].first + spans[-1].many:
            spans[-1] = spans[-1]._replace(many=spans[-1].many + 1)
        else:
            spans.append(Span(point, number, 1))
    return spans
