"""The options of the command line that change a scenario or its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import UsageError
from kernel.workload import Workload
from language.source.limits import LIMITS
from translation import tr


def split_policies(text: str) -> list[str]:
    """Return the policies of a list like `rr,srtf,mine.py:Mine`.

    Raises UsageError if no policy stands before or after a comma.
    """
    entries = [entry.strip() for entry in text.split(",")]
    if not all(entries):
        raise UsageError(
            tr(
                "--policy {policies}: must name a policy before and after each comma, "
                "like rr,srtf,mlfq",
                policies=text,
            )
        )
    return entries


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line, as the user typed them. None: not given.

    `sets` are `path=value` texts; so are `changes`, the values of one point of an experiment, which
    come last. `limits` replaces entries of `LIMITS` by name. With `drawn`
    processes are made when they arrive, see kernel.workload.Drawn. `costs` is the value of --costs,
    which `commands.resolve` applies; here it only decides whether the expectations are kept. With
    `keep_expect` they are always kept.
    """

    policy: str | None = None
    quantum: str | None = None
    cores: int | None = None
    seed: int | None = None
    time_unit: str | None = None
    sets: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    drawn: bool = False
    costs: str | None = None
    keep_expect: bool = False

    def limit(self, name: str) -> int:
        """Return the value of the limit `name` of LIMITS."""
        return self.limits.get(name, LIMITS[name])


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workload that both machines can run, and remarks to the user, for stderr."""

    workload: Workload
    remarks: list[str]
