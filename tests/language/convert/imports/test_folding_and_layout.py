"""Folded steps are the same steps, and what is laid out is read as it was meant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from language.convert.imports.draft import Draft, DraftProcess, Step, Value
from language.convert.imports.folding import fold
from language.convert.imports.layout import WIDTH, text_of
from language.source.limits import LIMITS
from language.source.tree import parse
from tests.effort import cases

STEPS = st.lists(
    st.builds(lambda kind, time: {kind: time}, st.sampled_from(["cpu", "io"]), st.integers(1, 3)),
    max_size=40,
)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ")).filter(
    lambda text: text.strip() == text
)
VALUES = st.recursive(
    st.booleans() | st.integers(0, 10**6) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=12,
)


def _unfolded(steps: list[Step]) -> list[Step]:
    found: list[Step] = []
    for step in steps:
        if "repeat" in step:
            repeat: Any = step["repeat"]
            assert repeat["times"] > 1
            found += _unfolded(repeat["do"]) * repeat["times"]
        else:
            found.append(step)
    return found


@settings(max_examples=cases(200), deadline=None)
@given(STEPS)
def test_folded_steps_are_the_same_steps(steps: list[Step]) -> None:
    assert _unfolded(fold(steps)) == steps


def test_a_repetition_within_a_repetition_is_folded() -> None:
    inner: list[Step] = [{"cpu": 1}, {"io": 2}]
    steps = [*inner * 3, {"cpu": 9}] * 4
    assert fold(steps) == [
        {"repeat": {"times": 4, "do": [{"repeat": {"times": 3, "do": inner}}, {"cpu": 9}]}}
    ]


def test_two_alike_are_not_worth_a_repetition() -> None:
    assert fold([{"cpu": 1}, {"cpu": 1}]) == [{"cpu": 1}, {"cpu": 1}]


@settings(max_examples=cases(200), deadline=None)
@given(st.dictionaries(PRINTABLE.filter(bool), VALUES, max_size=4), st.lists(PRINTABLE, max_size=3))
def test_what_is_laid_out_is_read_as_it_was(sections: dict[str, Value], remarks: list[str]) -> None:
    sections.pop("title", None)
    sections.pop("processes", None)
    draft = Draft("t", remarks, sections, [DraftProcess("A", {}, [{"cpu": "1ms"}], remarks)])
    root, problems = parse("f", text_of(draft), LIMITS)
    assert problems == [] and root is not None
    expected = {"title": "t", **sections, "processes": [{"name": "A", "cpu": "1ms"}]}
    assert root.plain() == expected


def test_lines_stay_within_the_width_where_they_can() -> None:
    steps: list[Step] = [{"cpu": f"{n}ms"} for n in range(1, 40)]
    draft = Draft("t", ["word " * 60], {}, [DraftProcess("A", {}, steps)])
    assert max(map(len, text_of(draft).split("\n"))) <= WIDTH


def test_a_decimal_is_written_without_an_exponent() -> None:
    draft = Draft("t", [], {}, [DraftProcess("A", {}, [{"cpu": Decimal("0.0000001")}])])
    assert "cpu: 0.0000001" in text_of(draft)
