"""The types of single values: durations, sizes, whole numbers, words, names.

The models of `schema` use them. Each is `Annotated[int, Read(...)]` or the like, with its own
message and its own part of the JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticOmit, core_schema

from kernel.units import BYTES_PER, NS_PER, parse_duration, parse_rate, parse_size
from language.schema.context import CheckContext
from language.source.tree import Node
from language.source.wording import either, got, got_word, nearest, shown, unknown
from translation import mark, tr

DISTRIBUTIONS = ("exponential", "uniform", "normal", "choice")
DURATION = mark("a duration like 20ms, 250us or 1.5s")
RATE = mark("a rate like 200MiB/s")
SIZE = mark("a size like 64MiB, 64MB or 4096")
_LONGEST = 64
"""Most characters of a number with its unit."""


@dataclass(frozen=True, eq=False)
class Read:
    """How a value is read. `convert` raises ValueError, which says what would be right."""

    convert: Callable[[Any, CheckContext], Any]
    schema: Mapping[str, Any] | None = None  # None: the key is not in the JSON Schema

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        def validate(value: Any, info: ValidationInfo) -> Any:
            return self.convert(value, info.context)  # type: ignore[arg-type]  # always ours

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        if self.schema is None:
            raise PydanticOmit
        return dict(self.schema)


def _pattern(units: Mapping[str, int]) -> str:
    return rf"^\s*\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*({'|'.join(units)})?\s*$"


def _number_or(units: Mapping[str, int], example: str) -> dict[str, Any]:
    text = {"type": "string", "pattern": _pattern(units), "examples": [example]}
    return {"anyOf": [{"type": "number", "minimum": 0}, text]}


def _parsed(value: Any, parse: Callable[[Any], int], wanted: str) -> int:
    """Return `parse(value)` for a number or text. Raises ValueError, also for other values."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(got(tr(wanted), value))
    if len(str(value)) > _LONGEST:
        raise ValueError(got(tr(wanted), value))
    return parse(value)


def time(least: int, wanted: str) -> Read:
    """Return the reader of a duration of at least `least` ns. A bare number counts time units."""

    def convert(value: Any, context: CheckContext) -> int:
        ns = _parsed(value, lambda v: parse_duration(v, context.time_unit), DURATION)
        if ns < least:
            raise ValueError(got(tr("{wanted}, like 20ms", wanted=tr(wanted)), value))
        return ns

    return Read(convert, _number_or(NS_PER, "20ms"))


def _timeout(value: Any, context: CheckContext) -> int:
    """Return a timeout in ns. As in CPython it may be negative."""
    return _parsed(value, lambda v: parse_duration(v, context.time_unit), DURATION)


def _timeout_schema() -> dict[str, Any]:
    signed = _pattern(NS_PER).replace(r"\+?", "[-+]?", 1)
    return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": signed}]}


def _unit_of_time(value: Any, context: CheckContext) -> int:
    if not isinstance(value, str) or value.strip()[-1:].isdigit():
        raise ValueError(got(tr("a duration with a unit, like 1ms"), value))
    ns = _parsed(value, parse_duration, DURATION)
    if ns < 1:
        raise ValueError(got(tr("a duration with a unit, like 1ms, and above 0"), value))
    context.time_unit = ns
    return ns


def time_unit_of(root: Node) -> int:
    """Return the time unit of a scenario that is not checked yet, ns. A bare number counts it."""
    context, unit = CheckContext(0, 0), root.child("time_unit")
    if unit is not None:
        with suppress(ValueError):  # the check of the time unit reports it
            _unit_of_time(unit.plain(), context)
    return context.time_unit


def size(least: int, wanted: str) -> Read:
    """Return the reader of a size of at least `least` bytes."""

    def convert(value: Any, _context: CheckContext) -> int:
        many = _parsed(value, parse_size, SIZE)
        if many < least:
            raise ValueError(got(tr("{wanted}, like 64MiB", wanted=tr(wanted)), value))
        return many

    return Read(convert, _number_or(BYTES_PER, "64MiB"))


