"""`record` watches real programs, and leaves nothing of them behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from language import load
from real.host.ftrace import PREFIX, ROOTS
from tests.paths import ROOT

pytestmark = [pytest.mark.real, pytest.mark.apart]
traced = pytest.mark.skipif(
    os.geteuid() != 0 or not any((root / "instances").is_dir() for root in ROOTS),
    reason="the kernel's trace needs root and tracefs",
)
HOW = [pytest.param("proc"), pytest.param("kernel", marks=traced)]
BUSY = "import time\nwhile time.process_time() < {}: pass"


def _record(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "cli.py", "record", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def _instances() -> list[str]:
    return [each.name for root in ROOTS for each in root.glob(f"instances/{PREFIX}*")]


def _lives(mark: str) -> bool:
    return subprocess.run(["pgrep", "-f", mark], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("how", HOW)
def test_what_a_program_computed_and_slept_is_in_the_scenario(how: str, tmp_path: Path) -> None:
    program = f"{BUSY.format(0.2)}\ntime.sleep(0.15)"
    file = tmp_path / "s.yaml"
    done = _record("--trace", how, "--scenario", str(file), "--", sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    (spec,) = load(file).workload.processes
    steps = list(zip(spec.program.places, spec.program.durations, strict=True))
    assert 180e6 < sum(time for place, time in steps if place == -2) < 400e6
    assert any(place == -1 and 140e6 < time < 600e6 for place, time in steps)


@pytest.mark.parametrize("how", HOW)
def test_a_child_begins_and_ends_by_messages(how: str) -> None:
    done = _record("--trace", how, "--", "sh", "-c", "sleep 0.2 & wait; sleep 0.1")
    assert done.returncode == 0, done.stderr
    assert "{receive: sleep}" in done.stdout and "{send: {queue: sh, value: 1}}" in done.stdout


@pytest.mark.parametrize("how", HOW)
def test_a_command_that_fails_is_recorded_and_told(how: str) -> None:
    done = _record("--trace", how, "--", "sh", "-c", "sleep 0.1; exit 3")
    assert (done.returncode, "name: sh" in done.stdout) == (0, True)
    assert "the command ended with exit status 3" in done.stderr


def test_what_the_command_prints_goes_to_stderr() -> None:
    done = _record("--trace", "proc", "--", "sh", "-c", "echo hello; sleep 0.1")
    assert "hello" in done.stderr and "hello" not in done.stdout.replace("echo hello", "")


@pytest.mark.parametrize("how", HOW)
def test_daemons_are_told_and_ended(how: str) -> None:
    mark = f"300.{os.getpid()}"
    done = _record("--trace", how, "--", "sh", "-c", f"setsid sleep {mark} & sleep 0.2")
    assert "the command left processes behind, which were ended: sleep" in done.stderr
    assert not _lives(f"sleep {mark}") and _instances() == []


@pytest.mark.parametrize("how", HOW)
def test_ctrl_c_ends_the_recording_and_keeps_what_was_seen(how: str) -> None:
    mark = f"301.{os.getpid()}"
    command = [sys.executable, "cli.py", "record", "--trace", how, "--", "sleep", mark]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as recording:  # fmt: skip
        until = time.monotonic() + 30
        while not _lives(f"^sleep {mark}") and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)
        os.killpg(recording.pid, signal.SIGINT)
        out, err = recording.communicate(timeout=30)
    assert recording.returncode == 130, err
    assert "name: sleep" in out and "it was interrupted" in err
    assert not _lives(f"sleep {mark}") and _instances() == []


def test_a_duration_ends_the_command() -> None:
    done = _record("--trace", "proc", "--duration", "300ms", "--", "sleep", "60")
    assert done.returncode == 0 and "its duration is over" in done.stderr


def test_a_running_process_can_be_watched_and_goes_on() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        done = _record("--trace", "proc", "--duration", "300ms", "--pid", str(other.pid))
        still = other.poll() is None
        other.kill()
    assert still and done.returncode == 0 and "cpu:" in done.stdout


@traced
def test_the_saved_run_keeps_the_laws(tmp_path: Path) -> None:
    from timeline.files.document import read_run
    from timeline.laws.check import check

    saved = tmp_path / "r.json"
    done = _record("--trace", "kernel", "--out", str(saved), "--", "sh", "-c", "sleep 0.05; ls ..")
    assert done.returncode == 0, done.stderr
    assert check(read_run(json.loads(saved.read_text()))) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--", "no-such-program"], "no-such-program: cannot be executed: No such file"),
        (["--", "/etc"], "/etc: cannot be executed: Permission denied"),
        ([], "record: give a command behind --, like record -- make -j4, or --pid P"),
        (["--pid", "1", "--", "ls"], "record: give a command behind --"),
        (["--pid", "999999999"], "--pid 999999999: there is no such process"),
        (["--duration", "soon", "--", "ls"], "--duration soon: must be a duration"),
        (["--out", "/no/such/folder/x.json", "--", "ls"], "cannot be written"),
        (["--trace", "proc", "--out", "x.json", "--", "ls"], "--out: /proc does not tell when"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], told: str) -> None:
    done = _record(*arguments)
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("how", HOW)
def test_the_affinity_of_a_program_is_in_the_scenario(how: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    one = str(min(os.sched_getaffinity(0)))
    program = ["taskset", "-c", one, sys.executable, "-c", BUSY.format(0.1)]
    done = _record("--trace", how, "--scenario", str(file), "--", *program)
    assert done.returncode == 0, done.stderr
    assert load(file).workload.cores == 1
    assert "of wall time" in done.stderr
