"""Compaction that takes time: random programs under every policy, and the laws of their records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.hardware import Costs, MemorySpec
from kernel.memory import layout
from kernel.process.states import State
from sim import simulate
from tests.effort import cases
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from timeline.laws.check import check

CPU, WAIT, DISK, MIB = "cpu", "wait", "disk", 1 << 20

steps = st.lists(st.tuples(st.sampled_from([WAIT, DISK]), st.integers(1, 6)), max_size=2)
programs = st.lists(
    st.tuples(st.integers(0, 8), st.integers(1, 6), steps, st.booleans(), st.integers(0, 9)),
    min_size=2,
    max_size=12,
)
policies = st.sampled_from(
    [
        ("fcfs", {}),
        ("rr", {"quantum": 2}),
        ("vrr", {"quantum": 2}),
        ("srtf", {}),
        ("sjf", {}),
        ("hrrn", {}),
        ("priority", {"preemptive": True, "quantum": 3}),
        ("mlfq", {"levels": 3, "quanta": [1, 2], "boost": 9}),
        ("feedback", {"quantum": 1}),
        ("lottery", {"quantum": 2}),
        ("stride", {"quantum": 2}),
        ("fair", {"latency": 6, "granularity": 1}),
        ("random", {"quantum": 2}),
    ]
)


def program(length: int, waits: list[tuple[str, int]], computes: bool) -> tuple[Any, ...]:
    found: list[tuple[str, int]] = [(CPU, length)]
    for wait in waits:
        found += [wait, (CPU, length)]
    return tuple(found if computes else found[:-1] or found)


@settings(max_examples=cases(200))
@given(
    policy=policies,
    given_programs=programs,
    cores=st.integers(1, 3),
    holes=st.sampled_from([[12 * MIB], [12 * MIB, 9 * MIB]]),
    cost=st.integers(1, 3),
    switch=st.sampled_from([0, 0, 1]),
    admission=st.sampled_from(["fifo", "skip"]),
    ties=st.sampled_from(["arrival-first", "expiry-first"]),
    queues=st.sampled_from(["global", "per-core"]),
    explain=st.booleans(),
)
def test_no_law_is_broken(
    policy: tuple[str, dict[str, Any]],
    given_programs: list[tuple[int, int, list[tuple[str, int]], bool, int]],
    cores: int,
    holes: list[int],
    cost: int,
    switch: int,
    admission: str,
    ties: str,
    queues: str,
    explain: bool,
) -> None:
    jobs = [
        Job(at, program(length, waits, computes), memory=size * MIB, priority=size)
        for at, length, waits, computes, size in given_programs
    ]
    made = workload(
        policy[0],
        jobs,
        policy[1],
        cores=cores,
        devices={"disk": 1},
        ties=ties,
        queues=queues,
        balance="steal" if queues == "per-core" else "none",
    )
    memory = MemorySpec(
        layout(holes)[-1].end,
        admission=admission,
        scheme="variable",
        holes=tuple(holes) if len(holes) > 1 else (),
        compaction="when-needed",
    )
    run = simulate(
        replace(made, memory=memory, costs=Costs(switch=switch, copy_per_mib=cost)), explain=explain
    )
    assert check(run) == []
    assert all(row.completion_ns is not None for row in run.processes)
    moved = [event for event in run.memory_events if event.event == "moved"]
    spent = sum(row.end - row.start for row in run.intervals if row.state == State.SUSPENDED)
    assert spent == sum(event.size // MIB * cost for event in moved)