def _rate(value: Any, _context: CheckContext) -> int:
    """Return a rate in bytes per second, at least 1."""
    rate = _parsed(value, parse_rate, RATE)
    if rate < 1:
        raise ValueError(got(tr("a rate above 0, like 200MiB/s"), value))
    return rate


def whole(least: int, most: int) -> Read:
    """Return the reader of a whole number in this range."""

    def convert(value: Any, _context: CheckContext) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(got(_range(value, least, most), value))
        return value

    return Read(convert, {"type": "integer", "minimum": least, "maximum": most})


def _range(value: Any, least: int, most: int) -> str:
    """Return the range in words. A very large upper end is named only if the value exceeds it."""
    beyond = isinstance(value, (int, float)) and not isinstance(value, bool) and value > most
    if most <= 10**6 or beyond:
        return tr("a whole number from {least} to {most}", least=least, most=most)
    if least < 0:
        return tr("a whole number")
    return tr("a whole number of {least} or more", least=least)


def word(*allowed: str, later: tuple[str, ...] = ()) -> Read:
    """Return the reader of one of these words. Words of `later` are known, but not usable yet."""

    def convert(value: Any, _context: CheckContext) -> str:
        if value in allowed and isinstance(value, str):
            return value
        if isinstance(value, str) and value in later:
            raise ValueError(
                tr(
                    "{word} is not built yet; write {others}",
                    word=value,
                    others=either(allowed),
                )
            )
        meant = nearest(value, allowed) if isinstance(value, str) else None
        if meant is None:
            raise ValueError(got_word(either(allowed), value))
        raise ValueError(
            tr(
                "must be {words} (got {value}; did you mean {meant!r}?)",
                words=either(allowed),
                value=shown(value),
                meant=meant,
            )
        )

    return Read(convert, {"enum": list(allowed)})


def later(instead: str) -> Read:
    """Return the reader of a key that is known, but not usable yet."""

    def convert(_value: Any, _context: CheckContext) -> Any:
        raise ValueError(tr("is not built yet; {instead}", instead=tr(instead)))

    return Read(convert)


def _text(value: Any, _context: CheckContext) -> str:
    if not isinstance(value, str):
        if isinstance(value, (int, float)):
            raise ValueError(tr("must be text (got {value}); put it in quotes", value=shown(value)))
        raise ValueError(got(tr("text"), value))
    return value


def text(most: int) -> Read:
    """Return the reader of a text of at most `most` characters."""

    def convert(value: Any, context: CheckContext) -> str:
        written = _text(value, context)
        if len(written) > most:
            raise ValueError(
                tr(
                    "must be text of at most {most:,} characters (got {many:,})",
                    most=most,
                    many=len(written),
                )
            )
        return written

    return Read(convert, {"type": "string", "maxLength": most})


def name_of(value: Any, context: CheckContext) -> str:
    """Return a name. Raises ValueError unless it is text of 1 to 100 printable characters."""
    text = _text(value, context)
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise ValueError(got(tr("a name of 1 to 100 printable characters"), value))
    return text


def _process_name(value: Any, context: CheckContext) -> str:
    text = _text(value, context)
    if text not in context.names:
        raise ValueError(unknown(tr("process"), text, context.names))
    return text


def _tolerance(value: Any, _context: CheckContext) -> float:
    """Return a share of 1: 0.02 for `2%` or 0.02."""
    share = None
    if isinstance(value, str) and len(value) < _LONGEST and value.rstrip().endswith("%"):
        try:
            share = float(value.rstrip()[:-1]) / 100
        except ValueError:
            share = None
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        share = float(value)
    if share is None or not 0 <= share < 1:
        raise ValueError(got(tr("a share below 100%, like 2%"), value))
    return share


