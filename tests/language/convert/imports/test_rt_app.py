"""Workloads of rt-app become scenarios, and scenarios workloads of rt-app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import UsageError
from language import Options, export_rt_app, load
from language.convert.imports.importing import import_file
from language.convert.imports.options import ImportOptions
from language.convert.imports.rt_app import ideal
from language.source.errors import ScenarioError
from tests.effort import cases
from tests.language.convert.imports.conftest import Import, imported


def _workload(tasks: dict[str, Any], duration: int = -1) -> str:
    return json.dumps({"tasks": tasks, "global": {"duration": duration}})


@pytest.mark.parametrize(
    ("task", "entry"),
    [
        ({"loop": 3, "run": 2000, "sleep": 8000},
         "{name: t, program: [{repeat: {times: 2, do: [{cpu: 2ms}, {io: 8ms}]}}, {cpu: 2ms}]}"),
        ({"loop": 4, "run": 500, "timer": {"ref": "unique", "period": 10000}},
         "{name: t, period: 10ms, jobs: 4, cpu: 500us}"),
        ({"loop": 1, "delay": 1500, "priority": -5, "cpus": [1], "run": 10},
         "{name: t, arrival: 1.5ms, nice: -5, cores: 1, cpu: 10us}"),
        ({"loop": 1, "policy": "SCHED_FIFO", "run": 10},
         "{name: t, class: fifo, rt_priority: 10, cpu: 10us}"),
        ({"loop": 1, "dl-runtime": 3000, "run": 10}, "{name: t, slice: 3ms, cpu: 10us}"),
        ({"loop": 2, "policy": "SCHED_DEADLINE", "dl-runtime": 3000, "dl-period": 10000,
          "run": 2000, "timer": {"ref": "unique", "period": 10000}},
         "{name: t, class: deadline, runtime: 3ms, period: 10ms, deadline: 10ms, jobs: 2, "
         "cpu: 2ms}"),
        ({"instance": 3, "loop": 1, "run": 10}, "{name: t, count: 3, cpu: 10us}"),
        ({"loop": 1, "lock": "m", "run": 10, "unlock": "m", "yield": ""},
         "{name: t, program: [{lock: m}, {cpu: 10us}, {unlock: m}, {yield: true}]}"),
        ({"loop": 1, "run": 1000, "timer": {"ref": "a", "period": 4000}, "run2": 3000},
         "{name: t, program: [{cpu: 1ms}, {io: 3ms}, {cpu: 3ms}]}"),
    ],
)  # fmt: skip
def test_a_thread_becomes_a_process(task: dict[str, Any], entry: str, import_text: Import) -> None:
    assert " ".join(import_text(_workload({"t": task}))).split() == f"- {entry}".split()


def test_an_endless_loop_goes_round_until_the_duration_is_over(import_text: Import) -> None:
    made = import_text(_workload({"t": {"run": 100000, "sleep": 100000}}, duration=1))
    assert made == [
        "  - {name: t, program: [{repeat: {times: 4, do: [{cpu: 100ms}, {io: 100ms}]}}, "
        "{cpu: 100ms}]}"
    ]


def test_a_signal_is_a_message_to_the_thread_that_waits_and_otherwise_lost(
    import_text: Import,
) -> None:
    waker = {"loop": 1, "signal": "q", "run": 1000, "signal2": "q", "resume": "sleeper"}
    waiter = {"loop": 1, "lock": "m", "wait": {"ref": "q", "mutex": "m"}, "unlock": "m", "run": 9}
    made = import_text(_workload({"waker": waker, "waiter": waiter}))
    assert made == [
        "  - {name: waker, program: [{cpu: 1ms}, {send: {queue: waiter, value: 1}}]}",
        "  - name: waiter",
        "    program: [{lock: m}, {unlock: m}, {receive: waiter}, {lock: m}, {unlock: m}, "
        "{cpu: 9us}]",
    ]


def test_a_phase_on_other_processors_is_a_process_of_its_own(import_text: Import) -> None:
    phases = {"a": {"cpus": [0], "run": 10}, "b": {"cpus": [1], "run": 20}}
    made = import_text(_workload({"t": {"loop": 1, "phases": phases}}))
    assert made == [
        '  - {name: t, cores: 0, program: [{cpu: 10us}, {send: {queue: "t:2 goes on", value: 1}}]}',
        '  - {name: "t:2", cores: 1, program: [{receive: "t:2 goes on"}, {cpu: 20us}]}',
    ]


def test_comments_double_keys_and_loose_commas_are_read(import_text: Import) -> None:
    text = '{ /* a */ "tasks": {"t": {"loop": 1, "run": 5, // b\n "sleep": 7, "run": 9,}, } }'
    assert import_text(text) == ["  - {name: t, program: [{cpu: 5us}, {io: 7us}, {cpu: 9us}]}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"tasks": {}}', 'f:1:11: "tasks" must have at least one thread'),
        ('{"tasks": {"t": {"run": -5}}}',
         "f:1:25: run: must be whole microseconds (got -5)"),
        ('{"tasks": {"t": {"rnu": 5, "sleep": 1}}}',
         "f:1:25: unknown key 'rnu' (did you mean 'run'?)"),
        ('{"tasks": {"t": {"loop": 1}}}', "f:1:17: the thread 't' has no event"),
        ('{"tasks": {"t": {"run": 5}', "f:1:27: must be a comma or }"),
        ('{"tasks": {"t": {"run": nan}}}', "f:1:25: must be a value of JSON (got 'nan')"),
        ('{"tasks": {"t": {"run": 5}}} x',
         "f:1:30: there must be nothing behind the closing bracket"),
        ('{"tasks": {"t": {"timer": 5}}}', 'f:1:27: timer: must be an object with "ref"'),
        ('{"tasks": {"t": {"fork": "u"}}}', "f: unknown thread 'u' (known: t)"),
        ('{"tasks": {"t": {"yield": ""}}}',
         "f: the thread t does too much in that time; give --duration"),
        ('{"tasks": ' + "[" * 99, "f:1:51: is nested more than 40 levels deep"),
        ('{"a": 1}',
         'f: is JSON, but no workload of rt-app ("tasks") and no trace ("traceEvents")'),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(
    text: str, told: str, import_text: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ideal, "MOST_EVENTS", 1000)
    if told.endswith("deep"):
        assert "levels deep" in import_text(text)[0]
    else:
        assert import_text(text)[0] == told


# -- and back -------------------------------------------------------------------------------------

BURSTS = st.sampled_from(["cpu: 2ms", "io: 3ms", "io: {disk: 1ms}", "cpu: 500us", "yield: true"])
PROGRAMS = st.lists(BURSTS, min_size=1, max_size=6).map(
    lambda steps: (
        "[{cpu: 1ms}, {repeat: {times: 3, do: [{cpu: 1ms}, {io: 1ms}]}}, "
        + ", ".join(f"{{{step}}}" for step in steps)
        + ", {lock: m}, {cpu: 1ms}, {unlock: m}, {barrier: b}, {cpu: 1ms}]"
    )
)


@settings(max_examples=cases(30), deadline=None)
@given(PROGRAMS, PROGRAMS)
def test_a_scenario_there_and_back_asks_for_the_same_cpu_time(
    tmp_path_factory: pytest.TempPathFactory, first: str, second: str
) -> None:
    folder = tmp_path_factory.mktemp("rt")
    scenario = folder / "s.yaml"
    scenario.write_text(
        "machine: {devices: {disk: {}}}\nscheduler: {policy: linux}\nbarriers: {b: 2}\n"
        f"processes:\n- {{name: A, nice: 3, program: {first}}}\n- {{name: B, program: {second}}}\n"
    )
    there = folder / "w.json"
    there.write_text(export_rt_app(scenario).text)
    imported(there)
    before, after = load(scenario).workload, load(folder / "imported.yaml").workload
    for one, other in zip(before.processes, after.processes, strict=True):
        assert (one.name, one.nice) == (other.name, other.nice)
        assert _cpu(one) == _cpu(other)


def _cpu(spec: Any) -> int:
    steps = zip(spec.program.places, spec.program.durations, strict=True)
    return sum(duration for place, duration in steps if place == -2)


def test_a_periodic_process_is_a_timer_and_comes_back(tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "machine: {cores: 2}\nscheduler: {policy: linux}\n"
        "processes: [{name: A, period: 10ms, jobs: 5, cores: 1, cpu: 2ms}]\n"
    )
    there = tmp_path / "w.json"
    there.write_text(export_rt_app(scenario).text)
    made = import_file(there, None, ImportOptions()).text
    assert "{name: A, cores: 1, period: 10ms, jobs: 5, cpu: 2ms}" in made


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("programs: {c: {cpu: 1ms}}\nprocesses: [{name: A, program: [{start: {program: c}}]}]\n",
         "2:13: processes.0: the step start is not exported: rt-app does not have it"),
        ("barriers: {b: 3}\nprocesses:\n- {name: A, program: [{barrier: b}]}\n"
         "- {name: B, program: [{barrier: b}]}\n",
         "1:15: barriers.b: the barrier b waits for 3, and 2 processes name it: rt-app wants "
         "all of them"),
    ],
)  # fmt: skip
def test_what_rt_app_does_not_have_is_told_with_its_place(
    text: str, told: str, tmp_path: Path
) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(text)
    with pytest.raises(ScenarioError) as error:
        export_rt_app(scenario, Options())
    assert str(error.value) == f"{scenario}:{told}"


@pytest.mark.parametrize("event", [{"lock": ""}, {"barrier": "x" * 101}, {"unlock": "a\tb"}])
def test_a_name_that_no_scenario_can_have_is_told(event: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    file.write_text(_workload({"t": {"loop": 1, "run": 1000, **event}}))
    with pytest.raises(UsageError, match="must be a name of 1 to 100 printable characters"):
        import_file(file, None, ImportOptions())
