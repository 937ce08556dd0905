"""Every lesson asks what its `about` asks, and its key is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from language.exercises import read_exercise
from teaching.answer_files import answer_key
from teaching.grading import Grader
from teaching.variants import pose
from tests.paths import LESSONS
from tests.teaching.conftest import answer


@pytest.mark.parametrize("path", sorted(LESSONS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_lesson_asks_and_its_key_earns_all_points(path: Path, tmp_path: Path) -> None:
    posed = pose(read_exercise(path), None)
    marks = Grader(posed).marks(answer(answer_key(posed, None), tmp_path), "key")
    assert marks.gradable and marks.points == marks.most > 0
