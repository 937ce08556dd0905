"""The values that a variant of an exercise chooses from: a list, or round steps of a range."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from language.source.wording import got, unknown
from translation import tr

KEYS = ("from", "to", "step")
MOST = 100_000
_NUMBER = re.compile(r"\s*([0-9]{1,12})\s*([A-Za-zµμ]*)\s*")


def values_of(written: Mapping[str, Any] | Sequence[Any]) -> Sequence[Any]:
    """Return the values of `[2, 4, 8]`, or of `{from: 10ms, to: 90ms, step: 10ms}`.

    Without `step` the step is 1. All numbers are whole and have the same unit, which the values
    have, too. Raises ValueError.
    """
    if not isinstance(written, Mapping):
        return written
    for key in written:
        if key not in KEYS:
            raise ValueError(unknown(tr("key"), str(key), KEYS))
    if "from" not in written or "to" not in written:
        raise ValueError(tr("must say from and to, like {from: 2, to: 9}"))
    numbers = {key: _number(key, value) for key, value in written.items()}
    low, unit = numbers["from"]
    high, step = numbers["to"][0], numbers.get("step", (1, unit))[0]
    if len({each[1] for each in numbers.values()}) > 1:
        raise ValueError(tr("from, to and step must have the same unit, like {from: 2ms, to: 9ms}"))
    if high <= low or step < 1:
        raise ValueError(tr("to must be above from, and step above 0"))
    many = (high - low) // step + 1
    if many > MOST:
        raise ValueError(
            tr(
                "must have at most {most:,} values (has {many:,}); write a larger step",
                most=MOST,
                many=many,
            )
        )
    values = range(low, high + 1, step)
    return [f"{value}{unit}" for value in values] if unit else values


def _number(key: str, value: Any) -> tuple[int, str]:
    match = _NUMBER.fullmatch(str(value)) if isinstance(value, int | str) else None
    if match is None or isinstance(value, bool):
        wanted = tr("a whole number, perhaps with a unit, like 20ms")
        raise ValueError(f"{key}: {got(wanted, value)}")
    return int(match[1]), match[2]
