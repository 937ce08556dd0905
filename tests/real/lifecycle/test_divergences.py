"""A real process that does other than the rules say ends the run, and is told as what it is."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import cli
from kernel.lifecycle.sync.semaphore import Semaphore
from kernel.lifecycle.sync.waiting import Wait
from language import load as load_file
from real import run_real
from real.host.asleep import SleepWatch
from real.lifecycle import calls_in_progress
from timeline.files.document import load as load_runs
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real

LOCKED = """
scheduler: {policy: rr, quantum: 20ms}
stall_timeout: 500ms
programs: {c: {program: [{lock: m}, {cpu: 5ms}, {print: got it}, {unlock: m}]}}
processes:
- {name: P, program: [{lock: m}, {start: {program: c}}, {io: 50ms}, {unlock: m}, {join: c}]}
"""
FREE = """
scheduler: {policy: rr, quantum: 20ms}
stall_timeout: 500ms
programs: {c: {program: [{lock: m}, {cpu: 5ms}, {unlock: m}]}}
processes:
- {name: P, program: [{start: {program: c}}, {join: c}, {start: {program: c, name: c2}}]}
"""


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules let every process take any lock at once."""
    monkeypatch.setattr(calls_in_progress, "ASLEEP", 0.5)

    def acquire(self: Semaphore, actor: Any, _timeout: int | None = None) -> Any:
        self.value = 1
        return self.try_acquire(actor)
        yield

    monkeypatch.setattr(Semaphore, "acquire", acquire)


@pytest.fixture
def all_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules let every process wait for ever for any lock."""
    monkeypatch.setattr(Semaphore, "possible", lambda _: False)
    monkeypatch.setattr(Semaphore, "changed", lambda _: None)

    def acquire(self: Semaphore, _actor: Any, timeout: int | None = None) -> Any:
        yield Wait(self, timeout)

    monkeypatch.setattr(Semaphore, "acquire", acquire)


def really_run(text: str, folder: Path) -> Run:
    file = folder / "x.yaml"
    file.write_text(text, encoding="utf-8")
    return run_real(load_file(file).workload)


@pytest.mark.usefixtures("nobody_waits")
def test_a_process_that_sleeps_where_the_rules_let_it_go_on(tmp_path: Path) -> None:
    run = really_run(LOCKED, tmp_path)
    [found] = run.divergences
    assert (found.process, found.call, found.rules) == ("c", "lock m", "goes on")
    assert found.reality.startswith("still sleeps")
    assert run.stopped == found.sentence
    assert check(run) == []


@pytest.mark.usefixtures("all_wait")
def test_a_process_that_comes_back_where_the_rules_let_it_wait(tmp_path: Path) -> None:
    [found] = really_run(FREE, tmp_path).divergences
    assert found[1:] == ("c", "lock m", "waits", "came back")
    assert found.sentence == "by the rules c waits in lock m, but on the real machine it came back"


@pytest.mark.usefixtures("all_wait")
def test_run_real_says_it_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "x.yaml", tmp_path / "run.json"
    file.write_text(FREE, encoding="utf-8")
    assert cli.main(["run-real", str(file), "--out", str(out)]) == 1
    assert (
        "by the rules c waits in lock m, but on the real machine it came back"
        in capsys.readouterr().err
    )
    [run] = load_runs(out)
    assert [row.reality for row in run.divergences] == ["came back"]


@pytest.mark.usefixtures("all_wait")
def test_a_comparison_disagrees_whatever_the_noise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(FREE, encoding="utf-8")
    assert cli.main(["compare", str(file), "--json"]) == 1
    comparison = json.loads(capsys.readouterr().out)["comparison"]
    assert comparison["verdict"] == "disagree"
    assert comparison["criteria"][0] == {
        "what": "calls",
        "wanted": "what the rules say",
        "got": "by the rules c waits in lock m, but on the real machine it came back",
        "holds": False,
        "part": "schedule",
    }


def test_a_process_that_is_killed_from_outside_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = SleepWatch.is_asleep

    def kill(self: Any, **how: Any) -> bool:
        asleep = sleep(self, **how)
        if asleep:
            os.kill(self._pid, signal.SIGKILL)
        return False

    monkeypatch.setattr(SleepWatch, "is_asleep", kill)
    run = really_run(LOCKED, tmp_path)
    assert run.divergences == []
    assert run.stopped == "c was killed by signal 9 in the middle of its program"
