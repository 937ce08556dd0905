"""The rows of an experiment in memory: for each point, the values of its replications."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One row: a point (from 0), a replication and its batch (from 1), a value per measure.

    NaN: there was nothing to measure.
    """

    point: int
    replication: int
    batch: int
    values: tuple[float, ...]


class Rows:
    """The values of all replications, in eight bytes each."""

    def __init__(self, points: int, measures: int, rows_each: int = 1) -> None:
        """`rows_each` is the number of batches that each replication has."""
        self._measures, self._each = measures, rows_each
        self._values = [array("d") for _ in range(points)]
        self._numbers = [array("i") for _ in range(points)]  # of the replications, as they came

    @property
    def per_replication(self) -> int:
        """How many values one replication has."""
        return self._measures * self._each

    def put(self, point: int, replication: int, values: Sequence[float]) -> None:
        """Add the rows of one replication, one behind the other."""
        self._numbers[point].append(replication)
        self._values[point].extend(values)

    def replications(self, point: int) -> dict[int, Sequence[float]]:
        """Return the values of each replication of a point that is there, in their order."""
        values, width = self._values[point], self.per_replication
        numbers = self._numbers[point]
        return {
            numbers[place]: values[place * width : (place + 1) * width]
            for place in self._places(point)
        }

    def many(self, point: int) -> int:
        """Return how many replications of a point are there."""
        return len(self._numbers[point])

    def column(self, point: int, measure: int) -> dict[tuple[int, int], float]:
        """Return the values of a measure at a point by (replication, batch), in their order."""
        values, width, numbers = self._values[point], self.per_replication, self._numbers[point]
        return {
            (numbers[place], batch + 1): values[place * width + batch * self._measures + measure]
            for place in self._places(point)
            for batch in range(self._each)
        }

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows, by point and replication."""
        for point in range(len(self._values)):
            for replication, values in self.replications(point).items():
                for batch in range(self._each):
                    begin = batch * self._measures
                    found = tuple(values[begin : begin + self._measures])
                    yield Row(point, replication, batch + 1, found)

    def _places(self, point: int) -> list[int]:
        numbers = self._numbers[point]
        return sorted(range(len(numbers)), key=numbers.__getitem__)
