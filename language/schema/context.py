"""What the check of a scenario has learned so far: pydantic hands it to every validator.

The sections are checked in the order of `Scenario`'s fields, so a program's device is checked when
the machine's devices are known, and its size when the memory is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationInfo


@dataclass(slots=True)
class Names:
    """The name of every process of the scenario; those that a `count` makes are not written out."""

    plain: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)  # name of the template: count
    started: set[str] = field(default_factory=set)  # names that start and call steps give

    def __contains__(self, name: str) -> bool:
        if name in self.plain or name in self.started or self.template(name) is not None:
            return True
        return bool(self.started) and "/" in name  # A/c1 is the c1 that A starts

    def template(self, name: str) -> str | None:
        """Return the counted process that makes `name`: `a` for `a-2` if `a` has a count of 2."""
        stem, dash, number = name.rpartition("-")
        if not dash or not number.isascii() or not number.isdigit() or number.startswith("0"):
            return None
        small = len(number) < 20 and int(number) <= self.counted.get(stem, 0)
        return stem if small else None

    def __iter__(self) -> Iterator[str]:
        """Yield names to suggest: of a counted process only the first ones."""
        yield from sorted(self.plain | self.started)
        for name, count in self.counted.items():
            yield from (f"{name}-{k}" for k in range(1, min(count, 9) + 1))


@dataclass(slots=True)
class CheckContext:
    """What is known of the scenario so far.

    None: it is not known, as its section is wrong; then what depends on it is not checked.
    """

    step_limit: int
    process_limit: int
    time_unit: int = 1_000_000  # ns
    cores: int | None = 1
    devices: tuple[str, ...] | None = ()
    memory: int | None = None  # bytes of the machine
    largest_program: int | None = None  # bytes of the largest program that memory can hold
    largest_place: str = "machine.memory"  # the part of memory that holds it, in words
    modelled: bool = True  # is there memory at all?
    extent: int | None = None  # bytes of memory, as written or as the partitions or holes add up
    asks: bool | None = None  # does the process that is being checked ask for memory?
    names: Names = field(default_factory=Names)
    programs: tuple[str, ...] = ()  # names of the programs of started processes
    barriers: tuple[str, ...] = ()
    periodic: bool = False  # has the process that is being checked a period?
    hyperperiod: int = 1  # ns, of all periodic processes
    processes: int = 0  # so far, after `count`
    steps: int = 0  # so far, after `count`, `repeat` and `jobs`


def context_of(info: ValidationInfo) -> CheckContext:
    """Return the context, from what pydantic hands to a validator."""
    context = info.context
    assert isinstance(context, CheckContext)
    return context
