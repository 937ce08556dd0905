"""The numbers by which policies are held against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.units import ms
from tests.timeline.gantt import gantt
from timeline.comparison.measures import jain, measures, percentile, shares, switches
from timeline.record.sorted_run import SortedRun


def test_equal_shares_are_perfectly_fair() -> None:
    assert jain([0.25, 0.25, 0.25]) == pytest.approx(1)


def test_one_process_with_everything_is_as_unfair_as_can_be() -> None:
    assert jain([1.0, 0, 0, 0]) == pytest.approx(1 / 4)


def test_the_example_of_jains_report() -> None:
    assert jain([1.0, 2, 3]) == pytest.approx(36 / (3 * 14))


def test_where_no_process_received_anything_there_is_no_fairness() -> None:
    assert jain([]) is None
    assert jain([0.0]) is None


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=9))
def test_fairness_is_between_one_nth_and_one(values: list[float]) -> None:
    found = jain(values)
    assert found is not None
    assert 1 / len(values) - 1e-9 <= found <= 1 + 1e-9


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([7], 7),
        (range(1, 101), 95),
        (range(1, 20), 19),
        (range(1, 21), 19),
        ([3, None, 1], 3),
        ([None], None),
        ([], None),
    ],
)
def test_the_percentile_is_a_value_that_occurs(values: list[int | None], wanted: int) -> None:
    assert percentile(values) == wanted


def test_a_share_is_cpu_over_the_time_present() -> None:
    assert shares(gantt("A 00..00\nB ..00")) == [4 / 6, 2 / 4]


def test_a_process_that_asks_for_no_cpu_has_no_share() -> None:
    assert shares(gantt("A 0000\nB --")) == [1.0]


def test_a_process_that_never_ends_is_present_until_the_run_ends() -> None:
    run = gantt("A 00......\nB ..000000", stopped="interrupted")
    assert shares(run) == [2 / 8, 6 / 8]


def test_a_switch_is_a_core_that_goes_on_with_another_process() -> None:
    assert switches(SortedRun(gantt("A 00..00\nB ..00"))) == 2
    assert switches(SortedRun(gantt("A 00--00"))) == 0
    assert switches(SortedRun(gantt("A 00..11\nB ..00", machine={"cores": 2}))) == 1


def test_the_measures_of_a_run_are_those_of_its_record() -> None:
    found = measures(gantt("A 00..00\nB ..00"))

    assert found.turnaround_ns == ms(5)
    assert found.turnaround_p95_ns == ms(6)
    assert found.waiting_ns == found.waiting_p95_ns == ms(2)
    assert (found.switches, found.preemptions, found.makespan_ns) == (2, 1, ms(6))
    assert found.misses is None
