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


def test_what_was_written_is_said_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "class.txt").write_text("Li\nWu\n", encoding="utf-8")
    sheets, question = tmp_path / "sheets", tmp_path / "q.xml"
    sheet, template = tmp_path / "a.html", tmp_path / "a.yaml"
    zipped = tmp_path / "autograder.zip"
    for options, said in (
        (["--html", sheet, "--template", template], f"wrote {sheet}, {template}"),
        (
            ["--class", tmp_path / "class.txt", "--out", sheets],
            f"wrote a page and an answer file for each of 2 students into {sheets}",
        ),
        (
            ["--class", tmp_path / "class.txt", "--out", sheets, "--solution"],
            f"wrote the solutions of 2 students into {sheets}",
        ),
        (
            ["--export", "moodle", "--variants", 1, "--out", question],
            f"wrote 1 variant of the exercise into {question}",
        ),
        (
            ["--export", "gradescope", "--out", zipped],
            f"wrote the autograder for Gradescope into {zipped}",
        ),
    ):
        assert main(["exercise", EXERCISE, *map(str, options)]) == 0
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.strip().splitlines()[-1] == said


def test_where_marks_and_feedback_were_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(tmp_path, ["Li"])
    marks, feedback = tmp_path / "marks.csv", tmp_path / "feedback"
    options = ["--format", "csv", "--out", str(marks), "--each", str(feedback)]
    capsys.readouterr()
    assert main(["grade", EXERCISE, str(tmp_path / "Li.yaml"), *options]) == 0
    assert capsys.readouterr().err.splitlines()[-2:] == [
        f"wrote a file of feedback on 1 answer into {feedback}",
        f"wrote the marks of 1 answer into {marks}",
    ]


@pytest.mark.parametrize("format", ["text", "csv", "json", "junit"])
def test_an_answer_that_says_another_variant_is_told(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(tmp_path, ["Li", "Wu"])
    (tmp_path / "Wu.yaml").rename(tmp_path / "Xu.yaml")
    capsys.readouterr()
    by_name = ["grade", EXERCISE, str(tmp_path), "--seed-from", "name", "--format", format]
    assert main(by_name) == 0
    captured = capsys.readouterr()
    assert "The file says student: 'Wu', but was graded by the numbers of 'Xu'" in captured.out
    assert captured.out.count("The file says") == 1
    assert "1 of 2 answers says another variant" in captured.err and "Xu.yaml" in captured.err


def test_an_answer_for_another_seed_than_that_of_all_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.yaml"
    assert main(["exercise", EXERCISE, "--seed", "3", "--answer-key", str(key)]) == 0
    assert main(["grade", EXERCISE, str(key), "--seed", "3"]) == 0
    assert "The file says" not in capsys.readouterr().out
    assert main(["grade", EXERCISE, str(key), "--seed", "4"]) == 0
    said = "The file says seed: 3, but was graded by the numbers of --seed 4"
    assert said in capsys.readouterr().out


def test_a_list_that_is_no_table_is_told_what_would_be_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "class.txt"
    listed.write_text("Li\n", encoding="utf-8")
    assert main(["grade", EXERCISE, EXERCISE, "--seed-from", str(listed)]) == 2
    error = capsys.readouterr().err
    assert "must be a .csv with the columns file and student" in error
    assert "--seed-from name" in error
