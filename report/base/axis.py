"""The time axis of a chart, and times written in one unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kernel.units import NS_PER

UNITS = ("s", "ms", "us", "ns")
LEAST_USED = 85
"""A chart whose cells have a round length uses at least this share of its width, in per cent."""


def unit_for(span: int) -> str:
    """Return the largest unit for which `span` ns is at least ten units; ms for a span of 0."""
    return next((unit for unit in UNITS if span >= 10 * NS_PER[unit]), "ns") if span else "ms"


def in_unit(ns: int, unit: str, places: int) -> str:
    """Return `ns` in `unit` with exactly `places` decimals, rounded half away from zero."""
    exact = Decimal(ns) / NS_PER[unit]
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def places_for(values: Iterable[int], unit: str, most: int) -> int:
    """Return how many decimals, at most `most`, the values need so that none is rounded."""
    scale = NS_PER[unit]
    needed = 0
    for value in values:
        while needed < most and abs(value) * 10**needed % scale:
            needed += 1
    return needed


def brief(ns: int, unit: str, most: int = 3) -> str:
    """Return `ns` in `unit` with at most `most` decimals, without the zeros at the end."""
    text = in_unit(ns, unit, most)
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Axis:
    """A time axis of `width` cells that covers at least `span` ns; `cells` cells cover `per` ns.

    `span` is above 0.
    """

    span: int
    width: int
    cells: int
    per: int

    @classmethod
    def exact(cls, span: int, width: int) -> Axis:
        """Return an axis of `width` cells over `span` ns. A cell may have any length."""
        return cls(span, width, width, span)

    @classmethod
    def fit(cls, span: int, most: int) -> Axis:
        """Return an axis of at most `most` cells, a whole number of which covers a round time.

        So slices of equal length, as under round robin, have equally many cells. The axis uses at
        least LEAST_USED per cent of `most`; if no round time allows that, it is `exact`.
        """
        for per in _round_numbers():
            cells = per * most // span
            width = -(-span * cells // per)
            if width * 100 >= LEAST_USED * most:
                return cls(span, width, cells, per)
            if per > span:
                return cls.exact(span, most)
        raise AssertionError("unreachable: round numbers do not end")

    @property
    def unit(self) -> str:
        """The unit of the labels."""
        return unit_for(self.span)

    def column(self, at: int) -> int:
        """Return the cell in which `at` ns lies."""
        return at * self.cells // self.per

    def step(self) -> int:
        """Return the ns between ticks: 1, 2 or 5 times a power of ten, with room for the labels."""
        whole = len(str(self.span // NS_PER[self.unit]))
        for step in _round_numbers():
            widest = whole + _decimals(step, self.unit)
            if step * self.cells >= (widest + 3) * self.per:
                return step
        raise AssertionError("unreachable: round numbers do not end")

    def ticks(self) -> list[tuple[int, str]]:
        """Return (column, label) of each tick, from 0 on."""
        step = self.step()
        return [(self.column(at), brief(at, self.unit, 9)) for at in range(0, self.span + 1, step)]

    def labels(self, room: int) -> str:
        """Return the labels under their ticks, in a line of at most `room` characters."""
        line = ""
        for column, label in self.ticks():
            start = max(0, min(column - (len(label) - 1) // 2, room - len(label)))
            if not line or start >= len(line) + 1:
                line = line.ljust(start) + label
        return line


def _round_numbers() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _decimals(step: int, unit: str) -> int:
    """Return how many characters the decimal point and the decimals of multiples of `step` need."""
    places = places_for([step], unit, 9)
    return places + 1 if places else 0
