"""docs/exercises.md and docs/teaching.md: their examples load, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language import json_schema
from language.exercises import read_exercise
from language.schema.exercise import KINDS
from teaching.misconceptions.catalogue import BY_NAME
from teaching.variants import pose
from tests.paths import DOCS, SCENARIOS

PAGE = (DOCS / "exercises.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "teaching.md").read_text(encoding="utf-8")
EXAMPLES = [
    text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "exercise:" in text
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_an_exercise(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    for seed in range(3):
        pose(read_exercise(path), seed)


def test_the_page_names_every_key_kind_and_misconception() -> None:
    schema = json_schema()["$defs"]
    keys = [*schema["Exercise"]["properties"], *schema["Require"]["properties"]]
    assert [key for key in [*keys, *KINDS, *BY_NAME] if f"`{key}`" not in PAGE] == []


def test_the_course_names_scenarios_that_exist() -> None:
    table = "\n".join(line for line in GUIDE.splitlines() if line.startswith("| ") and "/" in line)
    named = set(re.findall(r"`((?:lessons|textbook)/[a-z/0-9-]+)`", table))
    assert len(named) > 12
    assert [name for name in named if not (SCENARIOS / f"{name}.yaml").exists()] == []
    homework = re.findall(r"`([a-z0-9-]+)` \((\d+)\)", GUIDE)
    assert len(homework) > 25
    for name, points in homework:
        exercise = read_exercise(SCENARIOS / "exercises" / f"{name}.yaml").exercise
        assert (name, sum(question.points for question in exercise.ask)) == (name, int(points))
