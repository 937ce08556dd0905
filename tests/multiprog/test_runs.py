"""Runs, comparisons and sweeps in Python: the same as the commands say, and as other things."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import multiprog
from cli import main
from kernel.scheduling import LeastFirst, Process
from tests.real.workloads import disturbed

SMALL = {
    "scheduler": {"policy": "rr", "quantum": "5ms"},
    "processes": [{"name": "A", "cpu": "12ms"}, {"name": "B", "cpu": "6ms"}],
}


class LastName(LeastFirst):
    """The last name first. Good for nobody."""

    rule = "the last name"

    def key(self, process: Process) -> int:
        """Return what is compared."""
        return -ord(process.name[0])


class Broken(LeastFirst):
    """A policy that fails at its first decision."""

    def key(self, process: Process) -> int:
        """Fail."""
        return 1 // (process.index - process.index)


def test_a_run_is_what_the_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.yaml"
    multiprog.Scenario(**SMALL).save(file)  # type: ignore[arg-type]  # the keys of a scenario
    run = multiprog.simulate(file)
    assert main(["simulate", str(file)]) == 0
    assert str(run) == capsys.readouterr().out
    assert main(["simulate", str(file), "--json"]) == 0
    assert run.to_json() == json.loads(capsys.readouterr().out)


def test_a_saved_run_comes_back_and_is_what_the_command_compares(tmp_path: Path) -> None:
    run, saved = multiprog.simulate(SMALL), tmp_path / "run.json"
    run.save(saved)
    assert multiprog.Run.load(saved).to_json() == run.to_json()
    assert main(["compare", str(saved), str(saved)]) == 0


def test_a_file_of_several_runs_is_loaded_as_several(tmp_path: Path) -> None:
    saved = tmp_path / "runs.json"
    assert main(["simulate", "overlap", "--policy", "rr,fcfs", "--out", str(saved)]) == 0
    with pytest.raises(multiprog.UsageError, match="holds 2 runs"):
        multiprog.Run.load(saved)
    assert [run.policy for run in multiprog.Run.load_all(saved)] == ["rr", "fcfs"]


def test_tables_have_a_row_for_each_process_and_times_in_ns() -> None:
    frame = multiprog.simulate(SMALL).to_pandas()
    assert list(frame["process"]) == ["A", "B"]
    assert list(frame["completion_ns"]) == [18_000_000, 16_000_000]
    with pytest.raises(multiprog.UsageError, match="there is no table 'nothing'"):
        multiprog.simulate(SMALL).to_pandas("nothing")


def test_the_page_and_the_picture_are_shown_and_written(tmp_path: Path) -> None:
    run = multiprog.simulate(SMALL, explain=True)
    page, picture = run.show(), run.plot()
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!')
    page.save(tmp_path / "run.html")
    assert (tmp_path / "run.html").read_text(encoding="utf-8") == page.html
    assert picture._repr_png_().startswith(b"\x89PNG")
    picture.save(tmp_path / "run.svg")
    assert "<svg" in (tmp_path / "run.svg").read_text(encoding="utf-8")
    with pytest.raises(multiprog.UsageError, match=r"must end in \.png, \.svg or \.pdf"):
        picture.save(tmp_path / "run.gif")


def test_what_the_command_says_on_stderr_is_kept_as_remarks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = multiprog.simulate("overlap", policy="rr")
    assert run.remarks == ("expect is not checked: it was written for fcfs, not for rr",)
    assert run.expectations == []
    assert capsys.readouterr() == ("", "")
    assert all(each.holds for each in multiprog.simulate("overlap").expectations)


def test_a_policy_is_a_class_of_the_program() -> None:
    run = multiprog.simulate(SMALL, policy=LastName)
    assert run.policy == "python:LastName"
    assert run.processes["B"].first_run_ns == 0
    assert "python:LastName" in str(run)


def test_a_policy_that_fails_is_told_with_its_line() -> None:
    with pytest.raises(multiprog.PolicyError, match=r"test_runs\.py:\d+: key\(\)"):
        multiprog.simulate(SMALL, policy=Broken)


def test_a_policy_that_was_typed_in_is_told_by_its_name() -> None:
    names: dict[str, type[multiprog.Policy]] = {}
    text = "class Typed(Policy):\n    def pick(self): pass\n"
    exec(text, {"Policy": multiprog.Policy, "__name__": "no_such_module"}, names)
    with pytest.raises(multiprog.PolicyError, match=r"pick\(\) is called as pick\(self, core\)"):
        multiprog.simulate(SMALL, policy=names["Typed"])


def test_runs_of_one_scenario_are_compared_and_of_two_are_not() -> None:
    one, other = multiprog.simulate(SMALL), multiprog.simulate(SMALL)
    comparison = multiprog.compare(one, other)
    assert comparison.verdict == "agree"
    assert (comparison.makespan.first, comparison.makespan.percent) == (18_000_000, 0)
    assert "Verdict: agree" in str(comparison)
    assert comparison.to_json()["verdict"] == "agree"
    assert comparison._repr_html_().endswith("<b>Verdict: agree</b></p>")
    with pytest.raises(multiprog.UsageError, match="runs of the same scenario"):
        multiprog.compare(one, multiprog.simulate("overlap"))
    with pytest.raises(multiprog.UsageError, match="two runs without other arguments"):
        multiprog.compare(one, other, policy="rr")
    with pytest.raises(multiprog.UsageError, match="a scenario alone, or two runs"):
        multiprog.compare("overlap", other)
    with pytest.raises(multiprog.UsageError, match="runs: must be 1 or more"):
        multiprog.compare("overlap", runs=0)


def test_a_sweep_has_a_row_for_each_replication_and_an_interval_for_each_point() -> None:
    scenario = {"processes": [{"name": "A", "cpu": {"exponential": "10ms"}, "count": 5}]}
    answer = multiprog.sweep(
        scenario, {"scheduler.policy": ["fcfs", "srtf"]}, measure=["turnaround"], repeat=4
    )
    frame = answer.to_pandas()
    assert len(frame) == 8 and list(frame.columns[-2:]) == ["batch", "turnaround"]
    fcfs, srtf = answer.summary()
    assert fcfs["low"] < fcfs["mean"] < fcfs["high"] and srtf["replications"] == 4
    assert answer.best("turnaround") == {"scheduler.policy": "srtf"}
    assert "srtf" in str(answer) and "<table>" in answer._repr_html_()


@pytest.mark.parametrize(
    ("vary", "how", "says"),
    [
        ({}, {}, "nothing is varied"),
        ({"scheduler.policy": []}, {}, "must have at least one value"),
        ({"scheduler.polcy": ["rr"]}, {}, "polcy"),
        ({"scheduler.policy": ["rr", "rx"]}, {}, "point 2 of 2"),
        ({"scheduler.policy": ["rr"]}, {"measure": ["speed"]}, "speed"),
        ({"scheduler.policy": ["rr"]}, {"policy": LastName}, "file.py:Class"),
        ({"scheduler.quantum": "range(5ms"}, {}, "scheduler.quantum"),
        ({"scheduler.policy": ["rr"]}, {"precision": "much"}, "argument precision: must be"),
        ({"scheduler.policy": ["rr"]}, {"where": "speed > 3"}, "argument where speed > 3: "),
    ],
)
def test_a_wrong_sweep_is_said_in_one_line(
    vary: dict[str, object], how: dict[str, object], says: str
) -> None:
    with pytest.raises(multiprog.UsageError) as raised:
        multiprog.sweep(SMALL, vary, **how)  # type: ignore[arg-type]  # that is the mistake
    assert says in str(raised.value)


def test_the_limits_of_the_environment_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPROG_LIMITS", "processes=1")
    with pytest.raises(multiprog.UsageError, match="processes"):
        multiprog.simulate(SMALL)
    monkeypatch.setenv("MULTIPROG_LIMITS", "patience=1")
    with pytest.raises(multiprog.UsageError, match="MULTIPROG_LIMITS patience=1: must be"):
        multiprog.simulate(SMALL)


@pytest.mark.real
def test_a_wrong_timeout_is_said_before_anything_runs() -> None:
    with pytest.raises(multiprog.UsageError, match="argument timeout: must be a duration"):
        multiprog.run_real(SMALL, timeout="soon")


@pytest.mark.real
def test_real_processes_run_and_are_compared_from_python() -> None:
    run = multiprog.run_real(SMALL, timeout="30s")
    assert run.is_real and run.stopped is None
    assert {row.exitcode for row in run.processes.values()} == {0}
    comparison = multiprog.compare(SMALL, policy=LastName)
    assert comparison.runs[1].policy == "python:LastName"
    if not disturbed(comparison.runs[1].record):
        assert comparison.verdict in ("agree", "agree, times inconclusive", "inconclusive")
