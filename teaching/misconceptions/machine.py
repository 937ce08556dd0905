"""What students take for the rule of cores, devices and arrivals."""

from __future__ import annotations

from dataclasses import replace

from kernel.process.program import CPU, WAIT
from kernel.workload import Workload
from teaching.misconceptions import changes
from teaching.misconceptions.misconception import Misconception
from translation import mark


def _devices_without_queues(workload: Workload) -> Workload | None:
    if all(device.units is None for device in workload.devices):
        return None
    return replace(workload, devices=tuple(replace(each, units=None) for each in workload.devices))


def _one_core(workload: Workload) -> Workload | None:
    pinned = any(spec.cores is not None for spec in workload.processes)
    return None if workload.cores == 1 or pinned else replace(workload, cores=1)


def _one_at_a_time(workload: Workload) -> Workload | None:
    """Return the workload in which a program keeps the core while it waits: no multiprogramming."""
    if any(spec.period is not None or spec.program.calls for spec in workload.processes):
        return None
    return changes.steps(lambda place, ns: (CPU, ns) if place >= WAIT else (place, ns))(workload)


MACHINE: tuple[Misconception, ...] = (
    Misconception(
        "arrivals-ignored",
        mark("processes that all arrive at 0"),
        mark("a process cannot run before it arrives"),
        changes.processes(
            lambda spec: spec if spec.kinship.parent >= 0 else replace(spec, arrival=0)
        ),
    ),
    Misconception(
        "io-holds-the-core",
        mark("programs that keep the core while they wait for I/O"),
        mark("while a process waits for I/O, the core goes to another one"),
        _one_at_a_time,
    ),
    Misconception(
        "io-ignored",
        mark("programs without their I/O"),
        mark("a process that waits for I/O is not ready until the I/O is over"),
        changes.steps(lambda place, ns: None if place >= WAIT else (place, ns)),
    ),
    Misconception(
        "devices-do-not-queue",
        mark("devices that serve everyone at once"),
        mark("a device serves one request at a time; the others wait in its queue"),
        _devices_without_queues,
    ),
    Misconception(
        "one-core",
        mark("a machine with one core"),
        mark("as many processes run at one time as there are cores"),
        _one_core,
    ),
    Misconception(
        "one-queue-for-all",
        mark("one queue for all cores"),
        mark("each core has a queue of its own, and no process changes its core"),
        lambda workload: (
            replace(workload, scheduler=replace(workload.scheduler, queues="global"))
            if workload.scheduler.queues == "per-core"
            and workload.scheduler.balance == "none"
            and all(spec.cores is None for spec in workload.processes)
            else None
        ),
    ),
)
