"""--live and --step as a user at a terminal sees them: through a pseudo-terminal."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("pyte")

from tests.paths import ROOT
from tests.terminal import Terminal

LESSON = "scenarios/lessons/partitions.yaml"
RIGHT, LEFT, PAGE_DOWN, HOME, END = "\x1b[C", "\x1b[D", "\x1b[6~", "\x1b[H", "\x1b[F"
CTRL_C = "\x03"
LONG = """
title: Long enough to be looked at
machine: {cores: 1, memory: 24MiB, devices: {disk: {units: 1}}}
memory: {partitions: [8MiB, 16MiB]}
scheduler: {policy: rr, quantum: 40ms}
processes:
  - name: editor
    memory: 4MiB
    program: [{repeat: {times: 20, do: [{cpu: 30ms}, {io: {disk: 50ms}}]}}]
  - {name: batch, memory: 12MiB, cpu: 1200ms}
  - {name: later, memory: 2MiB, arrival: 100ms, cpu: 300ms}
"""


@pytest.fixture
def long(tmp_path: Path) -> str:
    """A scenario of more than two seconds."""
    file = tmp_path / "long.yaml"
    file.write_text(LONG)
    return str(file)


def core(text: str) -> str:
    """The first core's line of a picture, without its edges."""
    line = next(line for line in text.splitlines() if line.startswith("core 0"))
    return line.split("│")[1].rstrip()


def ended(terminal: Terminal) -> int:
    """Its exit status, once it has given the terminal back as it was."""
    status = terminal.wait()
    assert terminal.is_restored
    return status


# -- step by step -------------------------------------------------------------------------------


def test_the_arrow_keys_go_through_the_run_decision_by_decision() -> None:
    with Terminal("simulate", LESSON, "--step") as terminal:
        first = terminal.until("step 1 of")
        assert core(first) == "" and "A runs" in first
        terminal.type_keys(RIGHT)
        second = terminal.until("step 2 of")
        assert set(core(second)) == {"A"} and "B runs" in second
        terminal.type_keys(LEFT)
        terminal.until("step 1 of")
        terminal.type_keys("q")
        assert ended(terminal) == 0


def test_end_shows_all_of_it_and_home_nothing() -> None:
    with Terminal("simulate", LESSON, "--step") as terminal:
        terminal.until("step 1 of")
        terminal.type_keys(END)
        last = terminal.until(lambda text: bool(re.search(r"step (\d+) of \1\b", text)))
        assert {"A", "B", "C", "D"} < set(core(last))
        terminal.type_keys(HOME)
        terminal.until("step 1 of")
        terminal.type_keys(PAGE_DOWN)
        terminal.until(lambda text: "step 1 of" not in text)
        terminal.type_keys("q")
        assert ended(terminal) == 0


def test_beyond_the_ends_and_other_keys_nothing_happens() -> None:
    with Terminal("simulate", LESSON, "--step") as terminal:
        terminal.until("step 1 of")
        terminal.type_keys(f"{LEFT}{LEFT}x\x1b[21~é{RIGHT}")
        terminal.until("step 2 of")
        terminal.type_keys("q")
        assert ended(terminal) == 0


def test_it_has_the_size_of_the_terminal_and_follows_it() -> None:
    with Terminal("simulate", LESSON, "--step", columns=120, lines=30) as terminal:
        wide = terminal.until("Home, End")
        assert max(map(len, wide.splitlines())) > 80
        terminal.resize(60, 20)
        narrow = terminal.until(lambda text: "Home, End" not in text and "q: leave" in text)
        assert max(map(len, narrow.splitlines())) <= 60
        terminal.type_keys("q")
        assert ended(terminal) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(number: signal.Signals) -> None:
    with Terminal("simulate", LESSON, "--step") as terminal:
        terminal.until("step 1 of")
        terminal.process.send_signal(number)
        assert ended(terminal) == 0


def test_ctrl_c_leaves_and_the_result_stands_above() -> None:
    with Terminal("simulate", LESSON, "--step") as terminal:
        terminal.until("step 1 of")
        terminal.type_keys(CTRL_C)
        assert ended(terminal) == 0
        assert b"Makespan 300 ms" in terminal.bytes


