"""A Gantt chart as text: for each core what ran there, like `{0: [A 0-20, B 20-50]}`."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator

from kernel.units import format_duration, parse_duration
from language.schema.context import CheckContext
from language.schema.quantities import Read
from language.source.wording import got, unknown
from translation import mark, tr

Stretch = tuple[str, int, int]
"""A process, and the time from which and up to which it runs, ns."""

WANTED = mark("a process and its time on the core, like A 0-20")
WANTED_CORE = mark("the number of a core, with what runs on it: {0: [A 0-20, B 20-50]}")
NOBODY = ("idle", "-", "free")
"""Words for an idle core. A stretch of idle time may be written; it need not be."""
_QUANTITY = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s?[a-zµμ]*"
# between two times: a hyphen, a dash as word processors make it, or "to"
_STRETCH = re.compile(rf"\s*(.*?\S)\s+({_QUANTITY})\s*(?:[-\u2013\u2014]|to)\s*({_QUANTITY})\s*")
_RANGE = re.compile(r"\s[0-9.]+\s?[a-zµμ]*\s*(?:[-\u2013\u2014]|to)\s*[0-9]")


def _stretch(value: Any, context: CheckContext) -> Stretch:
    match = _STRETCH.fullmatch(value) if isinstance(value, str) and len(value) <= 200 else None
    if match is None:
        raise ValueError(got(tr(WANTED), value))
    name, *times = match.groups()
    if _RANGE.search(name):
        raise ValueError(got(tr("one process and its time; separate two with a comma"), value))
    try:
        start, end = (parse_duration(text.replace(" ", ""), context.time_unit) for text in times)
    except ValueError:
        raise ValueError(got(tr(WANTED), value)) from None
    if end <= start:
        raise ValueError(got(tr("a time that ends after it begins, like A 0-20"), value))
    if name not in context.names and name not in NOBODY:
        raise ValueError(unknown(tr("process"), name, context.names))
    return name, start, end


def _core(value: Any, context: CheckContext) -> int:
    text = str(value).removeprefix("core").strip()
    cores = context.cores
    most = 1024 if cores is None else cores
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) >= most:
        raise ValueError(got(tr(WANTED_CORE), value))
    return int(text)


def _apart(stretches: list[Stretch]) -> list[Stretch]:
    """Return the stretches of one core in order. Raises ValueError if two overlap."""
    ordered = sorted(stretches, key=lambda stretch: stretch[1:])
    for (first, _, end), (second, start, _) in pairwise(ordered):
        if start < end:
            until = format_duration(end)
            raise ValueError(
                tr(
                    "{first} and {second} overlap on this core: {first} is until {until}",
                    first=first,
                    second=second,
                    until=until,
                )
            )
    return [stretch for stretch in ordered if stretch[0] not in NOBODY]


Lane = Annotated[
    list[Annotated[Stretch, Read(_stretch, {"type": "string", "examples": ["A 0-20"]})]],
    AfterValidator(_apart),
]
Gantt = dict[Annotated[int, Read(_core, {"type": "string"})], Lane]
"""The stretches of each core by its number. A core that is not named is idle all the time."""
