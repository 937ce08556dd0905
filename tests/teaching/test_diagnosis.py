"""The diagnosis: the numbers of a misconception are recognized, chance hits are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.exercises import FOLDER
from language.answers import read_answer
from language.exercises import read_exercise
from teaching.answer_files import answer_key
from teaching.grading import Grader
from teaching.misconceptions.catalogue import BY_NAME, CATALOGUE
from teaching.posed import Posed
from teaching.proof import prove
from teaching.variants import pose
from tests.effort import EFFORT
from tests.paths import ROOT
from tests.teaching.conftest import Pose, answer

CASES = ROOT / "tests" / "cases"
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


def diagnosed(posed: Posed, text: str, folder: Path) -> list[str]:
    """Return the names of the misconceptions that explain an answer."""
    written = read_answer(answer(text, folder), posed.variant.context)
    return Grader(posed).grade(written).diagnosed


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
    misread = reading(first) if reading is not None else None
    assert misread is not None
    both = replace(first, reading=misread)
    wrong = answer_key(replace(found, right=both), None)
    names = diagnosed(found, wrong, tmp_path)
    assert set(names) >= {"expiry-first", "waiting-until-first-run"}


def test_what_cannot_be_told_apart_is_said(posed: Pose, tmp_path: Path) -> None:
    two = "processes: [{name: A, cpu: 5}, {name: B, arrival: 2, cpu: 3}]\n"
    found = posed(two + "exercise: {ask: [{waiting: [B]}]}")
    marks = Grader(found).marks(answer("waiting: {B: 5}", tmp_path), "x")
    assert "cannot be told apart here" in marks.diagnosis


def test_numbers_that_follow_no_known_rule_are_not_explained(posed: Pose, tmp_path: Path) -> None:
    assert diagnosed(posed(TIE), "completion: {A: 77, B: 78, C: 79}", tmp_path) == []


def test_a_misread_number_is_named(tmp_path: Path) -> None:
    """Two keys circulate for two texts of this question; see tests/cases/exam-two-keys.yaml."""
    text = (CASES / "exam-two-keys.yaml").read_text(encoding="utf-8")
    ask = "exercise: {ask: [{makespan: all}, {utilization: [cpu]}, {completion: all}]}\n"
    path = tmp_path / "two-keys.yaml"
    path.write_text(text + ask, encoding="utf-8")
    grader = Grader(pose(read_exercise(path), None))
    right = "makespan: 40\nutilization: {cpu: 100%}\ncompletion: {A: 40, B: 40}"
    other = "makespan: 45\nutilization: {cpu: 88.9%}"
    assert grader.marks(answer(right, tmp_path), "x").points == 3
    marks = grader.marks(answer(other, tmp_path), "x")
    assert "A has d2 10 in place of 5" in marks.diagnosis


def test_either_published_answer_to_a_draw_counts_where_it_is_accepted(tmp_path: Path) -> None:
    """An equal newcomer waits, or takes the core: both are published."""
    text = (CASES / "exam-srtf-draws.yaml").read_text(encoding="utf-8")
    ask = "exercise: {accept: [draw-preempts], ask: [{completion: all}]}\n"
    path = tmp_path / "draws.yaml"
    path.write_text(text + ask, encoding="utf-8")
    grader = Grader(pose(read_exercise(path), None))
    for key in (
        "{p6: 7, p1: 8, p2: 10, p3: 13, p4: 17, p5: 22}",
        "{p1: 7, p2: 8, p3: 10, p4: 13, p5: 17, p6: 22}",
    ):
        assert grader.marks(answer(f"completion: {key}", tmp_path), "x").points == 1


def test_the_share_in_which_the_cpu_is_idle_is_the_published_one(tmp_path: Path) -> None:
    text = (CASES / "exam-idle-share.yaml").read_text(encoding="utf-8")
    path = tmp_path / "idle.yaml"
    path.write_text(text + "exercise: {ask: [{idle: [cpu]}]}\n", encoding="utf-8")
    grader = Grader(pose(read_exercise(path), None))
    for key in ("10.6%", "10.63%", "10.64%", "5"):
        assert grader.marks(answer(f"idle: {{cpu: {key}}}", tmp_path), "x").points == 1
