"""The sheets of a class: for each student those that `--student` gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import main
from commands.class_sheets import students_in
from kernel.errors import UsageError
from tests.teaching.conftest import Write
from tests.teaching.test_variants import VARIED


def test_each_student_of_the_list_gets_what_the_option_student_gives(
    write: Write, tmp_path: Path
) -> None:
    file, students = str(write(VARIED)), write("li-na\n\n王伟\n", "class.txt")
    out = tmp_path / "sheets"
    assert main(["exercise", file, "--class", str(students), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        *("li-na.html", "li-na.yaml", "王伟.html", "王伟.yaml"),
    ]
    alone = tmp_path / "alone.html"
    assert main(["exercise", file, "--student", "王伟", "--html", str(alone)]) == 0
    assert (out / "王伟.html").read_bytes() == alone.read_bytes()
    assert "student: 王伟" in (out / "王伟.yaml").read_text(encoding="utf-8")


def test_the_solutions_of_a_class_have_no_file_to_fill_in(write: Write, tmp_path: Path) -> None:
    students, out = write("li-na\n", "class.txt"), tmp_path / "solutions"
    command = ["exercise", str(write(VARIED)), "--class", str(students), "--out", str(out)]
    assert main([*command, "--solution"]) == 0
    assert [path.name for path in out.iterdir()] == ["li-na.html"]
    assert "Step by step" in (out / "li-na.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a\nb c\n", ["a", "b c"]),
        ("\ufeffstudent\na\n", ["a"]),
        ("Name;Student;Mark\nA;ana;1\nB;bo;\n", ["ana", "bo"]),
        ('name,student\n"A, B",ana\n', ["ana"]),
        ("Wang, Wei\n", ["Wang, Wei"]),
    ],
)
def test_a_list_has_names_or_a_column(write: Write, text: str, names: list[str]) -> None:
    assert students_in(write(text, "class.csv")) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no student; write a name in each line"),
        ("ana\nAna\n", r"class\.txt:2: 'Ana' is the student of line 1, too"),
        ("ana\n../bo\n", r"class\.txt:2: '\.\./bo' cannot be the name of a file"),
        ("name,student\nA,\n", r"class\.txt:2: '' must be 1 to 100 printable"),
        ("a" * 101, "must be 1 to 100 printable characters"),
    ],
)
def test_a_wrong_list_is_told_with_its_line(write: Write, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"--class .*{said}"):
        students_in(write(text, "class.txt"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say into which folder: --out FOLDER"),
        (["--out", "x", "--seed", "3"], "--class goes with --out and --solution"),
        (["--out", "x", "--export", "gift"], "--class goes with --out and --solution"),
        (["--out", "exercise.yaml/x"], "--out exercise.yaml/x: cannot be made"),
    ],
)
def test_a_wrong_option_is_one_line(
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    students = write("li-na\n", "class.txt")
    command = ["exercise", str(write(VARIED)), "--class", str(students), *arguments]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
