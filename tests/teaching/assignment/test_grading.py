"""Right and wrong submissions get the right marks, and the smallest workload that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from language import Options, ScenarioError
from language.assignments import read_assignment
from teaching.assignment.crew import grade
from teaching.assignment.grading import GradingOptions
from teaching.marks import Marks
from teaching.submission.account import account_of
from tests.paths import SCENARIOS

ASSIGNMENTS = sorted((SCENARIOS / "exercises" / "assignments").glob("*.yaml"))
SOLUTIONS = Path(__file__).parent / "solutions"
LAB = """
scheduler: {policy: rr, quantum: 20ms}
processes: [{name: A, cpu: 60ms}]
assignment:
  workloads: {ties: 2, io: 2}
  checks: [{same_schedule: true, points: 8}, {longest_wait: 400ms, points: 2}]
  leaderboard: [turnaround, longest_wait, preemptions]
"""
QUEUE = (SOLUTIONS / "round-robin.py").read_text(encoding="utf-8")


def graded(folder: Path, text: str, lab: str = LAB, seed: int = 0) -> Marks:
    (folder / "lab.yaml").write_text(lab, encoding="utf-8")
    (folder / "student.py").write_text(text, encoding="utf-8")
    assignment = read_assignment(folder / "lab.yaml", Options())
    options = GradingOptions(seed=seed, user=account_of(None))
    (marks,) = grade(assignment, [folder / "student.py"], options)
    return marks


def test_there_are_at_least_six_assignments_each_with_a_solution() -> None:
    assert len(ASSIGNMENTS) >= 6
    assert [path.stem for path in ASSIGNMENTS] == sorted(p.stem for p in SOLUTIONS.glob("*.py"))


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_a_right_solution_gets_full_marks(path: Path) -> None:
    assignment = read_assignment(path, Options())
    options = GradingOptions(seed=3, user=account_of(None))
    (marks,) = grade(assignment, [SOLUTIONS / f"{path.stem}.py"], options)
    assert [part.feedback for part in marks.parts if not part.passed] == []
    assert marks.points == marks.most == 10


def test_a_difference_is_shown_on_the_smallest_workload_with_both_charts(tmp_path: Path) -> None:
    marks = graded(tmp_path, QUEUE.replace("append(process)", "appendleft(process)"))
    schedule, wait = marks.parts
    assert [int(schedule.points), int(wait.points)] == [0, 2]
    assert schedule.feedback.splitlines()[:7] == [
        "0 of 4 hidden workloads",
        "  scheduler: {policy: rr, quantum: 20ms}",
        "  processes:",
        "    - {name: A, cpu: 10ms}",
        "    - {name: B, cpu: 10ms}",
        "At 0 your policy runs B; rr runs A.",
        "Under your policy A is ready at 0.",
    ]
    yours, rr = schedule.feedback.splitlines()[8], schedule.feedback.splitlines()[11]
    assert yours.startswith("core 0 │BBBBB")
    assert rr.startswith("core 0 │AAAAA")


def test_partial_credit_is_by_workloads(tmp_path: Path) -> None:
    woken = "(self.queue.appendleft if why == 'woke' else self.queue.append)(process)"
    marks = graded(tmp_path, QUEUE.replace("self.queue.append(process)", woken))
    assert 0 < marks.points < 10
    assert "io" not in marks.parts[0].feedback.splitlines()[0]


def test_a_mistake_is_shown_on_the_smallest_workload_and_once(tmp_path: Path) -> None:
    marks = graded(
        tmp_path, QUEUE.replace("if self", "assert len(self.queue) < 3\n        if self")
    )
    first, second = (part.feedback for part in marks.parts)
    assert "student.py:16: pick() raised AssertionError" in first
    assert first.count("{name:") == 3
    assert second.splitlines()[1].startswith(("ties 1: student.py:16", "ties 2: student.py:16"))


def test_a_submission_that_cannot_be_read_is_not_graded(tmp_path: Path) -> None:
    marks = graded(tmp_path, "class Mine(:\n    pass\n")
    assert not marks.gradable
    assert marks.points == 0
    assert marks.problems == ["student.py:1: SyntaxError: invalid syntax"]


def test_the_leaderboard_has_only_those_that_ran_everywhere(tmp_path: Path) -> None:
    names = [measure.name for measure in graded(tmp_path, QUEUE).measures]
    assert names == ["mean turnaround", "longest wait", "preemptions"]
    crash = QUEUE.replace("if self", "assert len(self.queue) < 3\n        if self")
    assert graded(tmp_path, crash).measures == []


def test_the_same_seed_gives_the_same_marks_and_another_one_other_workloads(tmp_path: Path) -> None:
    one, same, other = (graded(tmp_path, QUEUE, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.measures != other.measures


def test_a_check_that_the_model_solution_does_not_meet_is_the_teachers_mistake(
    tmp_path: Path,
) -> None:
    with pytest.raises(ScenarioError) as raised:
        graded(tmp_path, QUEUE, LAB.replace("400ms", "5ms"))
    said = str(raised.value)
    assert (
        "lab.yaml:6:46: assignment.checks.1: the scenario's own scheduler does not meet it" in said
    )


def test_a_model_solution_of_the_teachers_own_is_not_seen_by_submissions(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(QUEUE.replace("Mine", "Model"), encoding="utf-8")
    lab = LAB.replace("policy: rr", "policy: model.py:Model")
    assert graded(tmp_path, QUEUE, lab).points == 10
    steal = f"from model import Model as Mine\n{QUEUE.replace('Mine', 'Other')}"
    assert not graded(tmp_path, steal, lab).gradable
