"""Where a run runs: which processors are the scenario's cores, and which are left over."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from kernel.errors import UsageError
from kernel.workload import Workload
from real.host import probe
from real.host import sched_classes as classes


@dataclass(frozen=True, slots=True)
class Cpus:
    """The processors of one run. `cores[i]` is the processor that is core i of the scenario.

    On the `spare` ones the supervisor runs, and workers that wait for their start or exit.
    """

    cores: tuple[int, ...]
    spare: frozenset[int]

    @property
    def aside(self) -> frozenset[int]:
        """Where work is done that belongs to no core: out of everybody's way, if there is room."""
        return self.spare or frozenset(self.cores)


MOST_DESCRIPTORS = 240
"""What CPython hands to a fork server with one request: 256, less its own and ours."""


def _handed_over(workload: Workload) -> None:
    """Each process has a channel, and each queue a pipe, that every child may need."""
    calls = [call for spec in workload.processes for call in spec.program.calls]
    queues = {call.name for call in calls if call.kind in ("send", "receive")}
    wanted = len(workload.processes) + 2 * len(queues)
    if wanted > MOST_DESCRIPTORS:
        raise UsageError(
            f"start_method: forkserver hands at most {MOST_DESCRIPTORS} processes and ends of "
            f"queues to a child, and this scenario has {wanted}; use spawn, or simulate"
        )


def choose_cpus(workload: Workload) -> Cpus:
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
    if workload.lifecycle is not None and workload.lifecycle.start_method == "forkserver":
        _handed_over(workload)
    if workload.scheduler.dispatch == "none":
        classes.require(workload, len(available))
    cores = available[len(available) - workload.cores :]
    return Cpus(tuple(cores), frozenset(available) - frozenset(cores))
