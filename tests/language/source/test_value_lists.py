"""Values of an experiment: lists, ranges and intervals, in the grammar of Hydra's sweeps."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.source.value_lists import Interval, values_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("rr,srtf", ["rr", "srtf"]),
        ("range(5ms,50ms,15ms)", ["5ms", "20ms", "35ms"]),
        ("range(3)", ["0", "1", "2"]),
        ("range(1,3)", ["1", "2"]),
        ("range(1, 0, -0.25)", ["1", "0.75", "0.5", "0.25"]),
        ("1,range(2,4),8", ["1", "2", "3", "8"]),
        ("choice(a,b)", ["a", "b"]),
        ("mine.py:Mine,rr", ["mine.py:Mine", "rr"]),
        ("{uniform: [1ms,2ms]},5ms", ["{uniform: [1ms,2ms]}", "5ms"]),
        ("'a,b',c", ["'a,b'", "c"]),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    assert values_of(text, 100) == values


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a,,b", "needs a value before and after each comma, like 1,2,4"),
        ("a,b,a", "has 'a' twice"),
        ("[1,2", "has an open bracket"),
        ("1)", "has a ')' that closes nothing"),
        ("'a", 'has a "\'" without its end'),
        ("range(1,5ms)", "must have one unit"),
        ("range(5,1)", "has no values; the stop is left out"),
        ("range(1,5,0)", "must have a step other than 0"),
        ("range(1,2,3,4)", "must be range(start,stop,step)"),
        ("range(a,b)", "must have numbers"),
        ("range(1000000000)", "has 1,000,000,000 values, more than 100 (the limit points)"),
        ("interval(1,2),3", "interval(low,high) stands alone"),
        ("interval(2,1)", "must have a lower end below its upper end"),
        ("1," * 6000 + "2", "is longer than 10,000 characters"),
    ],
)
def test_a_mistake_says_what_would_be_right(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)):
        values_of(text, 100)


@given(st.integers(-50, 50), st.integers(1, 60), st.integers(1, 9))
def test_a_range_is_that_of_python(start: int, width: int, step: int) -> None:
    values = values_of(f"range({start}ms,{start + width}ms,{step}ms)", 1000)
    assert values == [f"{value}ms" for value in range(start, start + width, step)]


@given(st.floats(0, 1, exclude_max=True))
def test_a_value_of_an_interval_lies_in_it(share: float) -> None:
    value = Interval(Decimal(5), Decimal(50), "ms").at(share)
    assert value.endswith("ms")
    assert 5 <= float(value.removesuffix("ms")) <= 50


@given(st.text(max_size=40))
def test_any_text_gives_values_or_a_message(text: str) -> None:
    with suppress(ValueError):
        values_of(text, 100)


def test_two_dots_are_no_range_and_the_right_one_is_told() -> None:
    with pytest.raises(ValueError, match=re.escape("0..4: write range(0,5)")):
        values_of("0..4", 100)
