"""The shorter way of a slice that is over alone leads where the long one does."""

from __future__ import annotations

import pytest

from benchmarks.peers import loops
from benchmarks.peers.measure import ours
from benchmarks.peers.workloads import mixed
from kernel.cores import Cores
from sim import simulate
from sim.machine import SimulatedMachine
from tests.sim.cases import random_case, workload, workload_of
from tests.sim.oracle import Job
from timeline.intervals import Interval

POLICIES = ("rr", "vrr", "mlfq", "feedback", "fair", "stride", "lottery", "random")


def record(policy: str, seed: int, *, turns: bool) -> list[Interval]:
    machine = SimulatedMachine(workload_of(random_case(policy, seed), 1000), lambda done: None)
    if not turns:
        machine._system._turn = None
    machine.execute()
    return list(machine.record.intervals)


@pytest.mark.parametrize("policy", POLICIES)
def test_both_ways_leave_the_same_record(policy: str) -> None:
    for seed in range(100):
        assert record(policy, seed, turns=True) == record(policy, seed, turns=False), seed


def test_a_slice_that_is_over_alone_goes_the_shorter_way(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    turn = Cores.turn

    def counted(cores: Cores, core: int, now: int) -> None:
        taken.append(now)
        turn(cores, core, now)

    monkeypatch.setattr(Cores, "turn", counted)
    simulate(workload("rr", [Job(0, (("cpu", 5),))] * 2, {"quantum": 1}))
    assert taken == list(range(1, 9))  # the tenth slice and the one before end their bursts


@pytest.mark.parametrize("policy", loops.POLICIES)
def test_loops_written_by_hand_end_every_process_when_we_do(policy: str) -> None:
    of = mixed(policy, 300)
    assert loops.run(of) == ours(of)[1]
