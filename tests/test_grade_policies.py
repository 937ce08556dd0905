"""The command `grade` with an assignment: what a teacher types, and what students handed in."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import psutil
import pytest

from cli import main
from tests.paths import ROOT
from tests.teaching.assignment.test_grading import LAB, QUEUE


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Return a folder with an assignment, and a folder of submissions in it."""
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    folder = tmp_path / "class"
    (folder / "李娜").mkdir(parents=True)
    (folder / "李娜" / "mine.py").write_text(QUEUE, encoding="utf-8")
    last = QUEUE.replace("append(process)", "appendleft(process)")
    (folder / "bob.py").write_text(last, encoding="utf-8")
    return tmp_path


def test_a_folder_is_graded_with_a_line_for_each_student(
    handed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", str(handed_in / "lab.yaml"), str(handed_in / "class")]) == 0
    said = capsys.readouterr().out
    assert "bob: 2 of 10" in said
    assert "李娜: 10 of 10" in said
    assert "At 0 your policy runs B; rr runs A." in said


def test_each_format_has_the_marks_and_the_leaderboard(
    handed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab, right = str(handed_in / "lab.yaml"), str(handed_in / "class" / "李娜")
    for name in ("csv", "json", "junit", "gradescope", "prairielearn", "classroom50"):
        assert main(["grade", lab, right, "--format", name]) == 0
        text = capsys.readouterr().out
        if name == "junit":
            assert ET.fromstring(text).get("failures") == "0"
        elif name != "csv":
            document = json.loads(text)
        if name == "gradescope":
            assert document["score"] == 10
            assert [entry["name"] for entry in document["leaderboard"]] == [
                "mean turnaround",
                "longest wait",
                "preemptions",
            ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["class/none.py"], "no such submission: "),
        (["class", "--user", "no-such-user"], "--user no-such-user: this machine has no such user"),
        (["class", "--user", "root"], "a submission cannot be asked as root"),
        (["class", "--seed-from", "name"], "--seed-from: leave it out: all submitted policies"),
        (["class", "--reveal"], "--reveal: leave it out: all submitted policies"),
        (["class", "--limit", "cpuu=1"], "--limit cpuu=1: must be NAME=VALUE"),
        (["class", "--seed", "-1"], "-1 is not in the range"),
        (["class", "--jobs", "0"], "0 is not in the range"),
        (["class", "--format", "gradescope"], "is about one"),
    ],
)
def test_a_wrong_option_is_one_line(
    handed_in: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(handed_in)
    assert main(["grade", "lab.yaml", *arguments]) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert said in error
    assert error.count("\n") == 1


def test_an_answer_has_no_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exercise.yaml").write_text("processes: [{name: A, cpu: 1ms}]\n", encoding="utf-8")
    assert main(["grade", "exercise.yaml", "a.yaml", "--user", "nobody"]) == 2
    assert "--user: is for submitted policies" in capsys.readouterr().err


def test_nothing_is_left_in_the_current_folder(
    handed_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(handed_in)
    before = sorted(handed_in.rglob("*"))
    children = psutil.Process().children(recursive=True)  # those of other tests in this process
    assert main(["grade", "lab.yaml", "class", "--jobs", "2"]) == 0
    assert sorted(handed_in.rglob("*")) == before
    left = {*psutil.Process().children(recursive=True)} - {*children}
    assert not [each for each in left if "resource_tracker" not in " ".join(each.cmdline())]


def test_a_killed_command_leaves_nothing(handed_in: Path) -> None:
    slow = QUEUE.replace("if self", "while True: pass\n        if self")
    for name in ("one.py", "two.py"):
        (handed_in / name).write_text(slow, encoding="utf-8")
    files = [str(handed_in / name) for name in ("lab.yaml", "one.py", "two.py")]
    command = [sys.executable, str(ROOT / "cli.py"), "grade", *files, "--jobs", "2"]
    grader = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while len(found := grader.children(recursive=True)) < 6 and time.monotonic() < until:
        time.sleep(0.05)  # two workers, each with a zygote, which has a submission
    grader.kill()
    grader.wait()
    assert psutil.wait_procs(found, timeout=20)[1] == []
