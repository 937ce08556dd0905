"""Numbers of an answer as text: one unit and equally many decimals in a column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experiments.measures.names import Kind, Measure
from experiments.statistics.intervals import Estimate
from kernel.units import NS_PER
from report.base.axis import unit_for
from translation import tr

MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """How the numbers of one measure are written: divided by `per`, in `unit`."""

    unit: str  # ms, %, per s; "": a count
    per: float
    decimals: int

    def text(self, value: float) -> str:
        """Return a value without its unit."""
        return f"{value / self.per:.{self.decimals}f}"

    def within(self, found: Estimate) -> str:
        """Return a mean with its half-width, like `317.2 ± 1.4`."""
        if found.half is None:
            return self.text(found.mean)
        return f"{self.text(found.mean)} ± {self.text(found.half)}"

    def with_unit(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{self.text(value)} {self.unit}".rstrip()


def scale_of(measure: Measure, found: Iterable[Estimate | None]) -> Scale:
    """Return the scale of a measure whose estimates are these."""
    there = [each for each in found if each is not None]
    means = [abs(each.mean) for each in there]
    unit, per = _unit(measure.kind, max(means, default=0))
    least = 1e-6 * max(means, default=0)  # less is the rounding of sums, and no interval
    halves = [each.half / per for each in there if each.half is not None and each.half > least]
    return Scale(unit, per, _decimals(halves, [mean / per for mean in means]))


def _unit(kind: Kind, largest: float) -> tuple[str, float]:
    if kind is Kind.TIME:
        unit = unit_for(int(largest))
        return unit, NS_PER[unit]
    return {Kind.SHARE: ("%", 0.01), Kind.RATE: (tr("per s"), 1.0), Kind.COUNT: ("", 1.0)}[kind]


def _decimals(halves: Sequence[float], means: Sequence[float]) -> int:
    """Return how many decimals are needed.

    With them the typical half-width has two digits; without half-widths, the typical mean four.
    """
    if halves:
        typical = sorted(halves)[len(halves) // 2]
        wanted = 1 - math.floor(math.log10(typical))
    else:
        there = sorted(mean for mean in means if mean)
        if all(mean.is_integer() for mean in there):
            return 0
        wanted = 3 - math.floor(math.log10(there[len(there) // 2]))
    return max(0, min(MOST_DECIMALS, wanted))
