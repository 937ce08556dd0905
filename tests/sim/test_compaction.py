"""Compaction that takes time: which process is suspended when, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.hardware import Costs, MemorySpec
from sim import simulate
from tests.sim.cases import moves_of, stays_of, workload
from tests.sim.oracle.system import RELEASE, WAIT, Job
from timeline.laws.check import check
from timeline.record.run import Run

CPU, MIB = "cpu", 1 << 20


def run_of(
    *jobs: Job, memory: int, policy: str = "fcfs", costs: Costs | None = None, **more: Any
) -> Run:
    """A tick is 1 ns, and so is the copying of a MiB."""
    made = workload(policy, jobs, more.pop("parameters", None), devices={"disk": 1}, **more)
    spec = MemorySpec(memory * MIB, scheme="variable", compaction="when-needed")
    run = simulate(replace(made, memory=spec, costs=costs or Costs(copy_per_mib=1)))
    assert check(run) == []
    return run


def life(run: Run, process: int) -> list[tuple[str, int, int, str]]:
    return [stay[:4] for stay in stays_of(run, 1)[process]]


def job(size: int, *steps: tuple[str, int], arrival: int = 0, **more: Any) -> Job:
    return Job(arrival, steps, memory=size * MIB, **more)


GOES = job(4, (CPU, 2))  # and leaves a hole below the next
COMES = job(5, (CPU, 1), arrival=1)  # needs that hole and 2 MiB above


def test_who_runs_loses_its_core_and_is_ready_again_after_the_move() -> None:
    run = run_of(GOES, job(3, (CPU, 6)), COMES, memory=9, cores=2)
    assert life(run, 1) == [
        ("running", 0, 2, "suspended"),
        ("suspended", 2, 5, "resumed"),
        ("running", 5, 9, "ended"),
    ]
    assert life(run, 2) == [("new", 1, 5, "admitted"), ("running", 5, 6, "ended")]
    assert moves_of(run, 1) == [(5, 1, 0)]
    assert (run.processes[1].suspended_ns, run.processes[1].preemptions) == (3, 0)


def test_who_is_ready_leaves_the_queue_and_joins_its_end() -> None:
    other = Job(0, ((CPU, 9),))
    run = run_of(GOES, job(3, (CPU, 2)), other, COMES, memory=9)
    assert life(run, 1) == [
        ("ready", 0, 2, "suspended"),
        ("suspended", 2, 5, "resumed"),
        ("ready", 5, 11, "dispatched"),
        ("running", 11, 13, "ended"),
    ]
    assert life(run, 2)[-1] == ("running", 2, 11, "ended")  # others run on


def test_io_goes_on_during_the_move() -> None:
    run = run_of(GOES, job(3, ("disk", 9), (CPU, 1)), COMES, memory=9)
    assert life(run, 1) == [
        ("blocked", 0, 2, "suspended"),
        ("suspended", 2, 5, "resumed"),
        ("blocked", 5, 9, "woke"),
        ("running", 9, 10, "ended"),
    ]


def test_io_that_is_over_meanwhile_is_noticed_after_the_move() -> None:
    run = run_of(GOES, job(3, ("disk", 4), (CPU, 3)), Job(3, (("disk", 2),)), COMES, memory=9)
    assert life(run, 1) == [
        ("blocked", 0, 2, "suspended"),
        ("suspended", 2, 5, "resumed"),
        ("running", 5, 8, "ended"),
    ]
    assert life(run, 2) == [("blocked", 3, 6, "ended")]  # the device was free at 4


def test_a_program_whose_last_io_is_over_meanwhile_ends_after_the_move() -> None:
    run = run_of(GOES, job(3, (WAIT, 4)), COMES, memory=9)
    assert life(run, 1) == [("blocked", 0, 2, "suspended"), ("suspended", 2, 5, "resumed")]
    assert run.processes[1].completion_ns == 5


def test_a_release_that_comes_meanwhile_is_noticed_after_the_move() -> None:
    periodic = job(3, (CPU, 1), (RELEASE, 0), (CPU, 1), period=4)
    run = run_of(GOES, periodic, COMES, memory=9, cores=2)
    assert life(run, 1) == [
        ("running", 0, 1, "blocked"),
        ("blocked", 1, 2, "suspended"),
        ("suspended", 2, 5, "resumed"),
        ("running", 5, 6, "ended"),
    ]


def test_moves_go_one_after_another_and_arrivals_wait_for_the_last() -> None:
    stays = [job(3, (WAIT, 50)), job(2, (WAIT, 50))]
    late = job(1, (CPU, 1), arrival=4)
    run = run_of(GOES, *stays, COMES, late, memory=12)
    assert moves_of(run, 1) == [(5, 1, 0), (7, 2, 3 * MIB)]
    assert [row.admitted_ns for row in run.processes] == [0, 0, 0, 7, 7]


def test_who_ends_meanwhile_is_not_moved_and_the_next_slides_further() -> None:
    stays = [job(3, (WAIT, 50)), job(1, (WAIT, 4)), job(2, (WAIT, 50))]
    run = run_of(GOES, *stays, job(6, (CPU, 1), arrival=1), memory=12)
    assert moves_of(run, 1) == [(5, 1, 0), (7, 3, 3 * MIB)]
    assert run.processes[4].admitted_ns == 7


def test_a_slice_that_ends_at_that_instant_is_counted_in_full() -> None:
    run = run_of(
        GOES,
        job(3, (CPU, 6)),
        COMES,
        memory=9,
        cores=2,
        policy="rr",
        parameters={"quantum": 2},
    )
    assert life(run, 1)[:2] == [("running", 0, 2, "suspended"), ("suspended", 2, 5, "resumed")]
    assert run.processes[1].cpu_ns == 6


def test_who_is_being_switched_to_is_moved_when_that_is_over() -> None:
    costs = Costs(switch=3, copy_per_mib=1)
    run = run_of(
        GOES, job(3, (WAIT, 1), (CPU, 4)), job(5, (CPU, 1), arrival=1), memory=9, costs=costs
    )
    # 2 to 5: the core is switched to P2; then it is moved at once
    assert life(run, 1)[:4] == [
        ("blocked", 0, 1, "woke"),
        ("ready", 1, 2, "suspended"),
        ("suspended", 2, 5, "resumed"),
        ("ready", 5, 8, "dispatched"),
    ]


def test_copying_takes_whole_ns_rounded_up() -> None:
    jobs = GOES, Job(0, ((WAIT, 50),), memory=3 * MIB + 1), COMES
    run = run_of(*jobs, memory=9)
    assert moves_of(run, 1) == [(6, 1, 0)]


@pytest.mark.parametrize("cost", [0, 1])
def test_without_a_need_nothing_is_suspended(cost: int) -> None:
    run = run_of(GOES, job(3, (CPU, 6)), memory=9, costs=Costs(copy_per_mib=cost))
    assert all(stay[0] != "suspended" for at in range(2) for stay in life(run, at))
