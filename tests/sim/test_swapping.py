"""Swapping and the degree of multiprogramming: which process goes and comes back when, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.units import ms
from sim import simulate
from tests.sim.cases import moves_of, stays_of, swaps_of, workload
from tests.sim.oracle.system import RELEASE, WAIT, Job
from timeline.laws.check import check
from timeline.record.run import Run

CPU = "cpu"


def run_of(*jobs: Job, memory: int, out: str = "blocked", **more: Any) -> Run:
    """A tick is 1 ms; the disk moves a byte in 1 ms."""
    given = {"scheme": "variable", "partitions": (memory,), "swap": (out, "disk", 1)} | more
    run = simulate(workload("fcfs", jobs, tick=ms(1), devices={"disk": 1}, **given))
    assert check(run) == []
    return run


def life(run: Run, process: int) -> list[tuple[str, int, int, str]]:
    return [stay[:4] for stay in stays_of(run, ms(1))[process]]


def swaps(run: Run) -> list[tuple[int, int, str, int]]:
    return swaps_of(run, ms(1))


def job(size: int, *steps: tuple[str, int], arrival: int = 0, **more: Any) -> Job:
    return Job(arrival, steps, memory=size, **more)


WAITER = job(6, (CPU, 10), (WAIT, 50), (CPU, 10))
LATER = job(5, (CPU, 5), arrival=15)


def test_who_is_blocked_goes_and_comes_back_when_it_could_go_on() -> None:
    run = run_of(WAITER, LATER, memory=10)
    assert life(run, 0) == [
        ("running", 0, 10, "blocked"),
        ("blocked", 10, 15, "suspended"),
        ("suspended", 15, 66, "resumed"),
        ("running", 66, 76, "ended"),
    ]
    assert life(run, 1) == [("new", 15, 21, "admitted"), ("running", 21, 26, "ended")]
    assert swaps(run) == [(21, 0, "out", 0), (60, 0, "in", 0)]


def test_whose_wait_is_over_while_it_is_being_written_joins_the_line_when_it_is_out() -> None:
    run = run_of(job(6, (CPU, 10), (WAIT, 7), (CPU, 10)), LATER, memory=10)
    assert swaps(run) == [(21, 0, "out", 0), (26, 0, "in", 0)]
    assert life(run, 0)[-2:] == [("suspended", 15, 32, "resumed"), ("running", 32, 42, "ended")]


def test_no_process_goes_for_a_program_that_would_not_fit_then_either() -> None:
    stays = job(3, (CPU, 100))
    run = run_of(WAITER, stays, job(8, (CPU, 5), arrival=15), memory=10)
    assert swaps(run) == []


def test_no_process_goes_while_others_on_their_way_out_make_room_enough() -> None:
    other = job(4, (CPU, 3), (WAIT, 60), (CPU, 1))
    run = run_of(WAITER, other, LATER, memory=10)
    assert [process for _, process, way, _ in swaps(run) if way == "out"] == [0]


def test_who_alone_makes_room_goes_alone() -> None:
    """Whose wait began first is small: with the next one gone it may stay."""
    small = job(2, (CPU, 5), (WAIT, 90), (CPU, 1))
    run = run_of(small, job(6, (CPU, 5), (WAIT, 90), (CPU, 1)), LATER, memory=8)
    assert [process for _, process, way, _ in swaps(run) if way == "out"] == [1]


@pytest.mark.parametrize(
    ("out", "first"), [("blocked", 0), ("lowest-priority", 1), ("longest-resident", 0)]
)
def test_the_rule_says_who_goes_first(out: str, first: int) -> None:
    jobs = [
        job(4, (CPU, 5), (WAIT, 90), (CPU, 1), priority=1),
        job(4, (CPU, 5), (WAIT, 90), (CPU, 1), priority=7),
    ]
    run = run_of(*jobs, job(4, (CPU, 5), arrival=15), memory=8, out=out)
    assert swaps(run)[0][1] == first


def test_whoever_came_back_last_has_been_in_memory_shortest() -> None:
    """The first goes, comes back, and is behind the second when a program arrives again."""
    jobs = [
        job(4, (CPU, 2), (WAIT, 20), (CPU, 1), (WAIT, 90)),
        job(4, (CPU, 2), (WAIT, 150), (CPU, 1)),
        job(4, (CPU, 5), arrival=5),
        job(4, (CPU, 5), arrival=50),
    ]
    run = run_of(*jobs, memory=8, out="longest-resident")
    assert [process for _, process, way, _ in swaps(run) if way == "out"] == [0, 1]


def test_a_transfer_stands_in_the_line_of_its_device() -> None:
    """The disk serves the second until 40; only then is the first written."""
    busy = job(2, (CPU, 1), ("disk", 29), (CPU, 1))
    run = run_of(WAITER, busy, LATER, memory=10)
    assert swaps(run)[0] == (46, 0, "out", 0)


def test_who_comes_back_may_lie_elsewhere() -> None:
    second = job(4, (CPU, 20))
    run = run_of(
        job(4, (CPU, 1), (WAIT, 60), (CPU, 1)), second, job(4, (CPU, 90), arrival=2), memory=8
    )
    assert swaps(run) == [(6, 0, "out", 0), (61, 0, "in", 4)]


def test_under_unequal_partitions_it_needs_as_much_as_it_had() -> None:
    """It asked for 2 and was given 6, so the partition of 3 will not do."""
    first = job(2, (CPU, 1), (WAIT, 30), (CPU, 1))
    longer = job(5, (CPU, 60), arrival=2)
    run = run_of(first, longer, memory=0, scheme="fixed", partitions=(6, 3))
    assert swaps(run) == [(8, 0, "out", 0), (68, 0, "in", 0)]


def test_a_periodic_process_comes_back_for_its_next_job() -> None:
    periodic = job(6, (CPU, 1), (RELEASE, 0), (CPU, 1), period=50, deadline=50)
    run = run_of(periodic, LATER, memory=10)
    assert swaps(run) == [(21, 0, "out", 0), (50, 0, "in", 0)]
    assert life(run, 0)[-1] == ("running", 56, 57, "ended")


def test_a_program_comes_back_even_if_only_to_end() -> None:
    run = run_of(job(6, (CPU, 10), (WAIT, 50)), LATER, memory=10)
    assert life(run, 0)[-1] == ("suspended", 15, 66, "resumed")
    assert run.processes[0].completion_ns == ms(66)


def test_memory_is_compacted_before_anybody_is_sent_out() -> None:
    jobs = [
        job(3, (CPU, 5)),
        job(3, (WAIT, 60), (CPU, 1)),
        job(3, (CPU, 5)),
        job(6, (CPU, 5), arrival=1),
    ]
    run = run_of(*jobs, memory=9, compacts=True, cores=2)
    assert swaps(run) == [] and moves_of(run, ms(1)) == [(5, 1, 0)]


@pytest.mark.parametrize(("most", "admitted"), [(1, [0, 10, 20]), (2, [0, 0, 10]), (3, [0, 0, 0])])
def test_no_more_are_let_in_than_the_degree_says(most: int, admitted: list[int]) -> None:
    run = run_of(*[job(1, (CPU, 10))] * 3, memory=9, most=most, swap=None)
    assert [row.admitted_ns for row in run.processes] == [ms(at) for at in admitted]


def test_who_is_swapped_out_has_been_let_in() -> None:
    """Two of two are let in, so the third waits until one has ended, though memory is free."""
    run = run_of(WAITER, LATER, job(1, (CPU, 1), arrival=17), memory=10, most=2)
    assert run.processes[2].admitted_ns == ms(26)


def test_who_is_held_by_the_degree_does_not_block_those_who_come_back() -> None:
    jobs = [job(6, (CPU, 5), (WAIT, 20), (CPU, 5)), job(6, (CPU, 50), arrival=6)]
    run = run_of(*jobs, job(6, (CPU, 5), arrival=7), memory=10, most=2)
    assert [row.completion_ns for row in run.processes] == [ms(73), ms(62), ms(78)]
