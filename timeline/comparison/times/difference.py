"""A difference of two times, and which parts of it are the machine's price and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timeline.comparison.causes.makespan_causes import (
    COMPACTION,
    GAPS,
    LATE_DISPATCH,
    OUTSIDERS,
    SWITCHING,
    Causes,
)
from timeline.comparison.causes.turnaround_causes import Attribution
from timeline.comparison.pair import Pair, against, signed
from timeline.number_formats import duration, share
from timeline.record.run import Run
from translation import mark, recorded


@dataclass(frozen=True, slots=True)
class TimeDifference:
    """One difference of times, with the parts of it that are price and noise (ns)."""

    name: str
    pair: Pair
    price: int = 0
    noise: int = 0

    @property
    def left(self) -> int:
        """The difference without the machine's price, ns."""
        return (self.pair.difference or 0) - self.price

    @property
    def unexplained(self) -> int:
        """The difference without price and noise, ns."""
        return self.left - self.noise

    def limit(self, part: float, floor: int) -> int:
        """Return the ns that may be left: the share `part` of the first value, at least `floor`."""
        return max(int(part * (self.pair.first or 0)), floor)

    def holds(self, limit: int, more_noise: int = 0) -> bool | None:
        """Return whether at most `limit` ns are left; None if noise hides it.

        `more_noise` (ns) is noise that may be in this difference beyond `noise`.
        """
        if abs(self.left) <= limit:
            return True
        return None if abs(self.unexplained) - more_noise <= limit else False

    def percent(self, ns: int) -> float:
        """Return `ns`, without its sign, as a percentage of the first run's value."""
        return 100 * abs(ns) / self.pair.first if self.pair.first else 0.0

    def words(self, part: float, floor: int) -> str:
        """Return in words the difference and how much of it is left.

        The difference is given without a percentage if `floor` is the limit and is needed.
        """
        if self.pair.difference is None or self.pair.first is None or self.pair.second is None:
            return signed(self.pair)
        by_floor = floor > part * self.pair.first and abs(self.pair.difference) > part * (
            self.pair.first
        )
        whole = _plainly(self.pair) if by_floor else signed(self.pair)
        price, noise = (
            duration(ns) if abs(ns) > WORTH_TELLING else None for ns in (self.price, self.noise)
        )
        values = {"time": duration(self.unexplained), "whole": whole}
        if noise is None:
            if price is None:
                return whole
            return recorded(
                "{time} are left of {whole}, without the cost of dispatches, {price}",
                price=price,
                **values,
            )
        if price is None:
            return recorded(
                "{time} of {whole} are unexplained: noise explains {noise}", noise=noise, **values
            )
        return recorded(
            "{time} of {whole} are unexplained: the cost of dispatches explains {price}, "
            "noise {noise}",
            price=price,
            noise=noise,
            **values,
        )


WORTH_TELLING = 100_000
"""ns. Smaller parts of a difference are not mentioned."""


def _plainly(pair: Pair) -> str:
    """Return in words the difference and both values, without a percentage."""
    assert pair.difference is not None
    assert pair.second is not None
    assert pair.first is not None
    sign = "+" if pair.difference > 0 else ""
    difference = f"{sign}{duration(pair.difference)}"
    values = against(pair.second, pair.first)
    return recorded("{difference} ({values})", difference=difference, values=values)


def turnaround_differences(
    pairs: Sequence[tuple[str, Pair]], attributions: Sequence[Attribution]
) -> list[TimeDifference]:
    """Return the turnaround difference of each process, with its parts by price and noise.

    If its causes are not known, these parts are 0.
    """
    known = {row.name: row for row in attributions}
    found = []
    for name, pair in pairs:
        row = known.get(name)
        if pair.difference is None or row is None:
            found.append(TimeDifference(name, pair))
            continue
        price = row.switching_ns + row.loading_ns
        found.append(
            TimeDifference(name, pair, price, row.late_ns + row.foreign_ns + row.stolen_ns)
        )
    return found


def makespan_difference(
    first: Run, second: Run, causes: Causes, turnarounds: Sequence[TimeDifference]
) -> TimeDifference:
    """Return the difference of the makespans, with its parts by price and noise.

    If the same process ends last in both runs, they are the parts of its turnaround difference.
    Otherwise they are computed from the times of the core that was busy last.
    """
    pair = Pair.of(first.makespan_ns, second.makespan_ns)
    last = _last(first), _last(second)
    mine = next((each for each in turnarounds if each.name == last[1]), None)
    if last[0] == last[1] and mine is not None and mine.pair.difference == pair.difference:
        return TimeDifference("", pair, mine.price, mine.noise)
    parts = {part.name: part.ns for part in causes.parts}
    price = parts.get(SWITCHING, 0) + parts.get(COMPACTION, 0)
    noise = sum(parts.get(name, 0) for name in (LATE_DISPATCH, OUTSIDERS, GAPS))
    return TimeDifference("", pair, price, noise)


def _last(run: Run) -> str | None:
    ended = [row for row in run.processes if row.completion_ns is not None]
    return max(ended, key=lambda row: row.completion_ns or 0).name if ended else None


def limit_words(part: float, floor: int, calls: int, each: bool = False) -> str:
    """Return in words the limit of a difference. `floor` and the time of `calls` are ns."""
    text = mark("each within {share} or {time}") if each else mark("within {share} or {time}")
    limit = recorded(text, share=share(part), time=duration(floor))
    if not calls:
        return limit
    return recorded("{limit}, or what calls took ({time})", limit=limit, time=duration(calls))
