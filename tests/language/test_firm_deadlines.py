"""`on_miss` in a scenario: where it may stand, and what is told where it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from language import Options, ScenarioError, load
from language.convert.to_rt_app import NotRtAppError, rt_app_workload
from sim import simulate
from timeline.record.jobs import aborted_jobs


def written(folder: Path, process: str, more: str = "") -> Path:
    file = folder / "s.yaml"
    file.write_text(f"processes:\n  - {{name: A, {process}}}\n{more}")
    return file


@pytest.mark.parametrize(
    ("process", "more", "message"),
    [
        ("cpu: 1, on_miss: abort", "", "2:23: processes.0.on_miss: needs a period, like period:"),
        ("cpu: 1, deadline: 5, on_miss: continue", "", "on_miss: needs a period"),
        (
            "cpu: 1, releases: [0, 5], on_miss: abort",
            "",
            "2:41: processes.0.on_miss: needs a deadline, like deadline: 30ms",
        ),
        (
            "cpu: 1, period: 5, on_miss: drop",
            "",
            "2:43: processes.0.on_miss: must be continue or abort (got 'drop')",
        ),
        ("cpu: 1, period: 5, on_miss: true", "", "on_miss: must be continue or abort (got true)"),
        (
            "cpu: 1, memory: 1, period: 5, on_miss: abort",
            "machine: {memory: 10}\n",
            "processes.0.on_miss: abort is only for a process without memory",
        ),
        (
            "cpu: 1, period: 5, on_miss: abort",
            "  - {name: B, program: [{print: hello}]}\n",
            "on_miss: abort cannot be used in a scenario with threads, or with steps of",
        ),
        (
            "program: [{lock: m}, {cpu: 1}, {unlock: m}], period: 5, jobs: 2, on_miss: abort",
            "locks: {m: {}}\n",
            "on_miss: abort cannot be used in a scenario with threads, or with steps of",
        ),
    ],
)
def test_where_no_job_can_be_dropped_it_is_told_with_its_place(
    process: str, more: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError) as error:
        load(written(tmp_path, process, more), Options())
    assert message in "\n".join(str(problem) for problem in error.value.problems)


def test_continue_may_stand_beside_memory_and_calls(tmp_path: Path) -> None:
    load(
        written(
            tmp_path,
            "memory: 1, program: [{cpu: 1}, {print: hello}], period: 5, jobs: 2, on_miss: continue",
            "machine: {memory: 10}\n",
        ),
        Options(),
    )


@pytest.mark.parametrize("jobs", ["period: 5, jobs: 3", "releases: [0, 5, 10], deadline: 5"])
def test_jobs_are_dropped_at_their_deadlines(jobs: str, tmp_path: Path) -> None:
    run = simulate(load(written(tmp_path, f"cpu: 8, {jobs}, on_miss: abort"), Options()).workload)
    assert aborted_jobs(run.processes[0]) == 3
    assert run.makespan_ns == 15_000_000


def test_rt_app_has_no_such_thing(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, "cpu: 8, period: 5, jobs: 3, on_miss: abort"), Options())
    with pytest.raises(NotRtAppError, match="abort is not exported") as error:
        rt_app_workload(loaded.workload)
    assert error.value.path == ("processes", 0, "on_miss")
