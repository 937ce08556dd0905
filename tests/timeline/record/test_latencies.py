"""Latencies: worked out by hand on small runs, and against a slow count over every nanosecond."""

from __future__ import annotations

import pytest

from kernel.process.states import State
from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.sim.cases import FIRM, random_case, workload_of
from tests.sim.cases import KINDS as ABOUT
from tests.sim.oracle.system import RELEASE, Job
from tests.sim.test_instants import job, run
from timeline.expect import check
from timeline.record.jobs import aborted_jobs
from timeline.record.latencies import Bin, Summary, histogram, latencies, over_all, summary
from timeline.record.run import Run
from timeline.record.tracks import by_process


def test_a_wake_up_lasts_from_the_end_of_the_wait_until_the_process_runs() -> None:
    found = latencies(run("fcfs", job(0, 5), job(0, ("wait", 2), 1)))
    assert [each.wakeup for each in found] == [[], [3]]


def test_a_wake_up_without_a_wait_for_a_core_takes_no_time() -> None:
    assert latencies(run("fcfs", job(0, 1, ("wait", 2), 1)))[0].wakeup == [0]


def test_a_burst_lasts_until_it_is_over_whatever_preempts_it() -> None:
    found = latencies(run("srtf", job(0, 5, ("wait", 1), 2), job(1, 2)))
    assert [each.burst for each in found] == [[7, 2], [2]]


def test_a_preemption_is_no_wake_up() -> None:
    assert latencies(run("srtf", job(0, 5), job(1, 2)))[0].wakeup == []


def test_a_dispatch_lasts_as_long_as_its_costs() -> None:
    found = latencies(run("fcfs", job(0, 2), job(1, 2), costs=(1, 3, 0)))
    assert [each.dispatch for each in found] == [[1], [4]]


def test_slack_is_what_is_left_until_the_deadline() -> None:
    steps = (("cpu", 2), (RELEASE, 0), ("cpu", 2))
    late = Job(0, steps, period=5, deadline=3)
    found = latencies(run("edf", late, job(5, 2)))
    assert found[0].slack == [1, 1]
    assert found[0].wakeup == [0]


# -- against a slow count -------------------------------------------------------------------------


def slowly(of: Run) -> list[list[int]]:
    """Return each process's wake-up latencies, found by going through its time step by step."""
    found = []
    for track in by_process(of):
        where = {at: row for row in track for at in range(row.start, row.end)}
        ends = [row.end for row in track if row.state == State.BLOCKED]
        wakes = {row.end for row in track if row.why in ("woke", "released")}
        starts = sorted(row.start for row in track if row.state == State.RUNNING)
        waits = []
        for end in ends:
            begun = next((at for at in starts if at >= end), None)
            blocked = any(
                where[at].state == State.BLOCKED for at in range(end, begun or end) if at in where
            )
            if end in wakes and begun is not None and not blocked:
                waits.append(begun - end)
        found.append(waits)
    return found


@pytest.mark.parametrize("kind", [kind for kind in ABOUT if kind not in ("swapping", FIRM)])
def test_wake_ups_are_what_a_slow_count_finds(kind: str) -> None:
    for seed in range(cases(40)):
        of = simulate(workload_of(random_case("rr", seed, kind), 1))
        calm = [row for row in of.intervals if row.state == State.SUSPENDED]
        if not calm:
            assert [each.wakeup for each in latencies(of)] == slowly(of), f"case {seed}"


@pytest.mark.parametrize("kind", ABOUT)
def test_latencies_add_up(kind: str) -> None:
    """A burst is its CPU time, its waits, and the time for which it was suspended."""
    for seed in range(cases(40)):
        of = simulate(workload_of(random_case("srtf", seed, kind), 1))
        for row, each in zip(of.processes, latencies(of), strict=True):
            suspended = sum(
                at.end - at.start
                for at in of.intervals
                if of.process_names[at.process] == row.name and at.state == State.SUSPENDED
            )
            whole = row.cpu_ns + row.waiting_ns
            if aborted_jobs(row):  # a burst that was dropped is none
                whole, suspended = 0, whole + suspended
            assert whole <= sum(each.burst) <= whole + suspended, f"case {seed}, {row.name}"
            assert sum(each.wakeup) <= row.waiting_ns + suspended, f"case {seed}, {row.name}"


# -- statistics -----------------------------------------------------------------------------------


def test_quantiles_are_by_nearest_rank() -> None:
    assert summary([]) is None
    assert summary([7]) == Summary(1, 7, 7, 7, 7, 7, 7)
    assert summary(range(1, 101)) == Summary(100, 1, 51, 50, 95, 99, 100)
    assert summary([3, 1, 2, -9]) == Summary(4, -9, -1, 1, 3, 3, 3)


def test_a_histogram_has_round_edges_and_one_bin_for_a_gap() -> None:
    assert histogram([]) == []
    assert histogram([0, 0, 3, 4, 5, 700]) == [
        *(Bin(0, 1, 2), Bin(1, 2, 0), Bin(2, 5, 2), Bin(5, 10, 1)),
        *(Bin(10, 500, 0), Bin(500, 1000, 1)),
    ]


def test_a_histogram_has_the_same_edges_below_zero() -> None:
    assert histogram([-1, -2, -7, 0]) == [
        *(Bin(-10, -5, 1), Bin(-5, -2, 0), Bin(-2, -1, 1), Bin(-1, 0, 1), Bin(0, 1, 1))
    ]


@pytest.mark.parametrize("value", [0, 1, 2, 4, 5, 999, 10**9, -1, -5, -(10**9)])
def test_each_value_is_in_its_bin(value: int) -> None:
    (found,) = histogram([value])
    assert found.low <= value < found.high


# -- expectations ---------------------------------------------------------------------------------


def test_a_latency_is_expected_to_be_at_most_and_a_slack_at_least() -> None:
    of = run("fcfs", job(0, 5), job(0, ("wait", 2), 1))
    expect = {"wakeup": {"B": {"p99": 3, "max": 2}}, "slack": {"A": {"min": 0}}}
    assert [line.holds for line in check(expect, of)] == [True, False, False]


def test_throughput_is_compared_to_the_written_decimals() -> None:
    of = run("fcfs", job(0, ms(3)), job(0, ms(4)))  # 2 programs in 7 ms: 285.714 a second
    for number, holds in (("285.7", True), ("285.71", True), ("286", True), ("285", True)):
        assert check({"throughput": (number, ms(1000))}, of)[0].holds is holds
    assert not check({"throughput": ("285.73", ms(1000))}, of)[0].holds
    assert check({"throughput": ("0.29", ms(1))}, of)[0].holds


def test_over_all_has_every_process() -> None:
    of = run("fcfs", job(0, 5), job(0, ("wait", 2), 1), job(0, 2, ("wait", 1), 2))
    each = latencies(of)
    assert sorted(over_all(each).burst) == sorted(value for one in each for value in one.burst)