def test_two_saved_runs_are_walked_through_together(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("a.json", "b.json")]
    for file in files:
        saved = [sys.executable, "cli.py", "simulate", LESSON, "--out", file]
        subprocess.run(saved, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    with Terminal("compare", *files, "--step") as terminal:
        text = terminal.until("step 1 of")
        assert "FIRST (fcfs)" in text and "SECOND (fcfs)" in text
        terminal.type_keys("q")
        assert ended(terminal) == 0


@pytest.mark.parametrize("option", ["--step", "--live"])
@pytest.mark.parametrize("command", ["simulate", "run-real", "compare"])
def test_without_a_terminal_it_is_refused_before_the_run(command: str, option: str) -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", command, LESSON, option],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"{option} needs a terminal: stdin or stdout is a pipe or a file\n"


def test_a_dumb_terminal_is_refused() -> None:
    with Terminal("simulate", LESSON, "--step", TERM="dumb") as terminal:
        assert terminal.wait() == 2
        assert b"needs a terminal that can be drawn on" in terminal.bytes


def test_json_and_a_picture_do_not_go_together() -> None:
    with Terminal("simulate", LESSON, "--step", "--json") as terminal:
        assert terminal.wait() == 2
        assert b"--json is for a pipe" in terminal.bytes


def test_one_policy_is_walked_through() -> None:
    with Terminal("simulate", LESSON, "--step", "--policy", "fcfs,rr") as terminal:
        assert terminal.wait() == 2
        assert b"takes one policy" in terminal.bytes


# -- while it runs ------------------------------------------------------------------------------


def test_the_model_is_played_until_a_key_is_pressed(long: str) -> None:
    with Terminal("simulate", long, "--live") as terminal:
        shorter = core(terminal.until(lambda text: "core 0" in text and core(text) != ""))
        terminal.until(lambda text: len(core(text)) > len(shorter))
        terminal.type_keys(" ")
        assert ended(terminal) == 0
        assert b"Makespan" in terminal.bytes


def test_a_short_run_is_played_in_slow_motion_until_a_key_is_pressed() -> None:
    with Terminal("simulate", LESSON, "--live", "--slow", "500") as terminal:
        text = terminal.until(lambda text: "core 0" in text and core(text) != "")
        assert "500 times as slow as the clock" in text
        assert len(core(text)) < 10  # a few ms of it, though the command has run for longer
        terminal.type_keys(" ")
        assert ended(terminal) == 0
        assert b"Makespan" in terminal.bytes


@pytest.mark.real
def test_a_real_run_is_drawn_while_it_grows_below_the_model(long: str) -> None:
    with Terminal("compare", long, "--live", columns=100, lines=44) as terminal:
        text = terminal.until(lambda text: "REAL" in text and "core 0" in text)
        assert text.index("SIMULATED") < text.index("REAL") and "memory" in text
        first = core(text)
        terminal.until(lambda text: "core 0" in text and len(core(text)) > len(first))
        assert ended(terminal) in (0, 1)
        assert b"Verdict: " in terminal.bytes


@pytest.mark.real
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_that_start_each_other_are_drawn_too(method: str) -> None:
    zombie = "scenarios/lessons/life/zombie.yaml"
    with Terminal("run-real", zombie, "--live", "--set", f"start_method={method}") as terminal:
        terminal.until("REAL")
        ended(terminal)
        assert b"the process that draws failed" not in terminal.bytes


@pytest.mark.real
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_gives_the_terminal_back(long: str, number: signal.Signals) -> None:
    with Terminal("run-real", long, "--live") as terminal:
        terminal.until("REAL")
        terminal.process.send_signal(number)
        assert ended(terminal) == 130


@pytest.mark.real
def test_ctrl_c_reaches_the_run_and_not_the_picture(long: str) -> None:
    with Terminal("run-real", long, "--live") as terminal:
        terminal.until("REAL")
        terminal.type_keys(CTRL_C)
        assert ended(terminal) == 130
        assert b"interrupted by SIGINT" in terminal.bytes


@pytest.mark.real
def test_even_a_killed_run_gives_the_terminal_back(long: str) -> None:
    with Terminal("run-real", long, "--live") as terminal:
        terminal.until("REAL")
        terminal.process.kill()
        terminal.process.wait()
        end = time.monotonic() + 30
        while not terminal.is_restored and time.monotonic() < end:
            terminal.wait()
        assert terminal.is_restored
