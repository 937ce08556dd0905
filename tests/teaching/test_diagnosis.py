"""The diagnosis: the numbers of a misconception are recognized, chance hits are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.exercises import FOLDER
from teaching.answer_files import answer_key
from teaching.grading import Grader
from teaching.misconceptions import BY_NAME, CATALOGUE
from teaching.proof import prove
from tests.effort import EFFORT
from tests.teaching.conftest import Pose, answer

VARIANTS = max(1, round(EFFORT))
TIE = """
scheduler: {policy: rr, quantum: 2}
processes:
  - {name: A, cpu: 5}
  - {name: B, arrival: 2, cpu: 3}
  - {name: C, arrival: 4, cpu: 2}
exercise:
  ask: [{gantt: all}, {completion: all}, {waiting: all}]
"""


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_exercise_is_good_in_every_variant(path: Path) -> None:
    first = sum(map(ord, path.stem)) % 1000
    proof = prove(path, range(first, first + VARIANTS))
    assert proof.holds, str(proof)


def test_there_are_more_than_forty_exercises() -> None:
    assert len(list(FOLDER.glob("*.yaml"))) > 40


def test_a_misconception_is_a_change_or_a_reading_and_says_what_holds() -> None:
    assert len(BY_NAME) == len(CATALOGUE)
    for each in CATALOGUE:
        assert (each.scenario is None) != (each.reading is None)
        assert each.words and each.rule and not each.rule.endswith(".")


def test_the_rule_that_was_followed_is_named(posed: Pose, tmp_path: Path) -> None:
    found = posed(TIE)
    wrong = answer_key(replace(found, right=found.outcomes["expiry-first"]), None)
    marks = Grader(found).marks(answer(wrong, tmp_path), "x")
    assert "quantum expiries come before arrivals" in marks.diagnosis


def test_two_misconceptions_together_are_recognized(posed: Pose, tmp_path: Path) -> None:
    found = posed(TIE)
    first = found.outcomes["expiry-first"]
    reading = BY_NAME["waiting-until-first-run"].reading
    assert reading is not None
    both = replace(first, reading=reading(first))
    wrong = answer_key(replace(found, right=both), None)
    names = Grader(found).diagnosed(answer(wrong, tmp_path))
    assert set(names) >= {"expiry-first", "waiting-until-first-run"}


def test_what_cannot_be_told_apart_is_said(posed: Pose, tmp_path: Path) -> None:
    two = "processes: [{name: A, cpu: 5}, {name: B, arrival: 2, cpu: 3}]\n"
    found = posed(two + "exercise: {ask: [{waiting: [B]}]}")
    marks = Grader(found).marks(answer("waiting: {B: 5}", tmp_path), "x")
    assert "cannot be told apart here" in marks.diagnosis


def test_numbers_that_follow_no_known_rule_are_not_explained(posed: Pose, tmp_path: Path) -> None:
    assert Grader(posed(TIE)).diagnosed(answer("completion: {A: 77, B: 78, C: 79}", tmp_path)) == []
