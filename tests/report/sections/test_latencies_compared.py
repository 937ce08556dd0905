"""The wake-up latencies of two machines are shown side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import main
from language import load
from report.base.screen import console
from report.sections.latencies_compared import wake_ups
from report.terminal.latencies import show_wake_ups
from sim import simulate
from timeline.record.run import Run

SLEEPER = """
processes:
  - {name: sleeper, program: [{repeat: {times: 3, do: [{cpu: 1ms}, {io: 5ms}]}}, {cpu: 1ms}]}
  - {name: hog, cpu: 30ms}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    file = tmp_path / "s.yaml"
    file.write_text(SLEEPER)
    return simulate(load(file).workload)


def test_only_processes_that_woke_are_shown_and_runs_are_taken_together(run: Run) -> None:
    found = wake_ups(([run, run], [run]), ("simulated", "real"), 20, "…")
    assert found is not None
    assert found.sheet.names.cells == ["sleeper"]
    assert [group.columns[0].cells for group in found.sheet.groups] == [["6"], ["3"]]
    assert [group.columns[2].title for group in found.sheet.groups] == ["simulated p99", "real p99"]
    first, second = (group.columns[2].cells for group in found.sheet.groups)
    assert first == second


def test_without_a_wait_there_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("processes: [{name: hog, cpu: 30ms}]\n")
    lone = simulate(load(file).workload)
    assert wake_ups(([lone], [lone]), ("simulated", "real"), 20, "…") is None


def test_it_is_said_that_phases_and_real_runs_are_taken_together(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    show_wake_ups(([run] * 8, [run] * 5), ("simulated", "real"), console(), full=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "takes 8 phases of the tick together" in said
    assert "those of all 5 runs" in said


@pytest.mark.usefixtures("run")  # it leaves s.yaml
def test_the_verdict_comes_before_the_latencies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "b.json"):
        assert main(["simulate", "s.yaml", "--out", name]) == 0
    capsys.readouterr()
    assert main(["compare", "a.json", "b.json", "--latency"]) == 0
    said = capsys.readouterr().out
    assert said.index("Verdict: agree") < said.index(
        "Wake-up latencies, which the verdict does not"
    )
    assert "Dispatch latency" not in said
    assert main(["compare", "a.json", "b.json", "--latency", "--full"]) == 0
    assert "Dispatch latency" in capsys.readouterr().out
