"""What the command line may change about a scenario, and how large a scenario may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import UsageError
from kernel.workload import Workload
from language.source.limits import LIMITS


def split_policies(text: str) -> list[str]:
    """Return the policies of a list like `rr,srtf,mine.py:Mine`.

    Raises UsageError if no policy stands before or after a comma.
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
    processes are made as they arrive, see kernel.workload.Drawn. `costs` is what --costs says: it
    is charged by `commands.resolve`; here it only tells that another outcome is expected.
    With `keep_expect` the expectations of the scenario stay, whatever else is changed.
    """

    policy: str | None = None
    quantum: str | None = None
    cores: int | None = None
    seed: int | None = None
    time_unit: str | None = None
    sets: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    drawn: bool = False
    costs: str | None = None
    keep_expect: bool = False

    def limit(self, name: str) -> int:
        """Return the limit of this name, see LIMITS."""
        return self.limits.get(name, LIMITS[name])


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario that both machines can run, and remarks for its user, for stderr."""

    workload: Workload
    remarks: list[str]
