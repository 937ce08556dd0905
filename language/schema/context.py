"""The facts that the check of a scenario has learned so far. Pydantic passes them to validators.

The sections are checked in the order of `Scenario`'s fields. So the machine's devices and memory
are known before a program's devices and size are checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationInfo

from language.schema.shared_names import SharedNames
from translation import mark


@dataclass(slots=True)
class Names:
    """The names of all processes of the scenario. Names made by a `count` are not written out."""

    plain: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)  # name of the template: count
    started: set[str] = field(default_factory=set)  # names that start and call steps give

    def __contains__(self, name: str) -> bool:
        if name in self.plain or name in self.started or self.template(name) is not None:
            return True
        return bool(self.started) and "/" in name  # A/c1 is the c1 that A starts

    def template(self, name: str) -> str | None:
        """Return the entry whose count makes `name`: `a` for `a-2` if `a` has a count of 2."""
        stem, dash, number = name.rpartition("-")
        if not dash or not number.isascii() or not number.isdigit() or number.startswith("0"):
            return None
        small = len(number) < 20 and int(number) <= self.counted.get(stem, 0)
        return stem if small else None

    def __iter__(self) -> Iterator[str]:
        """Yield the names to suggest in a message. Yield at most nine of an entry with a count."""
        yield from sorted(self.plain | self.started)
        for name, count in self.counted.items():
            yield from (f"{name}-{k}" for k in range(1, min(count, 9) + 1))


@dataclass(slots=True)
class CheckContext:
    """The facts about the scenario that are known so far.

    None: the fact is not known, as its section has a mistake. Values that depend on it are not
    checked.
    """

    step_limit: int
    process_limit: int
    time_unit: int = 1_000_000  # ns
    cores: int | None = 1
    devices: tuple[str, ...] | None = ()
    seeking: frozenset[str] = frozenset()  # devices whose queue goes by tracks
    memory: int | None = None  # bytes of the machine
    largest_program: int | None = None  # bytes of the largest program that memory can hold
    largest_place: str = mark("machine.memory")  # the part of memory that holds it, in words
    modelled: bool = True  # whether the scenario models memory
    extent: int | None = None  # bytes of memory, as written or as the partitions or holes add up
    asks: bool | None = None  # whether the process that is being checked asks for memory
    groups: tuple[str, ...] = ()  # names of the control groups so far
    names: Names = field(default_factory=Names)
    programs: tuple[str, ...] = ()  # names of the programs of started processes
    shared: SharedNames = field(default_factory=SharedNames)
    periodic: bool = False  # whether the process that is being checked has a period
    hyperperiod: int = 1  # ns, of all periodic processes
    processes: int = 0  # number so far, with every `count` written out
    steps: int = 0  # number so far, with every `count`, `repeat` and `jobs` written out


def context_of(info: ValidationInfo) -> CheckContext:
    """Return the context that pydantic has passed to a validator."""
    context = info.context
    assert isinstance(context, CheckContext)
    return context
