"""What works without Linux: the model, the files and the pages. The rest says what it needs."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.paths import ROOT

LESSON = "scenarios/lessons/overlap.yaml"
LIFE = "scenarios/lessons/life/zombie.yaml"
SHEET = ("exercise", "scenarios/exercises/rr.yaml", "--student", "4")
SWEEP = ("sweep", LESSON, "scheduler.policy=rr,fcfs", "--jobs", "1")
SYSTEMS = ("win32", "darwin", "emscripten")


@cache
def told(system: str, *command: str) -> tuple[int, bytes, str]:
    """Return exit status, output and messages of a command as on `system`; linux: as it is."""
    program = ["cli.py"] if system == "linux" else ["tests/elsewhere.py", system]
    done = subprocess.run(
        [sys.executable, *program, *command], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    ("system", "file"), [(each, LESSON) for each in SYSTEMS] + [("win32", LIFE)]
)
def test_the_model_runs_everywhere_and_its_record_is_the_same(system: str, file: str) -> None:
    assert told(system, "simulate", file, "--json") == told("linux", "simulate", file, "--json")


def test_files_are_written_everywhere_and_compared(tmp_path: Path) -> None:
    saved, page, tables = tmp_path / "run.json", tmp_path / "run.html", tmp_path / "tables"
    outputs = ["--out", str(saved), "--html", str(page), "--csv", str(tables)]

    saved.write_text("before")
    assert told("win32", "simulate", LESSON, *outputs)[0] == 0
    assert page.stat().st_size > 10_000
    assert list(tables.iterdir())
    status, output, _ = told("win32", "compare", str(saved), str(saved))
    assert status == 0
    assert b"Verdict: agree" in output


@pytest.mark.parametrize(
    "command", [("check", LESSON), ("lessons",), ("export", LIFE, "--python"), SHEET, SWEEP]
)
def test_what_starts_no_process_works_everywhere(command: tuple[str, ...]) -> None:
    assert told("win32", *command) == told("linux", *command)


@pytest.mark.parametrize(
    ("system", "command"),
    [
        ("win32", ["run-real", LESSON]),
        ("win32", ["compare", LESSON]),
        ("win32", ["calibrate"]),
        ("darwin", ["run-real", LESSON]),
    ],
)
def test_what_starts_processes_says_what_it_needs(system: str, command: list[str]) -> None:
    status, output, messages = told(system, *command)

    assert (status, output) == (2, b"")
    where = "WSL2" if system == "win32" else "a container"
    assert messages.startswith(f"{command[0]} starts real processes and needs Linux")
    assert f"run it in {where}, see docs/elsewhere.md" in messages
    assert messages.count("\n") == 1


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_submitted_policies_are_graded_only_where_they_can_be_confined(system: str) -> None:
    assignment = "scenarios/exercises/assignments/stride.yaml"
    status, output, messages = told(system, "grade", assignment, "tests/paths.py")
    assert (status, output) == (2, b"")
    assert messages.startswith("grade asks submitted policies in confined processes and needs Lin")
    assert messages.count("\n") == 1


def test_keys_need_a_terminal_of_unix() -> None:
    status, _, messages = told("win32", "simulate", LESSON, "--step")
    assert status == 2
    assert messages.startswith("--step needs a terminal of Linux or macOS: use --html")


def test_without_its_packages_the_command_says_how_to_set_up(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "cli.py")],
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"Multiprog needs the package click, set up by: make setup")
    assert done.stderr.count(b"\n") == 1
