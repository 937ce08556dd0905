"""How much of the run a core or a device was in use, and how long it was idle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kernel.process.states import BLOCKED
from timeline.record.run import Run

ALL_CORES = "cpu"
"""The name of all cores together."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Times in ns, summed over the cores or the servers of a device."""

    busy: int
    idle: int
    span: int  # the makespan times the number of cores or servers


def core_name(core: int) -> str:
    """Return the name of one core, like `core 0`."""
    return f"core {core}"


def usage_of(run: Run) -> dict[str, Usage]:
    """Return the usage by name: `cpu` (all cores), `core 0`, … and each device.

    A device with any number of servers counts as one server. It is busy while it serves a process.
    """
    found = {name: _of_device(run, device) for device, name in enumerate(run.device_names)}
    rows = run.cores
    found |= {core_name(row.core): Usage(row.busy_ns, row.idle_ns, run.makespan_ns) for row in rows}
    busy, idle = sum(row.busy_ns for row in rows), sum(row.idle_ns for row in rows)
    return found | {ALL_CORES: Usage(busy, idle, run.makespan_ns * len(rows))}


def _of_device(run: Run, device: int) -> Usage:
    """Return the usage of a device. A service that goes on beyond its server is not counted.

    As long as a server is free, no process waits in the device's queue. So the number of busy
    servers is the number of processes at the device, up to the number of servers.
    """
    about = run.machine["devices"][run.device_names[device]]
    servers = [(0, about["units"] or 1), *map(tuple, about.get("changes", ()))]
    ends = [*(at for at, _ in servers[1:]), run.makespan_ns]
    busy = span = 0
    for (since, units), until in zip(servers, ends, strict=True):
        within = min(until, run.makespan_ns) - since
        span += max(0, within) * units
        busy += sum(
            min(count, units) * max(0, min(end, until) - max(start, since))
            for start, end, count in _present(run, device)
        )
    return Usage(busy, span - busy, span)


def _present(run: Run, device: int) -> Iterator[tuple[int, int, int]]:
    """Yield (from, to, how many processes are at the device), ns."""
    columns = run.intervals
    changes: dict[int, int] = {}
    for state, at, start, end in zip(
        columns.state, columns.device, columns.start, columns.end, strict=True
    ):
        if state == BLOCKED and at == device:
            changes[start] = changes.get(start, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    count = 0
    for start, end in pairwise(sorted(changes)):
        count += changes[start]
        yield start, end, count
