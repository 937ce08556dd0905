"""Small workloads for real processes, and what their runs have in common with the model's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from kernel.scheduling import POLICIES
from kernel.units import ms
from kernel.workload import (
    CPU,
    WAIT,
    DeviceSpec,
    MemorySpec,
    ProcessSpec,
    Program,
    SchedulerSpec,
    Workload,
)
from real import run_real
from timeline.run import Run
from timeline.tracks import by_process, slices

TRIES, ONCE_MORE = 8, 2
"""Runs of the same workload before the machine counts as too busy to compare orders on; and as long
as it was too busy the last time, so that a busy machine does not make the tests take hours."""
UNDISTURBED = ms(2)
"""What outsiders may take of the cores in a run that shall keep the order of the model, ns."""


def cpu(length: int) -> tuple[int, int]:
    """A burst of so many ms."""
    return CPU, ms(length)


def io(length: int, device: int = WAIT) -> tuple[int, int]:
    """A wait of so many ms, at a device if one is given."""
    return device, ms(length)


def process(name: str, *steps: tuple[int, int], arrival: int = 0, **others: Any) -> dict[str, Any]:
    """A process of those steps; `arrival` in ms."""
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
    """One scenario; `quantum` in ms, for round robin only."""
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
    """Who was dispatched, one name a slice; core by core, as two cores are not in step."""
    turns = sorted(slices(by_process(run)), key=lambda turn: turn.core)  # stable
    return [run.process_names[turn.process] for turn in turns]


def disturbed(run: Run) -> bool:
    """Did somebody else have its cores for long, or keep one of its processes from starting?"""
    taken = sum(row.end_ns - row.start_ns for row in run.overheads if row.why == "interrupted")
    late = run.machine["dispatch"].get("dead_max_ns", 0)
    return max(taken, late, run.machine["steal_ns"]) > UNDISTURBED


def run_undisturbed(wanted: Workload) -> Run:
    """A run that nobody outside disturbed.

    Other programs on the machine make a real run something else than its model, and rightly so:
    the test is skipped if every try is disturbed. A run that gives up the order of the books
    without being disturbed is returned, for the test to fail on.
    """
    global _tries
    for run in (run_real(wanted) for _ in range(_tries)):
        if not disturbed(run):
            _tries = TRIES
            return run
    _tries = ONCE_MORE
    pytest.skip("other programs are using this machine's cores")


_tries = TRIES  # of the next workload


two_cores = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="needs a machine with two cores"
)
