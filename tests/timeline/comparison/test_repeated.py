"""Several comparisons together: medians, their intervals, one verdict."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.runs import alternating
from timeline.comparison.compare import compare
from timeline.comparison.model import Comparison
from timeline.comparison.repeated import interval, repeats


@pytest.fixture
def one() -> Comparison:
    return compare(alternating(4), alternating(4))


@pytest.mark.parametrize(
    ("count", "place"), [(1, 0), (5, 0), (6, 0), (8, 0), (9, 1), (11, 1), (12, 2), (20, 5)]
)
def test_the_interval_is_that_of_order_statistics(count: int, place: int) -> None:
    # Places from the table in W. Conover, Practical Nonparametric Statistics, for 95 %.
    values = [float(value) for value in range(count)]
    assert interval(values) == (float(place), float(count - 1 - place))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_the_median_lies_in_its_interval(values: list[float]) -> None:
    low, high = interval(sorted(values))
    assert low <= median(values) <= high


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        (["agree", "agree", "inconclusive"], "agree"),
        (["agree", "disagree", "disagree"], "disagree"),
        (["inconclusive", "inconclusive"], "inconclusive"),
        (["agree", "disagree"], "inconclusive"),
        (["not-measured"], "not-measured"),
    ],
)
def test_the_verdict_is_what_most_say(one: Comparison, verdicts: list[str], together: str) -> None:
    assert repeats([replace(one, verdict=verdict) for verdict in verdicts]).verdict == together


def test_few_runs_are_said_to_be_unsure(one: Comparison) -> None:
    assert not repeats([one] * 5).sure
    assert repeats([one] * 6).sure


def test_measures_that_are_not_there_are_left_out(one: Comparison) -> None:
    names = [spread.what for spread in repeats([one]).spreads]
    assert "makespan error, %" in names
    assert "share error, largest, points" not in names
