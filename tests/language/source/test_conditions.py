"""Conditions on points: a grammar of their own, which executes nothing."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.source.conditions import condition

KEYS = ("scheduler.policy", "scheduler.quantum", "machine.cores")
POINT = {"scheduler.policy": "rr", "scheduler.quantum": "20ms", "machine.cores": "2"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("quantum < 40ms", True),
        ("quantum = 0.02s", True),
        ("5ms < quantum < 20ms", False),
        ("5ms < quantum <= 20ms", True),
        ("policy = rr and cores = 2", True),
        ("policy == srtf or not cores > 2", True),
        ("not (policy = rr or cores = 2)", False),
        ("policy = rr or policy = srtf and cores = 3", True),  # `and` binds more closely
        ("(policy = rr or policy = srtf) and cores = 3", False),
        ("scheduler.policy != 'rr'", False),
        ("policy = 5", False),  # a word is no number
    ],
)
def test_a_condition(text: str, holds: bool) -> None:
    assert condition(text, KEYS)(POINT) is holds


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "must have a key or a value before the end of the text"),
        ("quantum", "must compare values, like quantum < 40ms"),
        ("quantum < 40", "20ms and 40 cannot be compared, a duration and a number"),
        ("policy < srtf", "are words, which have no order"),
        ("policy < 5", "rr is a word"),
        ("(quantum < 40ms", "has an open bracket"),
        ("quantum < 40ms)", "')' is not expected here"),
        ("memory.size < 5", "memory.size is not varied; the varied keys are scheduler.policy"),
        ("__import__('os')", "must compare"),
        ("(" * 100, "nested more than 50 levels"),
        ("quantum < 1ms " * 100, "at most 1,000 characters"),
    ],
)
def test_a_mistake_says_what_would_be_right(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)):
        condition(text, KEYS)(POINT)


def test_a_short_key_that_two_keys_end_with_is_refused() -> None:
    with pytest.raises(ValueError, match=r"processes\.0\.cpu or processes\.1\.cpu"):
        condition("cpu < 5ms", ("processes.0.cpu", "processes.1.cpu"))


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_message(text: str) -> None:
    with suppress(ValueError):
        condition(text, KEYS)(POINT)
