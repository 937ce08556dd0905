"""What the command line may change about a scenario, and how large a scenario may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import UsageError
from kernel.workload import Workload

LIMITS: dict[str, int] = {
    "file_size": 4_000_000,  # bytes of the file
    "nesting": 100,  # levels of lists and mappings in one another
    "nodes": 1_000_000,  # values in the file after its aliases are written out
    "processes": 1_000_000,  # after every `count`
    "children": 256,  # processes that others start, all of them together
    "steps": 10_000_000,  # after every `count` and `repeat`
}
"""The largest scenario that is read unless `Options.limits` says otherwise."""


def split_policies(text: str) -> list[str]:
    """The policies of `rr,srtf,mine.py:Mine`, one after the other; one alone is one.

    Raises UsageError where there is none before or after a comma.
    """
    entries = [entry.strip() for entry in text.split(",")]
    if not all(entries):
        raise UsageError(
            f"--policy {text}: must name a policy before and after each comma, like rr,srtf,mlfq"
        )
    return entries


@dataclass(frozen=True, slots=True)
class Options:
    """The command line's overrides, as they were typed. None: not given.

    `sets` are `path=value` texts; `limits` replaces entries of `LIMITS` by name. With `drawn`
    processes are made as they arrive, see kernel.workload.Drawn.
    """

    policy: str | None = None
    quantum: str | None = None
    cores: int | None = None
    seed: int | None = None
    time_unit: str | None = None
    sets: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    drawn: bool = False

    def limit(self, name: str) -> int:
        """The limit of this name, see LIMITS."""
        return self.limits.get(name, LIMITS[name])


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario ready for both machines, and what its user should be told on stderr."""

    workload: Workload
    remarks: list[str]
