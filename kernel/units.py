"""Durations in integer nanoseconds and sizes in integer bytes, and how a user writes them.

Parsing is exact decimal arithmetic: `1.1ms` is 1,100,000 ns, and no time passes through a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

from translation import mark, tr

Duration = NewType("Duration", int)
"""Integer nanoseconds. A scenario writes a policy parameter with this annotation like 20ms."""

NS_PER: dict[str, int] = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_GREEK = "\u03bcs"  # written with the Greek letter, which looks like the sign for micro
BYTES_PER: dict[str, int] = {
    "B": 1,
    "kB": 1000,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "TiB": 1024**4,
}
LARGEST = 2**62
"""The largest time (146 years) and size that fit the record's 64-bit columns with room to add."""

DURATION = mark("a duration like 20ms, 250us or 1.5s")
SIZE = mark("a size like 64MiB, 64MB or 4096")
RATE = mark("a rate like 200MiB/s")
WRONG = mark("must be {wanted} (got {value})")

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([A-Za-zµμ]*)\s*")


def us(count: int) -> Duration:
    """Return `count` microseconds in nanoseconds."""
    return Duration(count * 1_000)


def ms(count: int) -> Duration:
    """Return `count` milliseconds in nanoseconds."""
    return Duration(count * 1_000_000)


def seconds(count: int) -> Duration:
    """Return `count` seconds in nanoseconds."""
    return Duration(count * 1_000_000_000)


def parse_duration(value: object, time_unit: int = 1_000_000) -> Duration:
    """Return the nanoseconds of `20ms`, `1.5s`, or of a bare number of `time_unit`s (ns).

    Raises ValueError, saying what would be right, for anything else.
    """
    return Duration(_parse(value, NS_PER, time_unit, DURATION))


def parse_size(value: object) -> int:
    """Return the bytes of `64MiB`, `64MB` or a bare number of bytes. Raises ValueError."""
    return _parse(value, BYTES_PER, 1, SIZE)


def parse_rate(value: object) -> int:
    """Return the bytes a second of `200MiB/s`. Raises ValueError otherwise."""
    size, slash, unit = str(value).partition("/")
    if not slash or unit.strip() != "s":
        raise ValueError(tr(WRONG, wanted=tr(RATE), value=repr(value)))
    return _parse(size, BYTES_PER, 1, RATE)


def named(units: Iterable[str]) -> str:
    """Return the names of units as a message lists them: of two that look alike only one."""
    return ", ".join(name for name in units if name != _GREEK)


def _parse(value: object, units: dict[str, int], bare: int, wanted: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(tr(WRONG, wanted=tr(wanted), value=repr(value)))
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise ValueError(tr(WRONG, wanted=tr(wanted), value=repr(value)))
    number, unit = match.groups()
    if unit and unit not in units:
        raise ValueError(
            tr(
                "must be {wanted} (got the unit {unit!r}; known: {known})",
                wanted=tr(wanted),
                unit=unit,
                known=named(units),
            )
        )
    exact = Decimal(number) * (units[unit] if unit else bare)
    if abs(exact) > LARGEST:
        raise ValueError(
            tr(
                "must be {wanted} (got {value!r}, which is too large)",
                wanted=tr(wanted),
                value=value,
            )
        )
    return int(exact.to_integral_value(ROUND_HALF_UP))


def format_duration(ns: int) -> str:
    """Return the shortest exact text, in the largest unit that needs at most three decimals."""
    if ns == 0:
        return "0"
    for unit in ("s", "ms", "us", "ns"):
        scale = NS_PER[unit]
        if abs(ns) >= scale and ns * 1000 % scale == 0:
            return f"{Decimal(ns) / scale:f}{unit}"
    return f"{ns}ns"


def format_rate(rate: int) -> str:
    """Return a rate in bytes a second as a user writes it: `200MiB/s`."""
    return f"{format_size(rate)}/s"


def format_size(size: int) -> str:
    """Return the size in the largest binary unit that divides it, otherwise in a decimal unit."""
    for unit in ("TiB", "GiB", "MiB", "KiB", "TB", "GB", "MB", "KB"):
        if size and size % BYTES_PER[unit] == 0:
            return f"{size // BYTES_PER[unit]}{unit}"
    return f"{size}B"
