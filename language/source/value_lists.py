"""The values that an experiment gives to one key: `rr,srtf`, `range(5ms,50ms,5ms)`.

The grammar is that of Hydra's sweeps (hydra.cc, "Override grammar"): values are separated by
commas; a comma inside brackets, braces or quotes separates nothing. `range(start,stop,step)` leaves
its stop out. `interval(low,high)` is a continuous range, from which only a sample draws.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from language.source.wording import shown
from translation import tr

_OPENING, _CLOSING = "([{", ")]}"
_CALL = re.compile(r"(range|choice|interval)\s*\((.*)\)", re.DOTALL)
_NUMBER = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+))\s*([A-Za-zµμ%]*)")
_DOTS = re.compile(r"(\d{1,9})\.\.(\d{1,9})", re.ASCII)
_LONGEST = 10_000
"""Characters of one list."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` up to `high`, as numbers of `unit`."""

    low: Decimal
    high: Decimal
    unit: str

    def at(self, share: float) -> str:
        """Return the value that lies `share` (0 to 1) of the way, with six digits of the width."""
        width = self.high - self.low
        step = Decimal(1).scaleb(width.adjusted() - 5)
        value = self.low + width * Decimal(share)
        return _written(value.quantize(step), self.unit)


def values_of(text: str, most: int) -> list[str] | Interval:
    """Return the values that `text` lists, each as one would write it in a scenario.

    Raises ValueError, which says what would be right; also for more than `most` values.
    """
    if len(text) > _LONGEST:
        raise ValueError(
            tr("is longer than {most:,} characters; list the points in a file", most=_LONGEST)
        )
    parts = list(_parts(text))
    if len(parts) == 1 and (call := _CALL.fullmatch(parts[0])):
        name, arguments = call.groups()
        if name == "interval":
            return _interval(arguments)
    found: list[str] = []
    for part in parts:
        found += _expanded(part, most)
        if len(found) > most:
            raise ValueError(tr("has more than {most:,} values (the limit points)", most=most))
    if len(set(found)) < len(found):
        twice = next(value for at, value in enumerate(found) if value in found[:at])
        raise ValueError(tr("has {value} twice", value=shown(twice)))
    return found


def _expanded(part: str, most: int) -> list[str]:
    if not part:
        raise ValueError(tr("needs a value before and after each comma, like 1,2,4"))
    call = _CALL.fullmatch(part)
    if call is None:
        _refuse_dots(part)
        return [part]
    name, arguments = call.groups()
    if name == "interval":
        raise ValueError(tr("interval(low,high) stands alone, without further values"))
    return _range(arguments, most) if name == "range" else list(_parts(arguments))


def _refuse_dots(part: str) -> None:
    """Raise ValueError for `0..4`, which is no value, and say how a range is written."""
    ends = _DOTS.fullmatch(part)
    if ends is not None:
        low, high = map(int, ends.groups())
        raise ValueError(
            tr("{values}: write range({low},{stop})", values=part, low=low, stop=high + 1)
        )


def _parts(text: str) -> Iterator[str]:
    """Yield the parts between commas that stand in no bracket and no quotes."""
    depth, quote, begin = 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
            if depth < 0:
                raise ValueError(tr("has a {character!r} that closes nothing", character=character))
        elif character == "," and not depth:
            yield text[begin:at].strip()
            begin = at + 1
    if quote or depth:
        raise ValueError(
            tr("has a {quote!r} without its end", quote=quote)
            if quote
            else tr("has an open bracket")
        )
    yield text[begin:].strip()


def _range(arguments: str, most: int) -> list[str]:
    """Return the values of `range(stop)`, `range(start,stop)` or `range(start,stop,step)`."""
    written = [each.strip() for each in arguments.split(",")]
    if not 1 <= len(written) <= 3:
        raise ValueError(
            tr(
                "range({arguments}): must be range(start,stop,step), the stop left out",
                arguments=arguments,
            )
        )
    numbers = [_number(each, f"range({arguments})") for each in written]
    units = {unit for value, unit in numbers if unit or value}
    if len(units) > 1:
        raise ValueError(
            tr(
                "range({arguments}): must have one unit, like range(5ms,50ms,5ms)",
                arguments=arguments,
            )
        )
    unit = units.pop() if units else ""
    values = [value for value, _ in numbers]
    start, stop = (Decimal(0), values[0]) if len(values) == 1 else values[:2]
    step = values[2] if len(values) == 3 else Decimal(1)
    if not step:
        raise ValueError(
            tr("range({arguments}): must have a step other than 0", arguments=arguments)
        )
    many = math.ceil((stop - start) / step)
    if many <= 0:
        raise ValueError(
            tr("range({arguments}): has no values; the stop is left out", arguments=arguments)
        )
    if many > most:
        raise ValueError(
            tr(
                "range({arguments}): has {many:,} values, more than {most:,} (the limit points)",
                arguments=arguments,
                many=many,
                most=most,
            )
        )
    return [_written(start + step * at, unit) for at in range(many)]


def _interval(arguments: str) -> Interval:
    where = f"interval({arguments})"
    written = [each.strip() for each in arguments.split(",")]
    if len(written) != 2:
        raise ValueError(
            tr("{where}: must be interval(low,high), like interval(5ms,50ms)", where=where)
        )
    (low, one), (high, other) = (_number(each, where) for each in written)
    if one != other and low and high:
        raise ValueError(tr("{where}: must have one unit, like interval(5ms,50ms)", where=where))
    if low >= high:
        raise ValueError(tr("{where}: must have a lower end below its upper end", where=where))
    return Interval(low, high, one or other)


def _number(text: str, where: str) -> tuple[Decimal, str]:
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > 40:
        raise ValueError(
            tr(
                "{where}: must have numbers, perhaps with a unit (got {text})",
                where=where,
                text=shown(text),
            )
        )
    return Decimal(match[1]), match[2]


def _written(value: Decimal, unit: str) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + unit
