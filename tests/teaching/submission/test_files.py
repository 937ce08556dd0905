"""What is handed in is read as text, and no link is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel.errors import UsageError
from teaching.submission.files import submission_of, submissions_in


def test_a_file_is_a_submission_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "wang-wei.py"
    path.write_text("# 王伟\n", encoding="utf-8")
    found = submission_of(path, "mine.py")
    assert (found.student, found.main, found.problem) == ("wang-wei", "wang-wei.py", "")
    assert found.files == {"wang-wei.py": "# 王伟\n"}


def test_a_folder_is_a_submission_with_what_its_file_imports(tmp_path: Path) -> None:
    folder = tmp_path / "李娜"
    folder.mkdir()
    for name in ("mine.py", "helper.py", "notes.txt"):
        (folder / name).write_text("x = 1\n", encoding="utf-8")
    found = submission_of(folder, "mine.py")
    assert (found.student, found.main) == ("李娜", "mine.py")
    assert sorted(found.files) == ["helper.py", "mine.py"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "must have the file mine.py (has no .py file)"),
        (["mien.py", "a.py"], "must have the file mine.py (has a.py, mien.py; did you mean mien."),
        ([f"a{n}.py" for n in range(30)] + ["mine.py"], "has 31 .py files; at most 20"),
    ],
)
def test_a_folder_without_the_file_says_what_is_missing(
    tmp_path: Path, names: list[str], said: str
) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert said in submission_of(tmp_path, "mine.py").problem


def test_the_only_file_of_a_folder_is_taken_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "scheduler.py").touch()
    assert submission_of(tmp_path, "mine.py").main == "scheduler.py"


def test_links_pipes_and_large_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "link.py").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "large.py").write_bytes(b"#" * 200_001)
    (tmp_path / "binary.py").write_bytes(b"\xff")
    problems = {
        name: submission_of(tmp_path / f"{name}.py", "mine.py").problem
        for name in ("link", "pipe", "large", "binary")
    }
    assert problems == {
        "link": "link.py: is a link; hand in the file itself",
        "pipe": "pipe.py: is no file of text",
        "large": "large.py: is too large: a submission has at most 200,000 bytes",
        "binary": "binary.py: is not UTF-8 text (byte 1)",
    }


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such submission"):
        submission_of(tmp_path / "none.py", "mine.py")


def test_a_folder_of_submissions_is_expanded(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", ".hidden.py", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "c").mkdir()
    (tmp_path / "__pycache__").mkdir()
    found = submissions_in([tmp_path], "mine.py")
    assert [path.name for path in found] == ["a.py", "b.py", "c"]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has neither mine"):
        submissions_in([tmp_path], "mine.py")
