"""The conventions in a scenario: which policy has which, and what is told about a wrong one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kernel.policies import OTHER_NAMES, POLICIES
from language import Options, ScenarioError, load
from language.policies.other_names import _letters
from language.schema.scenario import json_schema
from tests.paths import DOCS
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
            "requeue: with preemptive: false no process is preempted, so requeue has no meaning",
        ),
        (
            {"policy": "mlfq", "quanta": ["none", 3]},
            "quanta: only the last level may be without a quantum",
        ),
        ({"policy": "mlfq", "quanta": [0]}, "quanta.0: must be none or a duration above 0, like"),
        ({"policy": "mlfq", "io": "back"}, "io: must be keeps, keeps-quantum or renews"),
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
        "linux has no newcomer, draws: what the scenario says about it is ignored"
    ]
    assert loaded.workload.scheduler.draws == "ready-order"


def test_the_schema_has_the_conventions_of_all_policies() -> None:
    keys = json_schema()["$defs"]["Scheduler"]["properties"]
    assert keys["draws"]["enum"] == ["ready-order", "arrival", "name", "pid"]
    assert keys["completed_io"]["enum"] == ["before-arrivals", "after-arrivals"]


DISK = "machine: {devices: {disk: {queue: sstf}}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("machine: {devices: {d: {queue: lifo}}}", "queue: must be fifo, priority or sstf"),
        (
            "machine: {devices: {d: {queue: sstf, units: 2}}}",
            "devices.d: must have one server with queue: sstf",
        ),
        (
            f"{DISK}\nprocesses: [{{name: A, program: [{{io: {{disk: 1}}}}]}}]",
            "processes.0.program.0: needs a track, like {io: {disk: 5ms}, track: 55}",
        ),
        (
            "processes: [{name: A, program: [{io: 1, track: 3}]}]",
            "processes.0.program.0: has a track, which is for a device with queue: sstf",
        ),
        (
            f"{DISK}\nprocesses: [{{name: A, program: [{{io: {{disk: 1}}, track: -1}}]}}]",
            "track: must be a whole number",
        ),
        (
            "scheduler: {policy: linux}\nmachine: {devices: {d: {queue: priority}}}\n"
            "processes: [{name: A, cpu: 1}]",
            "devices.d.queue: needs Multiprog's dispatcher",
        ),
        (
            f"{DISK}\nprocesses: [{{name: A, program: [{{cpu: 1}}, {{print: x}}]}}]",
            "devices.disk.queue: cannot be used in a scenario with threads",
        ),
        (
            "processes: [{name: A, cpu: 1, releases: [1, 2]}]",
            "releases: must begin with 0: the first job is released when the process arrives",
        ),
        (
            "processes: [{name: A, cpu: 1, releases: [0, 2, 2]}]",
            "releases: must be in the order of time",
        ),
        (
            "processes: [{name: A, cpu: 1, releases: [0], period: 3}]",
            "period: is given together with releases",
        ),
        (
            "machine: {devices: {d: {changes: [{at: 2, units: 0}]}}}",
            "devices.d.changes: must end with at least one server",
        ),
        (
            "machine: {devices: {d: {changes: [{at: 2, units: 1}, {at: 2, units: 3}]}}}",
            "devices.d.changes: must be in the order of time",
        ),
        (
            "machine: {devices: {d: {changes: [{at: 2, unit: 1}]}}}",
            "changes.0.unit: unknown key 'unit' (did you mean 'units'?)",
        ),
        (
            "machine: {devices: {d: {units: unlimited, changes: [{at: 2, units: 1}]}}}",
            "devices.d: has changes, which are for a number of servers",
        ),
        (
            "scheduler: {policy: linux}\n"
            "machine: {devices: {d: {changes: [{at: 2, units: 1}]}}}\n"
            "processes: [{name: A, cpu: 1}]",
            "devices.d.changes: needs Multiprog's dispatcher",
        ),
        ("memory: {on_full: panic, holes: [1KiB]}", "on_full: must be queue or refuse"),
        (
            "memory: {on_full: refuse, holes: [1KiB]}\n"
            "processes: [{name: A, program: [{cpu: 1}, {print: x}]}]",
            "memory.on_full: refuse cannot be used in a scenario with threads",
        ),
        ("machine: {costs: {switch_at: never}}", "switch_at: must be coming, leaving or half"),
    ],
)
def test_a_wrong_device_release_or_cost_is_told_with_its_place(
    text: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text if "processes" in text else f"{text}\nprocesses: [{{name: A, cpu: 1}}]\n")
    found = told(file)
    assert message in found
    assert found.startswith(f"{file}:")


@pytest.mark.parametrize(
    "memory",
    ["{partitions: [4KiB], fit: next, next_from: hole}", "{holes: [4KiB], next_from: hole}"],
)
def test_where_next_fit_begins_needs_next_fit(memory: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"memory: {memory}\nprocesses: [{{name: A, cpu: 1, memory: 1KiB}}]\n")
    assert (
        "next_from: only has a meaning for variable partitions with fit: next; leave it out"
        in told(file)
    )


def test_another_fit_of_the_command_line_drops_where_next_fit_begins(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    memory = "{holes: [4KiB], fit: next, next_from: hole}"
    file.write_text(f"memory: {memory}\nprocesses: [{{name: A, cpu: 1, memory: 1KiB}}]\n")
    loaded = load(file, Options(sets=("memory.fit=best",)))
    assert loaded.remarks == [
        "fit: best has no next_from: what the scenario says about it is ignored"
    ]


# -- names of policies in other books --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *[("FIFO", "fcfs"), ("SPN", "sjf"), ("STCF", "srtf"), ("round-robin", "rr")],
        *[
            ("HRN", "hrrn"),
            ("Round Robin", "rr"),
            ("SRTF", "srtf"),
            ("first_come_first_served", "fcfs"),
        ],
    ],
)
def test_a_policy_may_have_its_name_of_another_book(name: str, ours: str, tmp_path: Path) -> None:
    for loaded in (
        load(written(tmp_path, policy=name), Options()),
        load(written(tmp_path, policy="lottery"), Options(policy=name)),
    ):
        assert loaded.workload.scheduler.name == ours
        assert f"{name} is called {ours} here" in loaded.remarks


def test_another_name_of_the_same_policy_keeps_the_expectations(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "scheduler: {policy: FIFO}\nprocesses: [{name: A, cpu: 1}]\nexpect: {makespan: 1}\n"
    )
    assert load(file, Options(policy="fcfs")).workload.expect is not None


def test_no_name_means_two_policies() -> None:
    names = [_letters(name) for names in OTHER_NAMES.values() for name in names]
    names += map(_letters, POLICIES)
    assert len(names) == len(set(names))


def test_the_page_of_policies_has_all_names() -> None:
    page = (DOCS / "policies.md").read_text(encoding="utf-8")
    for ours, names in OTHER_NAMES.items():
        assert f"| `{ours}` | {', '.join(names)} |" in page
