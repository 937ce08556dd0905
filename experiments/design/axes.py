"""The keys that are varied, with their values, and how they make points.

A point is a value for each key, as one would write it in the scenario.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from experiments.design.latin_hypercube import hypercube
from kernel.errors import UsageError
from language.source.conditions import condition
from language.source.value_lists import Interval, values_of
from translation import tr

Values = list[str] | Interval
Point = tuple[str, ...]
"""The value of each key, in the order of the keys."""


class Points(NamedTuple):
    """The points of an experiment, and the keys whose values they are."""

    keys: tuple[str, ...]
    rows: tuple[Point, ...]


@dataclass(frozen=True)
class Axes:
    """The keys with their values; `paired` are groups of keys whose values go together."""

    values: Mapping[str, Values]
    paired: Sequence[Sequence[str]] = ()

    def points(self, where: str | None, sample: str | None, seed: int, most: int) -> Points:
        """Return the points for which the condition `where` holds; at most `most` of them.

        With `sample`, like `lhs:200`, return so many points of a Latin hypercube, drawn from
        `seed`. Raises UsageError.
        """
        keys = tuple(self.values)
        groups = self._groups()
        found = self._sampled(groups, sample, seed, most) if sample else self._all(groups, most)
        if where is not None:
            found = _kept(keys, found, where)
        rows = tuple(dict.fromkeys(found))
        if not rows:
            raise UsageError(tr("--where {where}: leaves no point", where=where))
        return Points(keys, rows)

    def _groups(self) -> list[tuple[str, ...]]:
        """Return the keys that vary together, in the order of the keys. Raises UsageError."""
        group_of: dict[str, tuple[str, ...]] = {}
        for written in self.paired:
            group = tuple(self._whole_key(key) for key in written)
            for key in group:
                if key in group_of:
                    raise UsageError(
                        tr("--zip {keys}: {key} is in two groups", keys=",".join(written), key=key)
                    )
                group_of[key] = group
            self._require_equally_many(group)
        return list(dict.fromkeys(group_of.get(key, (key,)) for key in self.values))

    def _whole_key(self, written: str) -> str:
        ends = [key for key in self.values if key == written or key.endswith(f".{written}")]
        if len(ends) != 1:
            keys = ", ".join(self.values)
            raise UsageError(
                tr(
                    "--zip: {key} can mean {meant}; the varied keys are {keys}",
                    key=written,
                    meant=tr(" or ").join(ends),
                    keys=keys,
                )
                if ends
                else tr(
                    "--zip: {key} is not varied; the varied keys are {keys}", key=written, keys=keys
                )
            )
        return ends[0]

    def _require_equally_many(self, group: Sequence[str]) -> None:
        many = {
            key: values for key in group if not isinstance(values := self.values[key], Interval)
        }
        if len(many) < len(group):
            raise UsageError(
                tr("--zip {keys}: an interval has no first value to pair", keys=",".join(group))
            )
        if len({len(values) for values in many.values()}) > 1:
            counts = ", ".join(
                tr("{key} has {many}", key=key, many=len(values)) for key, values in many.items()
            )
            raise UsageError(
                tr(
                    "--zip: all keys of a group must have the same number of values: {counts}",
                    counts=counts,
                )
            )

    def _all(self, groups: Sequence[tuple[str, ...]], most: int) -> Iterator[Point]:
        """Yield every combination; the last key varies fastest."""
        for key, values in self.values.items():
            if isinstance(values, Interval):
                raise UsageError(
                    tr(
                        "{key}: an interval has infinitely many values: add --sample lhs:200",
                        key=key,
                    )
                )
        many = math.prod(len(self._list(group[0])) for group in groups)
        if many > most:
            raise UsageError(
                tr(
                    "the experiment has {many:,} points, more than {most:,} (the limit points): "
                    "leave values out, or raise it, like --limit points={many}",
                    many=many,
                    most=most,
                )
            )
        choices = [list(zip(*map(self._list, group), strict=True)) for group in groups]
        place = self._places(groups)
        for chosen in product(*choices):
            flat = [value for values in chosen for value in values]
            yield tuple(flat[at] for at in place)

    def _list(self, key: str) -> list[str]:
        values = self.values[key]
        assert isinstance(values, list)  # _all refuses intervals
        return values

    def _places(self, groups: Sequence[tuple[str, ...]]) -> list[int]:
        """Return where each key's value stands among the values of all groups."""
        flat = [key for group in groups for key in group]
        return [flat.index(key) for key in self.values]

    def _sampled(
        self, groups: Sequence[tuple[str, ...]], sample: str, seed: int, most: int
    ) -> Iterator[Point]:
        many = _sample_size(sample, most)
        place = self._places(groups)
        for shares in hypercube(many, len(groups), seed):
            chosen: list[str] = []
            for group, share in zip(groups, shares, strict=True):
                chosen += [_at(self.values[key], share) for key in group]
            yield tuple(chosen[at] for at in place)


def _at(values: Values, share: float) -> str:
    """Return the value that lies `share` (0 to 1) of the way through the values."""
    if isinstance(values, Interval):
        return values.at(share)
    return values[min(int(share * len(values)), len(values) - 1)]


def _sample_size(sample: str, most: int) -> int:
    kind, _, many = sample.partition(":")
    if kind.strip() != "lhs" or not many.strip().isdecimal() or not 1 <= int(many) <= most:
        raise UsageError(
            tr(
                "--sample {sample}: must be lhs:N, with N from 1 to {most:,}",
                sample=sample,
                most=most,
            )
        )
    return int(many)


def _kept(keys: Sequence[str], points: Iterator[Point], where: str) -> Iterator[Point]:
    try:
        holds = condition(where, keys)
        yield from (row for row in points if holds(dict(zip(keys, row, strict=True))))
    except ValueError as error:
        raise UsageError(tr("--where {where}: {error}", where=where, error=error)) from None


def axis_of(argument: str, most: int) -> tuple[str, Values]:
    """Return key and values of `KEY=VALUES`. Raises UsageError."""
    key, equals, text = argument.partition("=")
    key = key.strip()
    if not equals or not all(key.split(".")):
        raise UsageError(
            tr(
                "{argument}: must be KEY=VALUES, like scheduler.quantum=5ms,10ms,20ms",
                argument=argument,
            )
        )
    try:
        return key, values_of(text.strip(), most)
    except ValueError as error:
        raise UsageError(f"{argument}: {error}") from None
