"""The command line's changes: what they change, and what is said when they are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import UsageError
from kernel.policies import POLICIES
from kernel.units import ms
from language import split_policies
from tests.language.conftest import Load, Wrong

TEXT = """
machine: {devices: {disk: {units: 1}}}
scheduler: {policy: rr, quantum: 20ms}
processes:
- {name: A, cpu: 20}
- {name: B, program: [{cpu: 10}, {io: {disk: 5}}]}
expect: {completion: {A: 20ms}}
"""


def test_set_changes_any_key(load: Load) -> None:
    sets = (
        "processes.0.cpu=5ms",
        "machine.devices.disk.units=3",
        "processes.1.program.1.io.disk=9",
    )
    workload = load(TEXT, sets=sets).workload
    assert workload.processes[0].program.demand == ms(5)
    assert workload.devices[0].units == 3
    assert workload.processes[1].program.durations[1] == ms(9)


def test_set_makes_sections_that_are_not_there(load: Load) -> None:
    workload = load(
        "processes: [{name: A, cpu: 1}]", sets=("memory.partitions=[1MiB, 2MiB]",)
    ).workload
    assert workload.memory is not None
    assert workload.memory.partitions == (1024**2, 2 * 1024**2)


def test_set_leaves_an_alias_of_the_same_value_alone(load: Load) -> None:
    text = "processes:\n- {name: A, program: &p [{cpu: 20}]}\n- {name: B, program: *p}\n"
    first, second = load(text, sets=("processes.1.program.0.cpu=5",)).workload.processes
    assert (first.program.demand, second.program.demand) == (ms(20), ms(5))


def test_the_named_options(load: Load) -> None:
    workload = load(TEXT, quantum="4", cores=2, seed=9, time_unit="2ms").workload
    assert workload.scheduler.parameters == {"quantum": ms(8)}
    assert (workload.cores, workload.seed, workload.time_unit) == (2, 9, ms(2))
    assert workload.processes[0].program.demand == ms(40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scheduler.quantum", "must be path=value, like scheduler.quantum=4ms"),
        ("=3", "must be path=value, like scheduler.quantum=4ms"),
        ("a..b=3", "must be path=value, like scheduler.quantum=4ms"),
        ("seed=", "has no value after the '='; write path=value"),
        ("seed=[", "is not YAML: expected the node content, but found '<stream end>'"),
        ("seed=x", "seed: must be a whole number of 0 or more (got 'x')"),
        ("processes.2.cpu=3", "processes has no entry 2; it has 0 to 1"),
        ("processes.Z.cpu=3", "processes is a list: its entries are 0 to 1 (got 'Z')"),
        ("processes.0.cpu.x=3", "processes.0.cpu is 20, which has no 'x' below it"),
        ("processes.0.cup=3", "processes.0.cup: unknown key 'cup' (did you mean 'cpu'?)"),
        ("processes.0.cpu=-3", "processes.0.cpu: must be a duration above 0, like 20ms (got -3)"),
        (
            "processes.0={name: A, cpu:3}",
            "processes.0.cpu:3: unknown key 'cpu:3' (a space is missing: 'cpu: 3')",
        ),
        ("machine.core=3", "machine.core: unknown key 'core' (did you mean 'cores'?)"),
    ],
)
def test_a_wrong_set_is_told_by_its_option(text: str, message: str, wrong: Wrong) -> None:
    assert wrong(TEXT, sets=(text,)) == [f"--set {text}: {message}"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            {"cores": 0},
            "--cores 0: machine.cores: must be a whole number from 1 to 1024 (got 0)",
        ),
        (
            {"quantum": "0"},
            "--quantum 0: scheduler.quantum: must be a duration above 0, like 20ms (got 0)",
        ),
        (
            {"policy": "fcsf"},
            "--policy fcsf: scheduler.policy: unknown policy 'fcsf' "
            f"(did you mean 'fcfs'? known: {', '.join(POLICIES)}, or file.py:ClassName)",
        ),
        (
            {"policy": "fcfs", "quantum": "4ms"},
            "--quantum 4ms: scheduler.quantum: fcfs has no quantum; policies that have one: "
            + ", ".join(name for name in POLICIES if "quantum" in POLICIES[name].parameters()),
        ),
        (
            {"time_unit": "20"},
            "--time-unit 20: time_unit: must be a duration with a unit, like 1ms (got '20')",
        ),
        ({"seed": -1}, "--seed -1: seed: must be a whole number of 0 or more (got -1)"),
    ],
)
def test_a_wrong_option_is_told_by_its_name(
    options: dict[str, object], line: str, wrong: Wrong
) -> None:
    assert wrong(TEXT, **options) == [line]


def test_another_policy_drops_what_was_written_for_the_old_one(load: Load) -> None:
    loaded = load(TEXT, policy="sjf")
    assert loaded.workload.scheduler.parameters == {"estimate": "oracle"}
    assert loaded.workload.expect is None
    assert loaded.remarks == [
        "sjf has no quantum: what the scenario says about it is ignored",
        "expect is not checked: it was written for rr, not for sjf",
    ]


def test_the_same_policy_again_drops_nothing(load: Load) -> None:
    loaded = load(TEXT, policy="rr")
    assert loaded.workload.expect is not None
    assert loaded.remarks == []


def test_an_expectation_of_the_command_line_stays(load: Load) -> None:
    loaded = load(TEXT, policy="sjf", sets=("expect.makespan=35ms",))
    assert loaded.workload.expect == {"makespan": ms(35), "tolerance": 0.02}


@pytest.mark.parametrize(
    "options", [{"quantum": "5ms"}, {"cores": 2}, {"sets": ("processes.0.cpu=5ms",)}]
)
def test_a_changed_scenario_is_not_held_to_what_it_expected(
    load: Load, options: dict[str, Any]
) -> None:
    loaded = load(TEXT, **options)
    assert loaded.workload.expect is None
    assert loaded.remarks[-1].startswith(
        "expect is not checked: it was written for the scenario without --"
    )


COSTLY = TEXT.replace("machine: {", "machine: {costs: {switch: 1ms}, ")


@pytest.mark.parametrize(
    ("text", "costs"), [(TEXT, "measured"), (TEXT, "lab.json"), (COSTLY, "ideal")]
)
def test_other_costs_are_not_held_to_what_was_expected_without_them(
    load: Load, text: str, costs: str
) -> None:
    loaded = load(text, costs=costs)
    assert loaded.workload.expect is None
    assert loaded.workload.source["overrides"] == []  # it can be compared with a real run
    assert loaded.remarks == [
        f"expect is not checked: it was written for the scenario without --costs {costs}"
    ]


def test_an_ideal_machine_stays_as_it_is_under_ideal_costs(load: Load) -> None:
    assert load(TEXT, costs="ideal").workload.expect is not None


@pytest.mark.parametrize(
    "options",
    [
        {"time_unit": "2ms"},
        {"sets": ("title=other",)},
        {"policy": "rr"},
        {"sets": ("scheduler.ties=arrival-first",)},  # the default
        {"sets": ("scheduler.queues=global", "machine.costs.switch=0")},
        {"cores": 1, "seed": 0},
    ],
)
def test_an_override_that_changes_no_outcome_keeps_what_is_expected(
    load: Load, options: dict[str, Any]
) -> None:
    assert load(TEXT, **options).workload.expect is not None


def test_steps_of_several_models_are_compared_without_a_warning(load: Load) -> None:
    """A `send` is into a queue or into a pipe, and pydantic knows of the queue."""
    steps = "[{send: {pipe: p, end: 1, value: 7}}]"
    text = "pipes: {p: {}}\nscheduler: {policy: rr, quantum: 1}\n"
    text += f"processes: [{{name: A, program: {steps}}}]\nexpect: {{makespan: 0}}\n"
    assert load(text, policy="rr").workload.expect is not None
    assert load(text, sets=("processes.0.program.0.send.end=0",)).workload.expect is None


@pytest.mark.parametrize(
    ("text", "policies"),
    [
        ("rr", ["rr"]),
        ("rr,srtf, mlfq", ["rr", "srtf", "mlfq"]),
        ("a/mine.py:Mine,fcfs", ["a/mine.py:Mine", "fcfs"]),
    ],
)
def test_a_list_of_policies(text: str, policies: list[str]) -> None:
    assert split_policies(text) == policies


@pytest.mark.parametrize("text", ["", ",", "rr,", "rr,,fcfs", " ,rr"])
def test_a_list_of_policies_with_an_empty_entry(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        split_policies(text)
    assert str(caught.value) == (
        f"--policy {text}: must name a policy before and after each comma, like rr,srtf,mlfq"
    )


def test_fewer_cores_than_a_process_is_pinned_to(wrong: Wrong) -> None:
    text = "machine: {cores: 2}\nprocesses:\n- {name: A, cpu: 1, cores: [1]}\n"
    assert wrong(text, cores=1) == [
        "f.yaml:3:29: processes.0.cores.0: "
        "must be one of the machine's cores, only 0, as machine.cores is 1 (got 1)"
    ]


def test_what_is_written_in_another_way_changes_nothing(load: Load) -> None:
    text = "processes: [{name: A, cpu: 20ms}]\nexpect: {makespan: 20ms}"
    assert load(text, sets=("processes.0.cpu=0.02s",)).workload.expect is not None
    assert load(text, sets=("processes.0.cpu=21ms",)).workload.expect is None


def test_what_is_expected_is_kept_on_demand(load: Load) -> None:
    loaded = load(TEXT, policy="sjf", costs="measured", keep_expect=True)
    assert loaded.workload.expect is not None
    assert loaded.remarks == ["sjf has no quantum: what the scenario says about it is ignored"]


@pytest.mark.parametrize(
    ("path", "right"),
    [("B.cpu", "processes.1.cpu"), ("processes.B.cores", "processes.1.cores")],
)
def test_a_process_that_is_named_by_its_name_is_told_by_its_number(
    wrong: Wrong, path: str, right: str
) -> None:
    text = "processes: [{name: A, cpu: 20ms}, {name: B, cpu: 20ms}]"
    (said,) = wrong(text, sets=(f"{path}=3",))
    assert said.endswith(f"is named by its number, from 0 on: write {right}")


def test_a_section_is_not_taken_for_a_process_of_its_name(load: Load) -> None:
    text = "processes: [{name: machine, cpu: 20ms}]"
    assert load(text, sets=("machine.cores=2",)).workload.cores == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"quantum": "1,2,5"},
            "(got '1,2,5'); to try several values: sweep FILE scheduler.quantum=1ms,2ms,5ms",
        ),
        ({"quantum": "1ms, 2ms"}, "to try several values: sweep FILE scheduler.quantum=1ms,2ms"),
        (
            {"sets": ("processes.0.priority=1,2",)},
            "to try several values: sweep FILE processes.0.priority=1,2",
        ),
    ],
)
def test_an_option_that_lists_values_is_told_how_to_try_them_all(
    options: dict[str, Any], said: str, wrong: Wrong
) -> None:
    (told,) = wrong(TEXT, **options)
    assert told.endswith(said)


def test_a_list_of_cores_is_not_told_to_try_them_all(wrong: Wrong) -> None:
    (told,) = wrong(TEXT, sets=("processes.0.cores=0,1",))
    assert told.endswith("must be all, or a list of cores like [0, 1] (got '0,1')")
