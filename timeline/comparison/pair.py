"""One number of two runs, and the difference between them."""

from __future__ import annotations

from dataclasses import dataclass

from timeline.number_formats import duration
from translation import recorded


@dataclass(frozen=True, slots=True)
class Pair:
    """One number of both runs. None: a run does not have the number.

    `difference` is second less first; `percent` is the difference in percent of the first.
    """

    first: int | None
    second: int | None
    difference: int | None
    percent: float | None

    @classmethod
    def of(cls, first: int | None, second: int | None) -> Pair:
        """Return the pair, without a difference if one of the runs does not have the number."""
        if first is None or second is None:
            return cls(first, second, None, None)
        difference = second - first
        if first:
            return cls(first, second, difference, 100 * difference / first)
        return cls(first, second, difference, None if difference else 0.0)


def signed(pair: Pair) -> str:
    """Return the difference of a pair of times (ns) in words, with both values."""
    if pair.difference is None or pair.first is None or pair.second is None:
        return recorded("not measured")
    values = against(pair.second, pair.first)
    if pair.percent is None:
        return values
    if not pair.difference:
        return recorded("0 % ({values})", values=values)
    return recorded("{percent:+.2f} % ({values})", percent=pair.percent, values=values)


def against(second: int, first: int) -> str:
    """Return two times (ns) in words."""
    return recorded("{second} against {first}", second=duration(second), first=duration(first))
