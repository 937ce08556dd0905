"""What validation has learned so far: the context that pydantic hands to every validator.

The sections are checked in the order of `schema.Scenario`, so a program's device is checked when
the machine's devices are known, and its size when the memory is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationInfo


@dataclass(slots=True)
class Names:
    """Every process name of the scenario, without writing each `count` out."""

    plain: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)  # name of the template: count
    started: set[str] = field(default_factory=set)  # what start and call steps call them

    def __contains__(self, name: str) -> bool:
        if name in self.plain or name in self.started or self.template(name) is not None:
            return True
        return bool(self.started) and "/" in name  # A/c1: one of several that are called c1

    def template(self, name: str) -> str | None:
        """The counted process that `name` is one of: `a` for `a-2` if `a` has a count of 2."""
        stem, dash, number = name.rpartition("-")
        if not dash or not number.isascii() or not number.isdigit() or number.startswith("0"):
            return None
        small = len(number) < 20 and int(number) <= self.counted.get(stem, 0)
        return stem if small else None

    def __iter__(self) -> Iterator[str]:
        """Names to suggest: of a counted process only the first ones."""
        yield from sorted(self.plain | self.started)
        for name, count in self.counted.items():
            yield from (f"{name}-{k}" for k in range(1, min(count, 9) + 1))


@dataclass(slots=True)
class CheckContext:
    """None: not known, because the section is missing or wrong; then nobody asks further."""

    step_limit: int
    process_limit: int
    time_unit: int = 1_000_000  # ns
    cores: int | None = 1
    devices: tuple[str, ...] | None = ()
    memory: int | None = None  # bytes of the machine
    largest_program: int | None = None  # bytes, that memory can ever hold
    largest_place: str = "machine.memory"  # what holds it, in words
    modelled: bool = True  # is there memory at all?
    extent: int | None = None  # bytes of memory, written or as partitions and holes add up
    asks: bool | None = None  # does the process that is being checked ask for memory?
    names: Names = field(default_factory=Names)
    programs: tuple[str, ...] = ()  # templates of started processes
    barriers: tuple[str, ...] = ()
    periodic: bool = False  # has the process that is being checked a period?
    hyperperiod: int = 1  # ns, of all periodic processes
    processes: int = 0  # so far, after `count`
    steps: int = 0  # so far, after `count`, `repeat` and `jobs`


def context_of(info: ValidationInfo) -> CheckContext:
    """The context, from what pydantic hands to a validator."""
    context = info.context
    assert isinstance(context, CheckContext)
    return context
