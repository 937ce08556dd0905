"""A scenario that is being made from another form, before it is written as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = bool | int | Decimal | str | Sequence["Value"] | Mapping[str, "Value"] | None
"""A value of a scenario file. Durations and sizes with a unit are text, like `20ms`."""

Step = Mapping[str, Value]
"""One step of a program, like `{cpu: 20ms}`."""

LONGEST_NAME = 100  # characters


@dataclass(slots=True)
class DraftProcess:
    """One entry of `processes`. `keys` are in the order in which they are written."""

    name: str
    keys: dict[str, Value] = field(default_factory=dict)
    program: list[Step] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # comments above the entry


@dataclass(slots=True)
class Draft:
    """A scenario. `remarks` are comments at its top: the origin, and what was left out."""

    title: str
    remarks: list[str] = field(default_factory=list)
    sections: dict[str, Value] = field(default_factory=dict)  # in the order of the file
    processes: list[DraftProcess] = field(default_factory=list)


def usable_name(text: str, otherwise: str) -> str:
    """Return `text` as a name of a scenario: printable, not blank, at most 100 characters."""
    printable = "".join(each if each.isprintable() else "?" for each in text).strip()
    return printable[:LONGEST_NAME].strip() or otherwise


class Names:
    """Unique names: a name that is taken gets `#2`, `#3`, and so on."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """Return `name`, or with a number if it was returned before."""
        while True:
            many = self._taken[name] = self._taken.get(name, 0) + 1
            if many == 1:
                return name
            name = f"{name[: LONGEST_NAME - 8]}#{many}"
