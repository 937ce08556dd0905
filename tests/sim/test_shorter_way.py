"""The shorter way of what happens alone leads where the long one does."""

from __future__ import annotations

import pytest

from benchmarks.peers import loops
from benchmarks.peers.measure import ours
from benchmarks.peers.workloads import mixed
from kernel.system.lone_expiry import LoneExpiry
from sim import simulate
from sim.machine import SimulatedMachine
from tests.sim.cases import KINDS, random_case, workload, workload_of
from tests.sim.oracle.system import Job
from timeline.record.intervals import Interval
from timeline.record.run import MemoryEvent

POLICIES = ("rr", "srtf", "vrr", "mlfq", "feedback", "fair", "stride", "lottery", "random", "edf")


def record(
    policy: str, seed: int, kind: str, *, short: bool
) -> tuple[list[Interval], list[MemoryEvent]]:
    case = workload_of(random_case(policy, seed, kind), 1_000_000)
    machine = SimulatedMachine(case, lambda _: None)
    settle = machine._clock.settle
    if not short:
        machine._clock.settle = lambda now, _alone: settle(now, False)
    machine.execute()
    return list(machine.record.intervals), machine.record.memory_events


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("policy", POLICIES)
def test_both_ways_leave_the_same_record(policy: str, kind: str) -> None:
    for seed in range(30):
        short, long = (record(policy, seed, kind, short=each) for each in (True, False))
        assert short == long, seed


def test_a_slice_that_is_over_alone_goes_the_shorter_way(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    take = LoneExpiry.take

    def counted(lone: LoneExpiry, core: int, now: int) -> None:
        taken.append(now)
        take(lone, core, now)

    monkeypatch.setattr(LoneExpiry, "take", counted)
    simulate(workload("rr", [Job(0, (("cpu", 5),))] * 2, {"quantum": 1}))
    assert taken == list(range(1, 9))  # the tenth slice and the one before end their bursts


@pytest.mark.parametrize("policy", loops.POLICIES)
def test_loops_written_by_hand_end_every_process_when_we_do(policy: str) -> None:
    of = mixed(policy, 300)
    assert loops.run(of) == ours(of)[1]
