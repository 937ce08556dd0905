"""Draws: one stream per process, always the same."""

from __future__ import annotations

import math
from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.process.spec import ProcessSpec
from kernel.units import LARGEST, ms
from language.schema.random_draws import (
    Draw,
    choice,
    exact_log,
    exponential,
    normal,
    normal_quantile,
    stream,
    uniform,
)
from tests.language.conftest import Load

RANDOM = "program: [{cpu: {exponential: 20}}, {io: {uniform: [5, 40]}}, {cpu: {normal: [20, 5]}}]"


def named(load: Load, text: str, name: str, **options: object) -> ProcessSpec:
    return next(p for p in load(text, **options).workload.processes if p.name == name)


def test_the_numbers_of_a_stream_never_change() -> None:
    random = stream(7, "editor")
    assert [random() for _ in range(3)] == [
        0.9974534992598404,
        0.6767647700230035,
        0.6018124970909151,
    ]


def test_the_same_seed_gives_the_same_workload(load: Load) -> None:
    text = f"processes:\n- {{name: a, count: 5, {RANDOM}}}\n"
    assert load(text).workload.processes == load(text).workload.processes


def test_another_seed_gives_other_draws(load: Load) -> None:
    text = f"processes:\n- {{name: a, {RANDOM}}}\n"
    assert named(load, text, "a", seed=1).program != named(load, text, "a", seed=2).program


def test_the_draws_of_a_process_depend_on_its_name_alone(load: Load) -> None:
    alone = f"processes:\n- {{name: a, {RANDOM}}}\n"
    among = f"processes:\n- {{name: b, count: 3, {RANDOM}}}\n- {{name: a, {RANDOM}}}\n"
    assert named(load, alone, "a").program == named(load, among, "a").program


def test_a_larger_count_leaves_the_first_ones_as_they_were(load: Load) -> None:
    text = (
        f"processes:\n- {{name: a, count: 9, arrival: {{every: {{exponential: 5}}}}, {RANDOM}}}\n"
    )
    few = load(text, sets=("processes.0.count=4",)).workload.processes
    assert load(text).workload.processes[:4] == few


def test_each_repetition_draws_afresh(load: Load) -> None:
    text = (
        "processes:\n- {name: a, program: [{repeat: {times: 9, do: [{io: {exponential: 9}}]}}]}\n"
    )
    assert len(set(named(load, text, "a").program.durations)) == 9


def test_the_gap_before_an_arrival_is_the_first_draw_of_its_own_stream(load: Load) -> None:
    text = (
        "seed: 3\nprocesses:\n- {name: a, count: 3, arrival: {every: {exponential: 5}}, cpu: 1}\n"
    )
    first, second, third = load(text).workload.processes
    gap = exponential(ms(5))
    assert first.arrival == gap(stream(3, "a-1"))
    assert second.arrival == first.arrival + gap(stream(3, "a-2"))
    assert third.arrival == second.arrival + gap(stream(3, "a-3"))


@pytest.mark.parametrize(
    ("draw", "mean"),
    [
        (exponential(ms(20)), ms(20)),
        (uniform(ms(10), ms(40)), ms(25)),
        (normal(ms(20), ms(4)), ms(20)),
        (choice([ms(10), ms(40)]), ms(25)),
    ],
)
def test_draws_have_the_mean_that_is_written(draw: Draw, mean: int) -> None:
    random = stream(0, "a")
    assert fmean(draw(random) for _ in range(20_000)) == pytest.approx(mean, rel=0.02)


_stream = stream(0, "a")
NUMBERS = [_stream() for _ in range(500)]


def at(draw: Draw, u: float) -> int:
    """What a draw makes of a number of the stream."""
    return draw(lambda: u)


@pytest.mark.parametrize("towards", [-math.inf, math.inf])
def test_no_draw_depends_on_the_last_digit_of_the_platforms_logarithm(
    towards: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = math.log
    means = [1, ms(20), 10**12, 2**53, LARGEST]
    makers = [exponential(mean) for mean in means] + [normal(mean, mean) for mean in means]
    before = [at(make, u) for make in makers for u in NUMBERS]
    monkeypatch.setattr(math, "log", lambda x: math.nextafter(ours(x), towards))
    assert [at(make, u) for make in makers for u in NUMBERS] == before


@given(x=st.floats(2.0**-54, 1))
def test_the_exact_logarithm_is_that_of_the_platform_but_for_its_last_digit(x: float) -> None:
    assert abs(exact_log(x) - math.log(x)) <= math.ulp(math.log(x))


@given(u=st.floats(0, 1, exclude_max=True), mean=st.integers(1, 10**9))
def test_an_exponential_draw_is_its_formula_to_the_nanosecond(u: float, mean: int) -> None:
    exact = -mean * math.log(1.0 - u)
    assert abs(exponential(mean)(lambda: u) - max(1.0, exact)) <= 0.5 + 1e-5


UNIT = st.floats(0, 1, exclude_max=True)
TIMES = st.integers(1, LARGEST)


@given(u=UNIT, mean=TIMES, other=TIMES)
def test_a_draw_is_a_whole_number_of_ns_that_can_be_recorded(
    u: float, mean: int, other: int
) -> None:
    low, high = sorted((mean, other))
    for draw in (exponential(mean), uniform(low, high), normal(mean, other), choice([mean])):
        ns = draw(lambda: u)
        assert type(ns) is int
        assert 1 <= ns <= LARGEST


@given(u=UNIT, low=st.integers(0, 10**12), width=st.integers(1, 10**12))
def test_a_uniform_draw_lies_between_its_ends(u: float, low: int, width: int) -> None:
    assert max(1, low) <= uniform(low, low + width)(lambda: u) <= low + width


@given(p=st.floats(1e-12, 1 - 1e-12))
def test_the_normal_quantile_agrees_with_the_standard_library(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=2e-6, abs=2e-7)
