"""Where a run runs: which processors are the scenario's cores, and which are left over."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from kernel.errors import UsageError
from kernel.workload import Workload
from real import classes, probe


@dataclass(frozen=True, slots=True)
class Site:
    """`cpus[i]` is core i. What is `spare` has the supervisor, and workers that wait or leave."""

    cpus: tuple[int, ...]
    spare: frozenset[int]

    @property
    def aside(self) -> frozenset[int]:
        """Where work is done that belongs to no core: out of everybody's way, if there is room."""
        return self.spare or frozenset(self.cpus)


def choose_site(workload: Workload) -> Site:
    """The last processors that are available. Raises UsageError for what cannot be here."""
    if not sys.platform.startswith("linux"):
        raise UsageError(
            "run-real needs Linux (signals, memfd, processor affinity); simulate works everywhere"
        )
    available = probe.available_cpus()
    if workload.cores > len(available):
        raise UsageError(
            f"machine.cores: {workload.cores} real cores are wanted and this machine has "
            f"{len(available)}; use --cores {len(available)}, or simulate"
        )
    if workload.scheduler.dispatch == "none":
        classes.require(workload, len(available))
    cpus = available[len(available) - workload.cores :]
    return Site(tuple(cpus), frozenset(available) - frozenset(cpus))
