"""A submission also decides on real processes, and must decide as in the model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language import Options
from language.assignments import read_assignment
from real import run_real
from teaching.assignment.crew import grade
from teaching.assignment.grading import GradingOptions
from teaching.assignment.real_runs import chosen
from teaching.submission.account import account_of
from tests.teaching.assignment.test_grading import QUEUE

LAB = """
scheduler: {policy: rr, quantum: 20ms}
processes: [{name: A, cpu: 60ms}]
assignment:
  workloads: {plain: 2, io: 1}
  checks: [{same_schedule: true, points: 4}]
"""


@pytest.mark.real
def test_a_right_policy_keeps_its_marks_on_real_processes(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    (tmp_path / "mine.py").write_text(QUEUE, encoding="utf-8")
    assignment = read_assignment(tmp_path / "lab.yaml", Options())
    options = GradingOptions(user=account_of(None), machine=run_real)
    (marks,) = grade(assignment, [tmp_path / "mine.py"], options)
    (part,) = marks.parts
    # on a busy machine a real run may be left undecided, which costs nothing
    assert re.fullmatch("3 of 3 hidden workloads; [0-2] confirmed on real processes", part.feedback)
    assert part.points == 4


def test_one_short_workload_of_each_kind_is_chosen(tmp_path: Path) -> None:
    from teaching.assignment.kinds import cases

    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    scheduler = read_assignment(tmp_path / "lab.yaml", Options()).workload.scheduler
    made = cases({"plain": 3, "shares": 1}, 0, scheduler)
    picked = chosen(made, lambda case: 10**10 if case.kind == "shares" else 10**8)
    assert [case.name for case in picked] == ["plain 1"]
