"""The commands exercise and grade, as a teacher and a student type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import main
from tests.paths import SCENARIOS

EXERCISE = str(SCENARIOS / "exercises" / "rr.yaml")


def keys(folder: Path, names: list[str]) -> None:
    for name in names:
        assert (
            main(
                [
                    "exercise",
                    EXERCISE,
                    "--student",
                    name,
                    "--answer-key",
                    str(folder / f"{name}.yaml"),
                ]
            )
            == 0
        )


def test_a_sheet_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", EXERCISE, "--seed", "3"]) == 0
    out = capsys.readouterr().out
    assert "Questions" in out and "Step by step" not in out


def test_files_are_written_and_nothing_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / name) for name in ("a.html", "a.md", "t.yaml", "k.yaml")]
    options = [
        part
        for pair in zip(("--html", "--md", "--template", "--answer-key"), files, strict=True)
        for part in pair
    ]
    assert main(["exercise", EXERCISE, "--student", "张伟", *options]) == 0
    assert capsys.readouterr().out == "" and all(Path(file).stat().st_size for file in files)


def test_many_answers_are_graded_each_with_its_variant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(tmp_path, ["Li", "张伟", "O'Hara", *(f"s{at}" for at in range(8))])
    assert main(["grade", EXERCISE, str(tmp_path), "--format", "csv", "--jobs", "2"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 12 and all(",10,10,graded," in row for row in rows[1:])


def test_the_name_of_the_file_can_decide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(tmp_path, ["Li", "Wu"])
    (tmp_path / "Wu.yaml").rename(tmp_path / "Xu.yaml")
    assert (
        main(
            [
                "grade",
                EXERCISE,
                str(tmp_path),
                "--seed-from",
                "name",
                "--format",
                "csv",
                "--least",
                "100%",
            ]
        )
        == 1
    )
    assert main(["grade", EXERCISE, str(tmp_path), "--format", "csv", "--least", "100%"]) == 0
    listed = tmp_path / "class.csv"
    listed.write_text("﻿file;student\nLi;Li\nXu;Wu\n", encoding="utf-8")
    assert (
        main(["grade", EXERCISE, str(tmp_path), "--seed-from", str(listed), "--least", "100%"]) == 0
    )
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["exercise", EXERCISE, "--seed", "1", "--student", "x"], "give only one of"),
        (
            ["exercise", str(SCENARIOS / "lessons" / "overlap.yaml"), "--student", "\x07"],
            "printable",
        ),
        (["exercise", "nowhere.yaml"], "no such file"),
        (["exercise", EXERCISE, "--md", "/nowhere/x.md"], "/nowhere"),
        (["grade", EXERCISE, "nowhere"], "no such file or folder"),
        (["grade", EXERCISE, "docs", "--seed-from", "dice"], "no answer file"),
        (["grade", EXERCISE, EXERCISE, "--least", "two"], "must be a share"),
        (["grade", EXERCISE, EXERCISE, "--seed-from", "dice"], "must be name, student"),
        (["grade", EXERCISE, EXERCISE, "--seed-from", "none.csv"], "cannot be read"),
    ],
)
def test_a_wrong_call_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert message in error and "\n" not in error
