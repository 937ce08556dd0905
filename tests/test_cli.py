"""The commands, typed as a newcomer types them.

The simulated output of each lesson is compared with a golden file. After a change that is meant
to change it, `MULTIPROG_GOLDENS=write python -m pytest tests/test_cli.py -k golden` writes them
anew; read every line of `git diff tests/goldens` before you commit it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli import cli, main
from tests.real.workloads import disturbed
from timeline.compare import compare
from timeline.document import load, read_run
from timeline.laws import check

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens"
LESSONS = sorted((ROOT / "scenarios" / "lessons").glob("*.yaml"))
LESSON = "scenarios/lessons/overlap.yaml"
COMMANDS = sorted(cli.commands)
TRIES = 5

SMALL = """
scheduler: {policy: rr, quantum: 5ms}
processes: [{name: A, cpu: 12ms}, {name: B, cpu: 6ms}]
"""
ENV = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}


def run(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """`python cli.py …` in the repository's folder, its output in pipes."""
    return subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **how,
    )


@pytest.fixture
def small(tmp_path: Path) -> str:
    """A scenario of a few milliseconds."""
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    return str(file)


# -- help and usage -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr()
    assert f" {command} [OPTIONS]" in shown.out
    assert cli.commands[command].help
    assert shown.err == ""


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stdout] == []


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="there is no README yet")
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_in_the_readme(command: str) -> None:
    assert f"cli.py {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["simulat", "x.yaml"], "No such command 'simulat'"),
        (["simulate"], "Missing argument 'FILE'"),
        (["simulate", "--polcy", "rr", LESSON], "--polcy"),
        (["simulate", "nowhere.yaml"], "nowhere.yaml"),
        (["run-real", "nowhere.yaml"], "nowhere.yaml"),
        (["compare", "nowhere.yaml"], "nowhere.yaml"),
        (["check", "nowhere.yaml"], "nowhere.yaml"),
        (["simulate", "scenarios"], "scenarios"),
        (["simulate", "--cores", "two", LESSON], "'two' is not a valid integer"),
        (["simulate", "--quantum", "-3ms", LESSON], "quantum"),
        (["simulate", "--policy", "lottery-of-babylon", LESSON], "lottery-of-babylon"),
        (["simulate", "--set", "processes.0.cpu", LESSON], "processes.0.cpu"),
        (["simulate", "--limit", "patience=3", LESSON], "--limit patience=3"),
        (["run-real", "--timeout", "soon", LESSON], "--timeout"),
        (["run-real", "--timeout", "0", LESSON], "--timeout"),
        (["run-real", "--cores", "1000", LESSON], "1000 real cores"),
        (["compare", "--cores", "1000", LESSON], "1000 real cores"),
        (["compare", LESSON, LESSON], "compare takes one scenario file"),
        (["simulate", LESSON, "--out", "/nowhere/run.json"], "/nowhere/run.json"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if "dropped" not in line]) == 1


