"""Times on a sheet and in an answer file: bare numbers of the exercise's time unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.units import NS_PER, format_duration
from translation import tr


@dataclass(frozen=True, slots=True)
class Times:
    """How times are written; `unit` is in ns."""

    unit: int

    @property
    def name(self) -> str:
        """The unit in words: `ms`, or `units of 10ms`."""
        for name in ("s", "ms", "us", "ns", "min", "h"):
            if NS_PER[name] == self.unit:
                return name
        return tr("units of {time}", time=format_duration(self.unit))

    def written(self, ns: int) -> Any:
        """Return a time as a number of units, or with its unit if three decimals cannot hold it."""
        whole, rest = divmod(ns, self.unit)
        if not rest:
            return whole
        exact = Fraction(ns, self.unit)
        if (exact * 1000).denominator == 1:
            return float(exact)
        return format_duration(ns)

    def shown(self, ns: int) -> str:
        """Return a time as a number of units with at most two decimals."""
        text = f"{Decimal(ns) / self.unit:.2f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
