"""A file for each student: all are there, and none is written elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli import main
from commands.feedback_files import write_each
from teaching.marks import Marks
from tests.teaching.conftest import ROUND_ROBIN, Write


def test_the_command_writes_a_file_for_each_student_and_prints_nothing(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    for name in ("li-na", "王伟"):
        (answers / f"{name}.yaml").write_text("completion: {A: 5}\n", encoding="utf-8")
    each = tmp_path / "feedback"
    command = ["grade", str(write(ROUND_ROBIN)), str(answers), "--each", str(each)]
    assert main(command) == 0
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in each.iterdir()) == ["li-na.txt", "王伟.txt"]
    assert (each / "li-na.txt").read_text(encoding="utf-8").startswith("li-na: 1 of 12\n")
    assert main([*command, "--format", "gradescope"]) == 0
    assert json.loads((each / "王伟.json").read_text(encoding="utf-8"))["score"] == 1


def test_names_that_students_wrote_stay_in_the_folder_and_apart(tmp_path: Path) -> None:
    names = ["../../etc/cron", "a/b", "A_b", ".hidden", "", "x\x00\n", "n" * 300, "王" * 300]
    write_each(tmp_path / "each", "text", [Marks(name, "f", []) for name in names])
    wanted = ["_._.._etc_cron", "a_b", "A_b-2", "_hidden", "_", "x_", "n" * 60, "王" * 60]
    found = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(found) == sorted(Path("each", f"{name}.txt") for name in wanted)


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_graded(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = write("completion: {A: 5}\n", "answer.yaml")
    exercise = str(write(ROUND_ROBIN))
    assert main(["grade", exercise, str(answer), "--each", f"{answer}/x"]) == 2
    assert capsys.readouterr().err.endswith("cannot be made: Not a directory\n")
