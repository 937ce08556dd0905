"""The statistics, held against `scipy.stats` where it is there, and against printed tables."""

from __future__ import annotations

import math
import random
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.intervals import Moments, difference, estimate, lag_one
from experiments.statistics.order_statistics import percentile
from experiments.statistics.stopping import AHEAD, FEWEST, Stopping
from experiments.statistics.student import beta_share, t_quantile

FINITE = st.floats(-1e9, 1e9)


@pytest.fixture(scope="module")
def stats() -> ModuleType:
    """scipy.stats, which the extra `dev` has, and a run does not need."""
    found: ModuleType = pytest.importorskip("scipy.stats")
    return found


@pytest.mark.parametrize(
    ("p", "degrees", "printed"),  # of any table of Student's t
    [
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.95, 5, 2.015),
        (0.995, 29, 2.756),
        (0.975, 9, 2.262),
    ],
)
def test_the_quantile_is_the_printed_one(p: float, degrees: int, printed: float) -> None:
    assert t_quantile(p, degrees) == pytest.approx(printed, abs=5e-4)


@given(st.floats(0.01, 0.99), st.integers(1, 2000))
def test_the_quantile_is_that_of_scipy(stats: ModuleType, p: float, degrees: int) -> None:
    assert t_quantile(p, degrees) == pytest.approx(stats.t.ppf(p, degrees), rel=1e-8, abs=1e-9)


@given(st.floats(0, 1), st.floats(0.5, 200), st.floats(0.5, 200))
def test_the_beta_function_is_that_of_scipy(
    stats: ModuleType, x: float, a: float, b: float
) -> None:
    assert beta_share(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-8, abs=1e-12)


@given(st.lists(FINITE, min_size=2, max_size=50), st.sampled_from([0.8, 0.95, 0.99]))
def test_an_interval_is_that_of_scipy(
    stats: ModuleType, values: list[float], confidence: float
) -> None:
    found = estimate(values, confidence)
    assert found is not None
    assert found.half is not None
    spread = stats.sem(values)
    if spread > 1e-3:
        low, high = stats.t.interval(confidence, len(values) - 1, found.mean, spread)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-3)


def test_a_difference_of_pairs_is_that_of_scipys_paired_test(stats: ModuleType) -> None:
    draws = random.Random(1)
    one = [draws.gauss(10, 3) for _ in range(40)]
    other = [value + draws.gauss(1, 0.5) for value in one]
    found = difference(other, one, 0.95)
    assert found is not None
    theirs = stats.ttest_rel(other, one).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert not found.holds_zero


@pytest.mark.parametrize(("many", "share"), [(30, 0.5), (100, 0.9), (200, 0.95), (57, 0.25)])
def test_a_percentile_has_the_interval_of_scipy(stats: ModuleType, many: int, share: float) -> None:
    draws = random.Random(many)
    values = [draws.random() for _ in range(many)]
    found = percentile(values, share, 0.95)
    assert found is not None
    theirs = stats.quantile_test(values, q=0.5, p=share).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_an_interval_of_a_percentile_holds_it_as_often_as_it_says() -> None:
    draws, hits = random.Random(5), 0
    for _ in range(1000):
        found = percentile([draws.random() for _ in range(40)], 0.5, 0.9)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.5 <= found.high
    assert hits >= 880  # at least 900 expected, 9.5 the standard deviation


def test_too_few_values_have_no_interval_of_a_high_percentile() -> None:
    found = percentile(list(map(float, range(20))), 0.95, 0.95)
    assert found is not None
    assert (found.value, found.low, found.high) == (18.0, None, None)


@given(st.lists(FINITE, min_size=1, max_size=60))
def test_moments_are_mean_and_variance(values: list[float]) -> None:
    moments = Moments()
    for value in values:
        moments.add(value)
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    assert moments.mean == pytest.approx(mean, rel=1e-9, abs=1e-3)
    assert moments.squares == pytest.approx(squares, rel=1e-6, abs=1e3)


def test_what_was_not_measured_is_left_out() -> None:
    assert estimate([float("nan")], 0.95) is None
    found = estimate([1.0, float("nan"), 3.0], 0.95)
    assert found is not None
    assert (found.many, found.mean) == (2, 2.0)


def test_one_value_has_no_interval() -> None:
    found = estimate([5.0], 0.95)
    assert found is not None
    assert (found.half, found.holds_zero) == (None, True)


def test_a_half_width_that_is_small_must_stay_small() -> None:
    stopping = Stopping(1, 0.05, 0.95)
    first = [stopping.enough([100.0 + at % 2]) for at in range(FEWEST + AHEAD)]
    assert first == [False] * (FEWEST + AHEAD - 1) + [True]


def test_a_value_far_off_begins_the_wait_anew() -> None:
    stopping = Stopping(1, 0.05, 0.95)
    values = [100.0 + at % 2 for at in range(FEWEST + 2)]
    assert not any(stopping.enough([value]) for value in [*values, 200.0])
    later = [stopping.enough([100.0]) for _ in range(300)]
    assert later.index(True) >= AHEAD


def test_a_measure_that_is_always_0_is_precise() -> None:
    stopping = Stopping(2, 0.05, 0.95)
    rows = [stopping.enough([0.0, float("nan")]) for _ in range(FEWEST + AHEAD)]
    assert rows[-1]


def test_values_that_alternate_are_correlated_negatively() -> None:
    assert lag_one([1.0, 2.0] * 20) < -0.9
    assert lag_one(list(map(float, range(40)))) > 0.9
    assert lag_one([1.0, 1.0, 1.0]) == 0.0
