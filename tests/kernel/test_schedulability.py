"""Schedulability: the examples of the literature, and against a tick-by-tick run of each policy."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernel import schedulability as feasibility
from kernel.hardware import Costs
from kernel.policies import POLICIES
from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.schedulability import (
    PeriodicTask,
    by_deadline,
    by_period,
    describe,
    meets_all_by_edf,
    response_times,
    utilisation,
    within_liu_layland,
)
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload

Row = tuple[int, ...]


def tasks(*rows: Row) -> list[PeriodicTask]:
    """(cost, period) or (cost, period, deadline) each."""
    return [
        PeriodicTask(f"T{i}", row[0], row[1], row[-1] if row[2:] else row[1])
        for i, row in enumerate(rows)
    ]


def worst(*rows: Row, order: Callable[[PeriodicTask], int] = by_period) -> list[int | None]:
    return [response.worst for response in response_times(tasks(*rows), order)]


# -- the literature -------------------------------------------------------------------------------


def test_utilisation_is_exact() -> None:
    assert utilisation(tasks((1, 3), (1, 6), (1, 2))) == 1


def test_burns_and_wellings_set_a_misses_only_in_its_longest_period() -> None:
    rows = (12, 50), (10, 40), (10, 30)  # Real-Time Systems and Programming Languages, table 11.2
    assert not within_liu_layland(tasks(*rows))
    assert worst(*rows) == [10, 20, None]


def test_burns_and_wellings_set_b_is_within_the_bound() -> None:
    rows = (32, 80), (5, 40), (4, 16)  # table 11.3
    assert within_liu_layland(tasks(*rows))
    assert None not in worst(*rows)


def test_burns_and_wellings_set_c_fills_the_processor() -> None:
    rows = (40, 80), (10, 40), (5, 20)  # table 11.4: harmonic periods
    assert utilisation(tasks(*rows)) == 1
    assert not within_liu_layland(tasks(*rows))
    assert worst(*rows) == [5, 15, 80]


def test_burns_and_wellings_response_times() -> None:
    assert worst((3, 7), (3, 12), (5, 20)) == [3, 6, 20]  # table 11.5


def test_lehoczky_a_later_job_of_the_busy_period_can_be_the_worst() -> None:
    assert worst((26, 70), (62, 100, 120)) == [26, 118]
    assert worst((26, 70), (62, 100, 117)) == [26, None]


def test_two_tasks_at_the_bound_of_liu_and_layland() -> None:
    least = 2 * (math.sqrt(2) - 1)
    scale = 10**15
    below = int(least * scale / 2) - 1
    assert within_liu_layland(tasks((below, scale), (below, scale)))
    assert not within_liu_layland(tasks((below + 2, scale), (below + 2, scale)))
    assert within_liu_layland(tasks((7, 7)))
    assert within_liu_layland([])


def test_deadline_monotonic_where_rate_monotonic_fails() -> None:
    rows = (3, 8, 8), (4, 12, 5)
    assert worst(*rows) == [3, None]
    assert worst(*rows, order=by_deadline) == [4, 7]


def test_equal_keys_are_in_file_order() -> None:
    assert worst((2, 10), (3, 10)) == [2, 5]


def test_edf_fills_the_processor_if_deadlines_are_periods() -> None:
    assert meets_all_by_edf(tasks((2, 4), (3, 6)))
    assert worst((2, 4), (3, 6)) == [2, None]
    assert meets_all_by_edf(tasks((2, 4, 9), (3, 6, 6)))
    assert meets_all_by_edf(tasks((3, 4), (3, 6))) is False


def test_edf_with_deadlines_before_periods_needs_more_than_its_utilisation() -> None:
    assert meets_all_by_edf(tasks((2, 8, 3), (2, 8, 4)))
    assert meets_all_by_edf(tasks((2, 8, 3), (2, 8, 3))) is False


# -- against a run --------------------------------------------------------------------------------


def run(some: list[PeriodicTask], key: Callable[[PeriodicTask, int], int]) -> dict[str, int] | None:
    """The longest response of each task, all released at 0; None: a job that is never done in time.

    `key` of a task and the release of its job. Unit by unit, over two hyperperiods and more.
    """
    end = 2 * math.lcm(*(task.period for task in some)) + max(task.deadline for task in some)
    jobs: list[tuple[int, int, int]] = []  # release, place, rest
    longest = {task.name: 0 for task in some}
    for now in range(end):
        for place, task in enumerate(some):
            if now % task.period == 0:
                jobs.append((now, place, task.cost))
        if not jobs:
            continue
        best = min(jobs, key=lambda job: (key(some[job[1]], job[0]), job[1], job[0]))
        jobs.remove(best)
        released, place, rest = best
        if rest > 1:
            jobs.append((released, place, rest - 1))
        else:
            name = some[place].name
            longest[name] = max(longest[name], now + 1 - released)
        if any(now + 1 - released > some[place].deadline for released, place, _ in jobs):
            return None
    missed = any(longest[task.name] > task.deadline for task in some)
    return None if missed else longest


ROWS = st.lists(
    st.sampled_from([2, 3, 4, 5, 6, 8, 10, 12]).flatmap(
        lambda period: st.tuples(
            st.integers(1, max(1, period // 2)), st.just(period), st.integers(1, period + 4)
        )
    ),
    min_size=1,
    max_size=4,
)


@given(ROWS)
@settings(max_examples=300)
def test_edf_is_what_a_run_shows(rows: list[Row]) -> None:
    some = tasks(*rows)
    if utilisation(some) > 1:  # a run shows it only in the long run
        assert meets_all_by_edf(some) is False
        return
    seen = run(some, lambda task, release: release + task.deadline)
    assert meets_all_by_edf(some) is (seen is not None)


@given(ROWS, st.sampled_from([by_period, by_deadline]))
@settings(max_examples=300)
def test_response_times_are_what_a_run_shows(
    rows: list[Row], order: Callable[[PeriodicTask], int]
) -> None:
    some = tasks(*rows)
    assume(utilisation(some) <= 1)
    seen = run(some, lambda task, _release: order(task))
    found = response_times(some, order)
    assert all(response.meets for response in found) is (seen is not None)
    if seen is not None:
        assert {response.task.name: response.worst for response in found} == seen


@given(ROWS)
def test_within_the_bound_rate_monotonic_meets_all_deadlines(rows: list[Row]) -> None:
    some = tasks(*[row[:2] for row in rows])
    if within_liu_layland(some):
        assert all(response.meets for response in response_times(some, by_period))


def test_an_analysis_that_takes_too_long_says_that_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feasibility, "MOST_TERMS", 3)
    rows = (3, 8, 8), (2, 12, 5), (1, 20, 20)
    assert meets_all_by_edf(tasks(*rows)) is None
    assert [r.meets for r in response_times(tasks(*rows), by_period)] == [True, True, None]
    said = describe(workload(*(periodic("A", t, [(CPU, c)], deadline=d) for c, t, d in rows)))
    assert "rm, by response-time analysis: not known, it would take too long to work out" in said
    assert "    A  R ?  D 20ms" in said
    assert said[-1] == "edf: not known, it would take too long to work out"


def test_odd_periods_do_not_take_for_ever() -> None:
    odd = 10**9 + 7
    begin = time.perf_counter()
    meets_all_by_edf(tasks((odd - 2, odd, odd - 1), (1, 10**9 + 9)))
    response_times(tasks((odd - 1, odd), (1, 10**9 + 9, 10**18)), by_period)
    assert time.perf_counter() - begin < 10


# -- in words -------------------------------------------------------------------------------------


def workload(*specs: ProcessSpec, cores: int = 1, costs: Costs = Costs()) -> Workload:  # noqa: B008
    scheduler = SchedulerSpec("rm", POLICIES["rm"])
    return Workload({"seed": 0}, cores, (), None, scheduler, specs, costs=costs)


def periodic(name: str, period: int, *jobs: list[tuple[int, int]], **more: int) -> ProcessSpec:
    """A process with these jobs, in ms."""
    steps = [step for job in jobs for step in [*job, (RELEASE, 0)]][:-1]
    program = Program.of([(place, ms(length)) for place, length in steps])
    times = {key: ms(value) for key, value in more.items()}
    deadline = times.get("deadline", ms(period))
    return ProcessSpec(
        0, name, times.get("arrival", 0), program, period=ms(period), deadline=deadline
    )


def test_nothing_is_said_without_periodic_processes() -> None:
    assert describe(workload(ProcessSpec(0, "A", 0, Program.of([(CPU, 5)])))) == []


def test_every_answer_has_its_line() -> None:
    said = describe(
        workload(
            periodic("engine", 7, [(CPU, 3)], [(CPU, 1)]),
            periodic("brakes", 12, [(CPU, 2)], [(CPU, 3)]),
            periodic("radio", 20, [(CPU, 5)]),
        )
    )
    assert said == [
        "utilisation: 0.929 (13/14) by 3 periodic processes",
        "rm: U > 0.780 (Liu and Layland), which leaves it open",
        "rm, by response-time analysis: every deadline is met",
        "    engine  R 3ms <= D 7ms",
        "    brakes  R 6ms <= D 12ms",
        "    radio   R 20ms <= D 20ms",
        "dm: the same order as rm, so the same answer",
        "edf: U <= 1: every deadline is met",
    ]


def test_deadlines_before_the_period() -> None:
    said = describe(
        workload(periodic("A", 8, [(CPU, 3)]), periodic("B", 12, [(CPU, 4)], deadline=5))
    )
    assert said == [
        "utilisation: 0.708 (17/24) by 2 periodic processes",
        "rm: U <= 0.828 (Liu and Layland) is for deadlines that are the period",
        "rm, by response-time analysis: 1 of 2 can miss deadlines",
        "    A  R 3ms <= D 8ms",
        "    B  R > D 5ms",
        "dm, by response-time analysis: every deadline is met",
        "    B  R 4ms <= D 5ms",
        "    A  R 7ms <= D 8ms",
        "edf: by processor demand: every deadline is met",
    ]


def test_too_much_for_the_core() -> None:
    said = describe(workload(periodic("A", 4, [(CPU, 3)]), periodic("B", 6, [(CPU, 3)])))
    assert said[0].startswith(
        "utilisation: 1.250 (5/4) by 2 periodic processes; more than the core"
    )
    assert said[-1] == "edf: U > 1: deadlines can be missed"


def test_within_the_bound() -> None:
    said = describe(workload(periodic("A", 10, [(CPU, 3)])))
    assert said[:2] == [
        "utilisation: 0.300 (3/10) by 1 periodic process",
        "rm: U <= 1.000 (Liu and Layland), so every deadline is met",
    ]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (workload(periodic("A", 9, [(CPU, 3)]), cores=2), "they are for one core, not 2"),
        (
            workload(periodic("A", 9, [(CPU, 3), (WAIT, 1)])),
            "they are for jobs that never block, and A does I/O",
        ),
    ],
)
def test_where_the_theory_does_not_apply(made: Workload, why: str) -> None:
    assert " ".join(describe(made)[1:]).replace("  ", "") == (
        f"rm, dm, edf: the classical answers do not apply: {why}"
    )


def test_what_the_theory_leaves_out_is_said() -> None:
    alarm = ProcessSpec(0, "alarm", 0, Program.of([(CPU, 5)]), deadline=9)
    late = periodic("B", 12, [(CPU, 4)], arrival=5)
    said = describe(workload(periodic("A", 8, [(CPU, 3)]), late, alarm, costs=Costs(switch=1)))
    assert said[-3:] == [
        "(for the worst case, in which all arrive at once; here they do not)",
        "(without the processes that have a deadline and no period)",
        "(without machine.costs)",
    ]


def test_lines_fit_80_columns_and_long_lists_are_cut() -> None:
    long = [periodic(f"{'long' * 20}{i}", 10**6 + i, [(CPU, 1)]) for i in range(100)]
    said = describe(workload(*long))
    assert max(map(len, said)) <= 80
    assert "    and 80 more" in said
    assert len(said) < 30


def test_very_many_are_not_analysed() -> None:
    many = [periodic("A", 9, [(CPU, 1)])] * 1001
    assert describe(workload(*many)) == [
        "1001 periodic processes: too many to say whether all deadlines are met"
    ]
