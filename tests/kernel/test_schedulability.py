"""Schedulability: the examples of the literature, and against a tick-by-tick run of each policy."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernel import schedulability
from kernel.schedulability import (
    PeriodicTask,
    by_deadline,
    by_period,
    meets_all_by_edf,
    response_times,
    utilisation,
    within_liu_layland,
)
from tests.effort import cases

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
@settings(max_examples=cases(300))
def test_edf_is_what_a_run_shows(rows: list[Row]) -> None:
    some = tasks(*rows)
    if utilisation(some) > 1:  # a run shows it only in the long run
        assert meets_all_by_edf(some) is False
        return
    seen = run(some, lambda task, release: release + task.deadline)
    assert meets_all_by_edf(some) is (seen is not None)


@given(ROWS, st.sampled_from([by_period, by_deadline]))
@settings(max_examples=cases(300))
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
    monkeypatch.setattr(schedulability, "MOST_TERMS", 3)
    rows = (3, 8, 8), (2, 12, 5), (1, 20, 20)
    assert meets_all_by_edf(tasks(*rows)) is None
    assert [r.meets for r in response_times(tasks(*rows), by_period)] == [True, True, None]


def test_odd_periods_do_not_take_for_ever() -> None:
    odd = 10**9 + 7
    begin = time.perf_counter()
    meets_all_by_edf(tasks((odd - 2, odd, odd - 1), (1, 10**9 + 9)))
    response_times(tasks((odd - 1, odd), (1, 10**9 + 9, 10**18)), by_period)
    assert time.perf_counter() - begin < 10
