"""What a plain program printed is held against what both machines observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from language.convert.to_python.printed import is_printed, printed_by
from tests.report.runs import make_run
from timeline.comparison.compare import compare
from timeline.comparison.criteria import AGREE, DISAGREE, INCONCLUSIVE
from timeline.comparison.with_witness import with_witness
from timeline.comparison.witness import (
    ALLOWED,
    DIFFERENT,
    NOT_JUDGED,
    SAME,
    Witness,
    allowed,
    judge_witness,
    rows_beside,
)
from timeline.record.run import Observation, Run

GIVEN = {"A": "A", "B": "B", "B-2": "B"}
"""Two processes have Process objects of the same name."""


def said(*rows: tuple[str, str, object]) -> Run:
    run = make_run([("A", "running", 0, 10)])
    observations = [Observation(at, *row) for at, row in enumerate(rows)]
    return replace(run, observations=observations)


MODEL = said(
    ("A", "prints", "one"), ("B", "receive q", 7), ("A", "join B", None), ("A", "prints", "two")
)


def witness(model: Run, lines: Sequence[str], ended: str | None = None) -> Witness:
    output = "".join(f"{line}\n" for line in lines)
    printed = printed_by(output, set(GIVEN.values()), {})
    rows = rows_beside(printed, model, model, GIVEN, is_printed)
    return judge_witness(rows, model, ended, 1.0)


def test_the_same_lines_in_any_order_of_processes() -> None:
    found = witness(MODEL, ["B: ? receive q: 7", "A: one", "A: two"])
    assert found.verdict == SAME
    assert [(row.process, row.name, row.equal) for row in found.rows] == [
        ("A", "prints", True),
        ("A", "prints", True),
        ("B", "receive q", True),
    ]


def test_each_process_has_an_order() -> None:
    found = witness(MODEL, ["A: two", "A: one", "B: ? receive q: 7"])
    assert found.verdict == DIFFERENT
    assert "A: prints: two instead of one" in found.sentence


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["A: one", "A: two"], "B: receive q: nothing instead of 7"),
        (["A: one", "A: two", "A: three", "B: ? receive q: 7"], "three instead of nothing"),
        (["A: one", "A: two", "B: ? receive q: 8"], "B: receive q: 8 instead of 7"),
        (["A: one", "A: two", "B: ! receive q: Empty: no"], "receive q: Empty: no instead of 7"),
    ],
)
def test_what_is_missing_or_too_much_or_other_is_told(lines: list[str], told: str) -> None:
    found = witness(MODEL, lines)
    assert found.verdict == DIFFERENT
    assert told in found.sentence


def test_processes_with_the_same_name_may_be_mixed() -> None:
    model = said(*((who, "prints", text) for who in ("B", "B-2") for text in ("in", f"{who} out")))
    lines = ["B: in", "B: in", "B: B-2 out", "B: B out"]
    assert witness(model, lines).verdict == SAME


def test_a_deadlock_is_a_deadlock() -> None:
    stuck = replace(MODEL, stopped="deadlock: …", stuck=["A"])
    lines = ["B: ? receive q: 7", "A: one", "A: two"]
    assert witness(stuck, lines, "all of its processes wait for each other").verdict == SAME
    assert "where the model has a deadlock" in witness(stuck, lines).sentence
    assert "where the model has an end" in witness(MODEL, lines, "it did not end in 9 s").sentence


def test_what_the_rules_say_of_a_difference() -> None:
    other = witness(MODEL, ["A: one"])
    assert allowed(other, True).verdict == ALLOWED
    assert (
        "the difference depends on timing, and the rules allow it" in allowed(other, True).sentence
    )
    assert allowed(other, None).verdict == NOT_JUDGED
    assert allowed(other, False) == other
    same = witness(MODEL, ["A: one", "A: two", "B: ? receive q: 7"])
    assert allowed(same, False) == same


def test_the_verdict_follows_from_the_witness() -> None:
    comparison = compare(MODEL, MODEL)
    assert comparison.verdict == AGREE
    assert "witness" not in comparison.to_json()
    other = witness(MODEL, ["A: one"])
    for heard, verdict in (
        (witness(MODEL, ["A: one", "A: two", "B: ? receive q: 7"]), AGREE),
        (allowed(other, True), AGREE),
        (allowed(other, None), INCONCLUSIVE),
        (other, DISAGREE),
    ):
        found = with_witness(comparison, heard)
        assert (found.verdict, found.to_json()["witness"]["verdict"]) == (verdict, heard.verdict)
        assert heard.sentence in found.sentence
