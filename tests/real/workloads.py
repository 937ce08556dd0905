"""Small workloads for real processes, and real runs of them that no other program disturbed."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Sequence
from typing import Any

import pytest

from kernel.hardware import DeviceSpec, MemorySpec
from kernel.policies import POLICIES
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload
from real import run_real
from timeline.comparison.causes.core_losses import OUTSIDE
from timeline.record.run import Overhead, Run
from timeline.record.tracks import by_process, slices

TRIES, ONCE_MORE = 8, 2
"""How often a workload is run before the machine counts as too busy to compare orders.

The second number holds if the machine was too busy the last time, so that the tests do not take
hours on a busy machine.
"""
UNDISTURBED = ms(2)
"""How much core time (ns) other programs may take in a run that must keep the model's order."""


def cpu(length: int) -> tuple[int, int]:
    """Return a burst of `length` ms."""
    return CPU, ms(length)


def io(length: int, device: int = WAIT) -> tuple[int, int]:
    """Return a wait of `length` ms, at a device if one is given."""
    return device, ms(length)


def process(name: str, *steps: tuple[int, int], arrival: int = 0, **others: Any) -> dict[str, Any]:
    """Return the arguments of ProcessSpec for a process with these steps; `arrival` in ms."""
    return {"name": name, "arrival": ms(arrival), "program": Program.of(steps), **others}


def workload(
    *processes: dict[str, Any],
    policy: str = "rr",
    quantum: int | None = 10,
    cores: int = 1,
    devices: Sequence[DeviceSpec] = (),
    memory: MemorySpec | None = None,
    ties: str = "arrival-first",
    **parameters: Any,
) -> Workload:
    """Return a workload; `quantum` in ms, for round robin only."""
    kind = POLICIES[policy]
    given = kind.parameters() | parameters
    if policy == "rr" and quantum is not None:
        given["quantum"] = ms(quantum)
    return Workload(
        source={
            "title": "a test",
            "about": "",
            "file": "test.yaml",
            "text": "",
            "overrides": {},
            "sha256": "",
            "seed": 0,
        },
        cores=cores,
        devices=tuple(devices),
        memory=memory,
        scheduler=SchedulerSpec(policy, kind, given, ties),
        processes=tuple(ProcessSpec(index=at, **given) for at, given in enumerate(processes)),
    )


def sequence(run: Run) -> list[str]:
    """Return the name of the process of each slice, core by core.

    The order of slices on different cores is not fixed.
    """
    turns = sorted(slices(by_process(run)), key=lambda turn: turn.core)  # stable
    return [run.process_names[turn.process] for turn in turns]


def disturbance(run: Run) -> str | None:
    """Return in words the largest disturbance if it is above UNDISTURBED; None if it is not.

    Other programs or the hypervisor had the cores of the run, or a dispatch was late.
    """
    measured = {
        "outsiders took": sum(row.end_ns - row.start_ns for row in run.overheads if _outside(row)),
        "a dispatch was late by": run.machine["dispatch"].get("dead_max_ns", 0),
        "the hypervisor took": run.machine["steal_ns"],
    }
    what, most = max(measured.items(), key=lambda item: item[1])
    return f"{what} {most / 1e6:.1f} ms" if most > UNDISTURBED else None


def _outside(row: Overhead) -> bool:
    return row.why == OUTSIDE


def disturbed(run: Run) -> bool:
    """Return whether a disturbance of the run is above UNDISTURBED."""
    return disturbance(run) is not None


def interruptions(cpu: int, length: int) -> int:
    """Return how often others take processor `cpu` from a program that computes for `length` ns.

    The kernel counts these involuntary switches, whatever their length.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        until, taken = time.monotonic_ns() + length, _taken_from_us()
        while time.monotonic_ns() < until:
            pass
        return _taken_from_us() - taken
    finally:
        os.sched_setaffinity(0, before)


def _taken_from_us() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def run_undisturbed(wanted: Workload) -> Run:
    """Return a real run that no other program disturbed.

    Other programs may change a real run, and that is no error. So the test is skipped if each try
    is disturbed, with the disturbance as the reason. A run that is not disturbed and still does not
    have the order of virtual time is returned, so that the test fails.
    """
    found = None
    for run in (run_real(wanted) for _ in range(_next_tries[0])):
        found = disturbance(run)
        if found is None:
            _next_tries[0] = TRIES
            return run
    _next_tries[0] = ONCE_MORE
    pytest.skip(f"other programs are using this machine's cores: {found}")


_next_tries = [TRIES]  # how often the next workload is run at most


two_cores = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="needs a machine with two cores"
)
