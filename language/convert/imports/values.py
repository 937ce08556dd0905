"""The values of a table's cells: durations, lists of bursts, sizes, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from kernel.units import BYTES_PER, LARGEST, NS_PER, format_duration, named
from language.convert.imports.cells import Cell
from language.convert.imports.draft import Step, Value
from language.convert.imports.headings import unit_of
from language.source.wording import got
from translation import mark, tr

_NUMBER = r"\d{1,15}(?:\.\d{1,12})?|\.\d{1,12}"
_QUANTITY = re.compile(rf"\+?({_NUMBER})\s*([A-Za-zµμ\u4e00-\u9fff]*)")
_DECIMAL_COMMA = re.compile(r"\d+,\d+(\s*[A-Za-zµμ\u4e00-\u9fff]+)?")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")
_BURST = re.compile(
    rf"(?:(?P<kind>cpu|run|burst|i/?o|wait|sleep|disk|计算|运行|输入|输出|打印)\s*[:=(]?\s*)?"
    rf"(?P<number>{_NUMBER})\s*(?P<unit>ns|us|µs|ms|s|min|h|毫秒|秒|分钟|小时)?\)?"
    r"(?:\s*\(?(?P<after>cpu|i/?o)\b\)?(?![\s:=(]*\d))?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;:|/+>\u2192\u2013-]*")
_COMPUTES = ("cpu", "run", "burst", "计算", "运行")
_WHOLE = re.compile(r"[+-]?\d{1,15}")

MOST_BARE = 10**12
"""The largest number without a unit: as ms it is 30 years."""
DURATION = mark("a duration of 0 or more, like 5, 2.5 or 20ms")


class Burst(NamedTuple):
    """A part of a program: CPU time or I/O time, as a scenario writes it."""

    is_io: bool
    time: Value

    @property
    def step(self) -> Step:
        """The step of a scenario."""
        return {"io" if self.is_io else "cpu": self.time}


def normal(text: str) -> str:
    """Return the text with full-width digits and signs as ASCII."""
    return unicodedata.normalize("NFKC", text).strip()


def is_number(text: str) -> bool:
    """Return whether a cell has a number, with or without a unit."""
    return _QUANTITY.fullmatch(_with_point(normal(text))) is not None


def duration(cell: Cell, unit: str | None) -> Value:
    """Return a duration as a scenario writes it. `unit` is that of bare numbers. Raises ValueError.

    A number without any unit stays one: it counts the scenario's time unit.
    """
    found = _QUANTITY.fullmatch(_with_point(normal(cell.text)))
    if found is None:
        raise ValueError(got(tr(DURATION), cell.text))
    return _time(found.group(1), found.group(2), unit, cell.text)


def _with_point(text: str) -> str:
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text


def _time(number: str, written: str, unit: str | None, text: str) -> Value:
    """Return the time; `written` is the unit that stands beside the number, or empty."""
    known = unit_of(written) if written else unit
    if known is None and not written:
        if Decimal(number) > MOST_BARE:
            raise ValueError(got(tr("a shorter duration"), text))
        return plain_number(Decimal(number))
    if known not in NS_PER:
        units = named(NS_PER)
        wanted = tr("{wanted} (units: {units})", wanted=tr(DURATION), units=units)
        raise ValueError(got(wanted, text))
    ns = Decimal(number) * NS_PER[known]
    if ns > LARGEST:
        raise ValueError(got(tr("a shorter duration"), text))
    whole = int(ns)
    if not whole:
        return 0
    return format_duration(whole) if known in ("ns", "us", "ms", "s") else f"{number}{known}"


def plain_number(number: Decimal) -> Value:
    """Return a number as a scenario writes it: 5 or 2.5."""
    return int(number) if number == number.to_integral_value() else number.normalize()


def is_zero(time: Value) -> bool:
    """Return whether a time is 0, with or without unit."""
    return not re.search(r"[1-9]", str(time))


def clock_minutes(text: str) -> Decimal | None:
    """Return the minutes since midnight of a time of day like `8:30`; None: it is none."""
    found = _CLOCK.fullmatch(normal(text))
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return int(hours) * 60 + int(minutes) + Decimal(seconds or 0) / 60


def bursts(cell: Cell, unit: str | None, *, starts_with_io: bool = False) -> list[Burst]:
    """Return the bursts in a cell, like `5`, `5,io 3,2` or `10:5 2`. Raises ValueError.

    Without words they alternate: CPU, I/O, CPU, and so on. Bursts of 0 are left out.
    """
    text = normal(cell.text)
    if _QUANTITY.fullmatch(_with_point(text)) is not None:
        return _without_zeros([Burst(starts_with_io, duration(cell, unit))])
    found = list(_tokens(text, cell.text))
    named = any(each["kind"] or each["after"] for each in found)
    made = []
    for place, each in enumerate(found):
        word = (each["kind"] or each["after"] or "cpu").lower()
        is_io = word not in _COMPUTES if named else (place % 2 == 1) != starts_with_io
        made.append(Burst(is_io, _time(each["number"], each["unit"] or "", unit, cell.text)))
    return _without_zeros(made)


def _tokens(text: str, written: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        found = _BURST.match(text, at)
        if found is None:
            raise ValueError(got(tr("a burst, or a list of them like 5, io 3, 2"), written))
        yield found
        between = _BETWEEN.match(text, found.end())
        assert between is not None  # it matches nothing, too
        at = between.end()


def _without_zeros(found: Sequence[Burst]) -> list[Burst]:
    return [each for each in found if not is_zero(each.time)]


def size(cell: Cell, unit: str | None) -> Value:
    """Return a size as a scenario writes it. Bare numbers count KiB. Raises ValueError."""
    found = _QUANTITY.fullmatch(_with_point(normal(cell.text)))
    known = None if found is None else unit_of(found.group(2)) if found.group(2) else unit or "KiB"
    if found is None or known not in BYTES_PER:
        raise ValueError(got(tr("a size like 64MiB or 100K"), cell.text))
    if Decimal(found.group(1)) * BYTES_PER[known] > LARGEST:
        raise ValueError(got(tr("a smaller size"), cell.text))
    return f"{found.group(1)}{known}"


def whole(least: int, most: int) -> Callable[[Cell, str | None], Value]:
    """Return the reader of a whole number in this range."""

    def read(cell: Cell, _unit: str | None) -> Value:
        text = normal(cell.text)
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise ValueError(
                got(
                    tr("a whole number from {least:,} to {most:,}", least=least, most=most),
                    cell.text,
                )
            )
        return int(text)

    return read


def core(cell: Cell, _unit: str | None) -> Value:
    """Return the cores of a process: a number, or several with blanks or signs between them."""
    numbers = re.findall(r"\d{1,4}", normal(cell.text))
    if not numbers or re.sub(r"[\d\s,;]", "", normal(cell.text)):
        raise ValueError(got(tr("a core by its number from 0, like 1"), cell.text))
    return [int(number) for number in numbers] if len(numbers) > 1 else int(numbers[0])
