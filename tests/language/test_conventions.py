"""The conventions in a scenario: which policy has which, and what is told about a wrong one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from language import Options, ScenarioError, load
from language.schema.scenario import json_schema
from timeline.record.description import describe_scheduler


def written(folder: Path, **scheduler: Any) -> Path:
    file = folder / "s.yaml"
    file.write_text(f"scheduler: {json.dumps(scheduler)}\nprocesses: [{{name: A, cpu: 1}}]\n")
    return file


def told(file: Path, **options: Any) -> str:
    with pytest.raises(ScenarioError) as error:
        load(file, Options(**options))
    return "\n".join(str(problem) for problem in error.value.problems)


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        ({"draws": "names"}, "draws: must be ready-order, arrival, name or pid (got 'names'"),
        (
            {"completed_io": "late"},
            "completed_io: must be before-arrivals or after-arrivals (got 'late')",
        ),
        ({"policy": "srtf", "requeue": "back"}, "requeue: must be behind or keeps-place"),
        ({"policy": "srtf", "newcomer": 3}, "newcomer: must be waits or preempts (got 3)"),
        ({"policy": "rr", "requeue": "behind"}, "rr has no requeue; policies that have one: srtf"),
        ({"policy": "edf", "newcomer": "waits"}, "edf has no newcomer; policies that have one"),
        (
            {"policy": "priority", "preemptive": False, "requeue": "keeps-place"},
            "requeue: no process is preempted with preemptive: false",
        ),
        (
            {"policy": "linux", "draws": "name"},
            "draws: linux schedules as Linux does, which has no draws",
        ),
    ],
)
def test_a_convention_that_means_nothing_is_told_with_its_place(
    scheduler: dict[str, Any], message: str, tmp_path: Path
) -> None:
    found = told(written(tmp_path, **scheduler))
    assert message in found
    assert found.startswith(f"{tmp_path / 's.yaml'}:1:")


def test_a_convention_is_recorded_only_if_it_is_not_the_default(tmp_path: Path) -> None:
    usual = written(tmp_path, policy="srtf", draws="ready-order", requeue="behind")
    recorded = describe_scheduler(load(usual, Options()).workload)
    assert not {"draws", "completed_io", "requeue", "newcomer"} & set(recorded)
    other = written(tmp_path, policy="srtf", draws="pid", requeue="keeps-place")
    recorded = describe_scheduler(load(other, Options()).workload)
    assert (recorded["draws"], recorded["requeue"]) == ("pid", "keeps-place")


def test_a_policy_of_the_command_line_drops_conventions_that_it_does_not_have(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, policy="srtf", newcomer="preempts", draws="name")
    loaded = load(file, Options(policy="linux"))
    assert loaded.remarks == [
        "linux has no newcomer, draws: what the scenario says of it is dropped"
    ]
    assert loaded.workload.scheduler.draws == "ready-order"


def test_the_schema_has_the_conventions_of_all_policies() -> None:
    keys = json_schema()["$defs"]["Scheduler"]["properties"]
    assert keys["draws"]["enum"] == ["ready-order", "arrival", "name", "pid"]
    assert keys["completed_io"]["enum"] == ["before-arrivals", "after-arrivals"]
