"""A run at one instant says what the record says, at every instant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.process.states import BLOCKED, NEW, READY, RUNNING, SUSPENDED
from kernel.scheduling.explain import Decision
from report.replay.instant import Replay
from sim import simulate
from tests.sim.cases import random_case, workload_of
from tests.timeline.gantt import gantt
from timeline.record.run import MemoryEvent

POLICIES = ("fcfs", "rr", "sjf", "srtf", "priority")


@pytest.mark.parametrize("policy", POLICIES)
@given(seed=st.integers(0, 10_000), place=st.integers(0, 1_000))
@settings(max_examples=40)
def test_every_process_is_where_its_interval_says(policy: str, seed: int, place: int) -> None:
    run = simulate(workload_of(random_case(policy, seed), 1000))
    times = sorted({*run.intervals.start, *run.intervals.end, 0})
    at = times[place % len(times)]
    instant = Replay(run).at(at)

    states: dict[int, set[str]] = {}
    for row in run.intervals:  # the oracle: every row looked at
        if row.start <= at < row.end:
            states.setdefault(row.state, set()).add(run.process_names[row.process])
    lines = {
        READY: instant.ready,
        BLOCKED: instant.blocked,
        NEW: instant.outside,
        SUSPENDED: instant.suspended,
    }
    for state, line in lines.items():
        assert {each.process for each in line} == states.get(int(state), set())
        assert [each.since for each in line] == sorted(each.since for each in line)
    assert {name for name in instant.running if name} == states.get(int(RUNNING), set())
    there = sum(map(len, states.values()))
    assert instant.to_come + there + instant.ended == len(run.processes)


def test_who_is_ready_has_the_keys_of_the_decision_it_waits_for() -> None:
    run = gantt("A 00\nB ..00\nC ....0")
    run = replace(
        run,
        decisions=[
            Decision(
                0,
                0,
                "picked",
                "A",
                "least",
                (("A", {}), ("B", {"left_ns": 2}), ("C", {"left_ns": 1})),
            ),
            Decision(
                2_000_000, 0, "picked", "B", "least", (("B", {"left_ns": 2}), ("C", {"left_ns": 9}))
            ),
        ],
    )
    replay = Replay(run)

    assert [(w.process, w.what) for w in replay.at(0).ready] == [
        ("B", "left 2ns"),
        ("C", "left 1ns"),
    ]
    assert [(w.process, w.what) for w in replay.at(2_000_000).ready] == [("C", "left 9ns")]


def test_who_waits_for_what_is_said() -> None:
    run = gantt("A 0--0\nB .0..\nC  ww0")
    replay = Replay(run)
    instant = replay.at(1_500_000)

    assert instant.running == ["B"] and instant.ended == 0
    assert [(each.process, each.what) for each in instant.blocked] == [("A", "a wait")]
    assert [each.process for each in instant.outside] == ["C"]


def test_memory_is_what_lies_in_it_then() -> None:
    run = gantt("A 00\nB 00")
    run = replace(
        run,
        memory_events=[
            MemoryEvent(0, "placed", "A", 0, 10),
            MemoryEvent(1_000_000, "freed", "A", 0, 10),
            MemoryEvent(1_000_000, "placed", "B", 0, 20),
        ],
    )
    replay = Replay(run)

    assert [stay.process for stay in replay.at(999_999).memory] == ["A"]
    assert [stay.process for stay in replay.at(1_000_000).memory] == ["B"]