USE = mark("a share of the time like 89.4%, or a time like 5ms")


def _use(value: Any, context: CheckContext) -> int | str:
    """Return ns, or a share as text without blanks, as its decimals tell its precision."""
    if isinstance(value, str) and len(value) < _LONGEST and value.rstrip().endswith("%"):
        digits = value.strip()[:-1].rstrip()
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,20})?", digits) and Fraction(digits) <= 100:
            return f"{digits}%"
        raise ValueError(got(tr("a share from 0% to 100%, like 89.4%"), value))
    try:
        ns: int = time(0, mark("a duration of 0 or more")).convert(value, context)
    except ValueError:
        raise ValueError(got(tr(USE), value)) from None
    return ns


PLACE = mark("a hole's size, an address or both, like 500KiB@64KiB, 500KiB or '@64KiB'")


def _place(value: Any, _context: CheckContext) -> dict[str, int]:
    """Return `hole` and `base` in bytes, if they are written."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(got(tr(PLACE), value))
    hole, at, base = str(value).partition("@")
    written = {"hole": hole.strip()} if hole.strip() else {}
    written |= {"base": base.strip()} if at else {}
    try:
        place = {name: parse_size(text) for name, text in written.items()}
    except ValueError:
        place = {}
    if not place or min(place.values()) < 0:
        raise ValueError(got(tr(PLACE), value))
    return place


def units(value: Any, context: CheckContext) -> int | str:
    """Return the number of a device's servers, or `unlimited`."""
    if value == "unlimited":
        return "unlimited"
    if isinstance(value, str):
        raise ValueError(got(tr("a whole number, or unlimited"), value))
    servers: int = whole(1, 1_000_000).convert(value, context)
    return servers


def device_name(value: Any, context: CheckContext) -> str:
    """Return the name of a device. It must not be the name of a distribution."""
    name = name_of(value, context)
    if name in DISTRIBUTIONS:
        raise ValueError(tr("a device may not be called like a distribution; choose another name"))
    return name


Positive = Annotated[int, time(1, mark("a duration above 0"))]
"""ns, at least 1"""
DurationOrZero = Annotated[int, time(0, mark("a duration of 0 or more"))]
"""ns, at least 0"""
Timeout = Annotated[int, Read(_timeout, _timeout_schema())]
"""ns of a wait; 0 or less: it only looks"""
TimeUnit = Annotated[int, Read(_unit_of_time, {"type": "string", "pattern": _pattern(NS_PER)})]
PartitionSize = Annotated[int, size(1, mark("a size above 0"))]
"""bytes, at least 1"""
Size = Annotated[int, size(0, mark("a size of 0 or more"))]
"""bytes, at least 0"""
Rate = Annotated[int, Read(_rate, {"type": "string", "examples": ["200MiB/s"]})]
"""bytes a second, at least 1"""
Text = Annotated[str, text(10_000)]
LongText = Annotated[str, text(100_000)]
Name = Annotated[str, Read(name_of, {"type": "string", "minLength": 1, "maxLength": 100})]
DeviceName = Annotated[str, Read(device_name, {"type": "string", "minLength": 1})]
Units = Annotated[
    int | str,
    Read(units, {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}]}),
]
ProcessName = Annotated[str, Read(_process_name, {"type": "string"})]
Use = Annotated[int | str, Read(_use, {"type": ["string", "number"], "examples": ["89.4%", "5ms"]})]
"""How long a core or device is used: ns, or a share of the time as it is written, like 89.4%"""
Place = Annotated[
    dict[str, int],
    Read(_place, {"type": ["string", "integer"], "examples": ["500KiB@64KiB", "500KiB"]}),
]
"""Where a program is placed: the size of the chosen hole, the address, or both; bytes"""
Tolerance = Annotated[float, Read(_tolerance, {"type": ["string", "number"], "examples": ["2%"]})]
