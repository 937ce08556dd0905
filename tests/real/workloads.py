"""Small workloads for real processes, and what their runs have in common with the model's."""

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
"""Runs of the same workload before the machine counts as too busy to compare orders on; and as long
as it was too busy the last time, so that a busy machine does not make the tests take hours."""
UNDISTURBED = ms(2)
"""What outsiders may take of the cores in a run that shall keep the order of the model, ns."""


def cpu(length: int) -> tuple[int, int]:
    """Return a burst of so many ms."""
    return CPU, ms(length)


def io(length: int, device: int = WAIT) -> tuple[int, int]:
    """Return a wait of so many ms, at a device if one is given."""
    return device, ms(length)


def process(name: str, *steps: tuple[int, int], arrival: int = 0, **others: Any) -> dict[str, Any]:
    """Return the description of a process of those steps; `arrival` in ms."""
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
    """Return the name of the process of each slice; core by core, as two cores are not in step."""
    turns = sorted(slices(by_process(run)), key=lambda turn: turn.core)  # stable
    return [run.process_names[turn.process] for turn in turns]


def disturbance(run: Run) -> str | None:
    """Return the measured disturbance by other programs if it may have changed the run, else None.

    They had its cores for long, or kept one of its processes from starting.
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
    """Return whether other programs had its cores for long, or kept a process from starting."""
    return disturbance(run) is not None


def interruptions(cpu: int, length: int) -> int:
    """Return how often others take processor `cpu` from a program that computes for `length` ns.

    The kernel counts them, however short they are.
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
    """Return a run that no other program disturbed.

    Other programs on the machine make a real run something else than its model, and rightly so:
    the test is skipped if every try is disturbed, and says by what. A run that gives up the order
    of virtual time without being disturbed is returned, for the test to fail on.
    """
    found = None
    for run in (run_real(wanted) for _ in range(_next_tries[0])):
        found = disturbance(run)
        if found is None:
            _next_tries[0] = TRIES
            return run
    _next_tries[0] = ONCE_MORE
    pytest.skip(f"other programs are using this machine's cores: {found}")


_next_tries = [TRIES]  # of the next workload


two_cores = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="needs a machine with two cores"
)
