"""Durations, sizes and shares as text for people: in criteria, messages and reports."""

from __future__ import annotations

from decimal import Decimal

from kernel.units import format_size


def duration(ns: int) -> str:
    """Return a time with about four digits: 603.3 ms, 1.25 s, 65 µs."""
    for unit, scale in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000)):
        if abs(ns) >= scale:
            return f"{digits(ns / scale, 4)} {unit}"
    return f"{ns} ns" if ns else "0 ms"


def size_words(size: int) -> str:
    """Return a size or an address (bytes) as a scenario would write it; 0 has no unit."""
    return format_size(size) if size else "0"


def share(value: float) -> str:
    """Return a share as a percentage: 0.25 %, 3 %, 180 %."""
    return f"{digits(100 * value, 2)} %"


def digits(value: float, count: int) -> str:
    """Return a number with `count` significant digits, never in the notation with an exponent."""
    if abs(value) >= 10**count - 0.5:
        return f"{value:.0f}"
    return f"{Decimal(f'{value:.{count}g}'):f}"
