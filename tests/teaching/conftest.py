"""Exercises made of text, and answers to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from language.answers import AnswerFile, parse_answer
from language.exercises import read_exercise
from teaching.grading import Grader
from teaching.marks import Marks
from teaching.posed import Posed
from teaching.variants import pose

ROUND_ROBIN = """
title: Round robin
scheduler: {policy: rr, quantum: 2}
processes:
  - {name: A, cpu: 3}
  - {name: B, arrival: 1, cpu: 5}
  - {name: C, arrival: 3, cpu: 4}
exercise:
  ask:
    - {gantt: all, points: 4}
    - {completion: all, points: 3}
    - {waiting: all, points: 3}
    - {mean: [waiting], points: 2}
"""

Write = Callable[..., Path]
Pose = Callable[..., Posed]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str, name: str = "exercise.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def posed(write: Write) -> Pose:
    def made(text: str = ROUND_ROBIN, seed: int | None = None) -> Posed:
        return pose(read_exercise(write(text)), seed)

    return made


def answer(text: str, folder: Path) -> AnswerFile:
    path = folder / "answer.yaml"
    path.write_text(text, encoding="utf-8")
    return parse_answer(path)


@pytest.fixture
def graded(tmp_path: Path) -> Callable[[Posed, str], Marks]:
    def marks(posed: Posed, text: str) -> Marks:
        return Grader(posed).marks(answer(text, tmp_path), "student")

    return marks
