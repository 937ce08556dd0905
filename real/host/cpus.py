"""The processors of a run: the scenario's cores, and the spare processors."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import UsageError
from kernel.workload import Workload
from real.host import cgroups, probe, sched_classes
from translation import tr


@dataclass(frozen=True, slots=True)
class Cpus:
    """The numbers of the processors, as Linux counts them.

    Processor `cores[i]` is core i of the scenario. The supervisor runs on a `spare` processor.
    Workers that wait for their start or are about to exit run there, too.
    """

    cores: tuple[int, ...]
    spare: frozenset[int]

    @property
    def aside(self) -> frozenset[int]:
        """Return the processors for work that belongs to no core: the spare ones, or else all."""
        return self.spare or frozenset(self.cores)


MOST_HANDED_OVER = 240
"""Descriptors that a scenario may need in a child of a fork server. CPython hands over at most 256;
some of them are its own, and some are Multiprog's."""


def _check_descriptors(workload: Workload) -> None:
    """Raise UsageError if a child of a fork server cannot get all descriptors that it may need.

    These are a channel for each process, and two ends of a pipe for each queue.
    """
    calls = [call for spec in workload.processes for call in spec.program.calls]
    queues = {call.name for call in calls if call.kind in ("send", "receive")}
    wanted = len(workload.processes) + 2 * len(queues)
    if wanted > MOST_HANDED_OVER:
        raise UsageError(
            tr(
                "start_method: forkserver hands at most {most} processes and ends of queues to a "
                "child, and this scenario has {wanted}; use spawn, or simulate",
                most=MOST_HANDED_OVER,
                wanted=wanted,
            )
        )


def choose_cpus(workload: Workload) -> Cpus:
    """Return the last available processors as cores, and the others as spare processors.

    Raises UsageError for a workload that this machine cannot run.
    """
    available = probe.available_cpus()
    if workload.cores > len(available):
        raise UsageError(
            tr(
                "machine.cores: {wanted} real cores are wanted and this machine has {there}; use "
                "--cores {there}, or simulate",
                wanted=workload.cores,
                there=len(available),
            )
        )
    if workload.lifecycle is not None and workload.lifecycle.start_method == "forkserver":
        _check_descriptors(workload)
    if workload.scheduler.dispatch == "none":
        sched_classes.require(workload, len(available))
        cgroups.require(workload)
    cores = available[len(available) - workload.cores :]
    return Cpus(tuple(cores), frozenset(available) - frozenset(cores))
