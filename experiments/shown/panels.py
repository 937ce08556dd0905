"""What is drawn of an answer, for the terminal, pictures and the page: a panel for each measure.

One varied number: a curve. A number and something else: a family of curves. Two numbers with many
values: a heat map. Names: bars. Points of a sample, or of a file: dots without lines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from experiments.results.answer import Answer
from experiments.shown.words import short_keys, varied
from experiments.statistics.intervals import Estimate
from kernel.units import BYTES_PER, NS_PER
from language.source.conditions import Value, typed
from report.base.axis import unit_for

MOST_SERIES = 8
"""Curves in one panel; further ones are not drawn, and the panel says so."""
MOST_BARS = 40
FEW_RUNS = 5
"""Real runs of a point from which on their interval is drawn."""
_HEAT = 5  # values of each of two numbers from which on they are a heat map
_WIDE = 30  # ratio of the largest to the least value from which on an axis is logarithmic


class Form(Enum):
    """How a panel is drawn."""

    CURVES = "curves"
    DOTS = "dots"
    BARS = "bars"
    HEAT = "heat"


@dataclass(frozen=True)
class NumberAxis:
    """An axis of numbers: `at` has the number of each point of the answer, in `unit`."""

    name: str
    unit: str
    at: Sequence[float]
    logarithmic: bool

    @property
    def title(self) -> str:
        """The name with the unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name

    @property
    def values(self) -> list[float]:
        """The different numbers, rising."""
        return sorted(set(self.at))


@dataclass(frozen=True)
class Series:
    """Points that are joined by a line, or bars of one name."""

    name: str  # "": there is one series
    points: Sequence[int]  # of the answer, by rising x


@dataclass(frozen=True)
class Drawing:
    """How the points of an answer are arranged; the panels differ in the measure alone."""

    form: Form
    series: Sequence[Series]
    x: NumberAxis | None  # None: the points of a series stand one after the other
    y: NumberAxis | None  # of a heat map
    left_out: int  # series or bars that are not drawn


def drawing_of(answer: Answer) -> Drawing | None:
    """Return how an answer is drawn; None if it has one point."""
    if len(answer.points) < 2:
        return None
    places = varied(answer)
    axes = {place: axis for place in places if (axis := _axis(answer, place)) is not None}
    if not axes:
        points = range(min(len(answer.points), MOST_BARS))
        return Drawing(
            Form.BARS, [Series("", points)], None, None, len(answer.points) - len(points)
        )
    x_place = max(axes, key=lambda place: len(axes[place].values))
    rest = [place for place in places if place != x_place]
    if len(places) == 2 and set(places) == set(axes) and _is_grid(answer, places):
        y = axes[rest[0]]
        if len(y.values) >= _HEAT:
            every = Series("", range(len(answer.points)))
            return Drawing(Form.HEAT, [every], axes[x_place], y, 0)
    series = _series(answer, axes[x_place], rest)
    form = Form.CURVES if max(len(each.points) for each in series) > 1 else Form.DOTS
    if form is Form.DOTS:  # a sample: no two points share the other values
        series = [Series("", sorted(range(len(answer.points)), key=axes[x_place].at.__getitem__))]
    return Drawing(
        form, series[:MOST_SERIES], axes[x_place], None, max(0, len(series) - MOST_SERIES)
    )


def estimates_of(answer: Answer, measure: int, series: Series) -> list[Estimate | None]:
    """Return the estimates of the points of a series."""
    return [answer.estimates[measure][point] for point in series.points]


def reals_of(answer: Answer, measure: int, point: int) -> list[Estimate]:
    """Return what is drawn of the real runs of a point: their mean with its interval.

    Of fewer than FEW_RUNS runs, each run is drawn by itself, because an interval of so few values
    is wider than the picture.
    """
    if answer.real is None or answer.real_estimates is None:
        return []
    found = answer.real_estimates[measure][point]
    if found is None:
        return []
    if found.many >= FEW_RUNS:
        return [found]
    values = answer.real.column(point, measure).values()
    return [Estimate(1, value, 0.0, None) for value in values if not math.isnan(value)]


def _series(answer: Answer, x: NumberAxis, rest: Sequence[int]) -> list[Series]:
    keys = short_keys(answer)
    found: dict[tuple[str, ...], list[int]] = {}  # by the other values: the points
    for point, values in enumerate(answer.points):
        found.setdefault(tuple(values[place] for place in rest), []).append(point)
    names = {
        others: ", ".join(
            value if len(rest) == 1 else f"{keys[place]} {value}"
            for place, value in zip(rest, others, strict=True)
        )
        for others in found
    }
    return [
        Series(names[others], sorted(points, key=x.at.__getitem__))
        for others, points in found.items()
    ]


def _is_grid(answer: Answer, places: Sequence[int]) -> bool:
    """Return whether every combination of values of two keys is a point."""
    one, other = ({values[place] for values in answer.points} for place in places)
    return len(one) * len(other) == len(answer.points)


def _axis(answer: Answer, place: int) -> NumberAxis | None:
    """Return the axis of a key whose values are numbers of one kind; None for other keys."""
    values = [typed(row[place]) for row in answer.points]
    kinds = {value.kind for value in values}
    if len(kinds) != 1 or kinds == {"text"}:
        return None
    unit, per = _unit(values)
    at = [value.meaning / per for value in values]
    least, most = min(at), max(at)
    return NumberAxis(short_keys(answer)[place], unit, at, least > 0 and most / least >= _WIDE)


def _unit(values: Sequence[Value]) -> tuple[str, float]:
    largest = max(abs(value.meaning) for value in values)
    kind = values[0].kind
    if kind == "duration":
        unit = unit_for(int(largest))
        return unit, NS_PER[unit]
    if kind == "size":
        unit = next(u for u in ("GiB", "MiB", "KiB", "B") if largest >= BYTES_PER[u] or u == "B")
        return unit, BYTES_PER[unit]
    return "", 1.0