def test_check_tells_the_mistakes_of_every_file(small: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("processes:\n  - {name: A, cpu: -3}\n  - {name: A, cpu: 5ms}\n")
    done = run("check", str(bad), small)
    assert done.returncode == 2
    assert f"{bad}:2:" in done.stderr
    assert done.stdout == f"{small}: correct: 2 processes, 2 steps\n"


# -- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["simulate", "run-real"])
def test_json_is_all_that_is_on_stdout(command: str, small: str) -> None:
    done = run(command, small, "--json")
    assert done.returncode == 0, done.stderr
    result = read_run(json.loads(done.stdout))
    assert result.process_names == ["A", "B"]
    assert check(result) == []


def test_json_of_a_comparison(small: str) -> None:
    done = run("compare", small, "--json")
    assert done.returncode in (0, 1), done.stderr
    document = json.loads(done.stdout)
    assert document["format"] == "multiprog-runs/1"
    assert [each["backend"] for each in document["runs"]] == ["simulated", "real"]
    assert document["comparison"]["verdict"] in ("agree", "disagree", "inconclusive")


def test_out_saves_what_json_prints(small: str, tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    shown = run("simulate", small, "--json", "--out", str(saved))
    assert saved.read_text() == shown.stdout
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.json", "small.yaml"]


def test_the_same_scenario_gives_the_same_bytes(small: str) -> None:
    assert run("simulate", small, "--json").stdout == run("simulate", small, "--json").stdout


def test_saved_runs_are_compared(small: str, tmp_path: Path) -> None:
    one, other = str(tmp_path / "one.json"), str(tmp_path / "other.json")
    assert run("simulate", small, "--out", one).returncode == 0
    assert run("simulate", small, "--policy", "fcfs", "--out", other).returncode == 0
    assert run("compare", one, one).returncode == 0
    different = run("compare", one, other)
    assert different.returncode == 2 and "runs of the same scenario" in different.stderr
    again = run("compare", one, other, "--policy", "rr")
    assert again.returncode == 2 and "saved runs are compared as they are" in again.stderr


def test_an_expectation_that_fails_is_status_1(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(SMALL + "expect: {makespan: 19ms}\n")
    done = run("simulate", str(file))
    assert done.returncode == 1 and "✗" in done.stdout
    file.write_text(SMALL + "expect: {makespan: 18ms}\n")
    assert run("simulate", str(file)).returncode == 0


def test_a_run_that_is_stopped_is_status_1_and_keeps_its_record(tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    file.write_text("processes: [{name: A, cpu: 60s}]\n")
    done = run("run-real", str(file), "--timeout", "200ms", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["stopped"]
    assert "the run was stopped" in done.stderr


@pytest.mark.parametrize(
    ("option", "key", "value"),
    [
        (["--policy", "fcfs"], ("scheduler", "policy"), "fcfs"),
        (["--quantum", "3ms"], ("scheduler", "quantum"), 3_000_000),
        (["--cores", "2"], ("machine", "cores"), 2),
        (["--seed", "9"], ("scenario", "seed"), 9),
        (["--set", "processes.0.cpu=1ms"], ("processes", 0, "demand_ns"), 1_000_000),
    ],
)
def test_options_change_the_scenario(
    option: list[str], key: tuple[Any, ...], value: Any, small: str
) -> None:
    at = json.loads(run("simulate", small, "--json", *option).stdout)
    for step in key:
        at = at[step]
    assert at == value


def test_a_time_unit_stretches_bare_numbers(tmp_path: Path) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("processes: [{name: A, cpu: 3}]\n")
    document = json.loads(run("simulate", str(file), "--time-unit", "20ms", "--json").stdout)
    assert document["makespan_ns"] == 60_000_000


# -- where output goes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["simulate", LESSON], ["run-real", LESSON], ["compare", LESSON], ["policies"], ["lessons"]],
)
def test_in_a_pipe_there_is_no_escape_code_and_no_long_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["simulate", LESSON], ["simulate", LESSON, "--json"], ["schema"], ["lessons"], ["--help"]],
)
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()  # before anything has been written
        assert process.stderr.read() == ""
    assert process.returncode in (0, 1)


def test_schema_is_json() -> None:
    assert json.loads(run("schema").stdout)["properties"]["processes"]


def test_policies_and_lessons_are_listed() -> None:
    listed = run("policies").stdout
    assert [name for name in ("fcfs", "rr", "sjf", "srtf", "priority") if name not in listed] == []
    listed = run("lessons").stdout
    assert [file.name for file in LESSONS if f"lessons/{file.name}" not in listed] == []


# -- the lessons ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_the_simulated_lesson_equals_its_golden_file(lesson: Path) -> None:
    done = run("simulate", str(lesson.relative_to(ROOT)))
    assert done.returncode == 0, done.stdout + done.stderr
    golden = GOLDENS / f"{lesson.stem}.txt"
    if os.environ.get("MULTIPROG_GOLDENS") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(done.stdout, encoding="utf-8")
    assert done.stdout == golden.read_text(encoding="utf-8")


def test_every_golden_file_has_its_lesson() -> None:
    assert [file.stem for file in sorted(GOLDENS.iterdir())] == [file.stem for file in LESSONS]


@pytest.mark.real
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_the_lesson_on_real_processes(lesson: Path, tmp_path: Path) -> None:
    if lesson.stem == "two-cores" and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs a machine with two cores")
    for _ in range(TRIES):
        saved = tmp_path / "runs.json"
        done = run("compare", str(lesson.relative_to(ROOT)), "--out", str(saved))
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        simulated, real = load(saved)
        assert check(simulated) == [] and check(real) == []
        order = compare(simulated, real).dispatch
        if order.same:
            return
    if disturbed(real):
        pytest.skip("other programs are using this machine's cores")
    raise AssertionError(order)
