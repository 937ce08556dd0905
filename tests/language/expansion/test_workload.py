"""A checked scenario becomes a workload: names written out, repeats unrolled, units resolved."""

from __future__ import annotations

import time

import pytest

from kernel.hardware import DeviceSpec, MemorySpec
from kernel.process.program import CPU, WAIT, Program
from kernel.process.start_methods import default_start_method
from kernel.units import ms
from kernel.workload import Workload
from language import Loaded
from tests.language.conftest import Load, Wrong


def of(load: Load, process: str, head: str = "") -> Workload:
    loaded: Loaded = load(f"{head}\nprocesses:\n- {process}\n")
    return loaded.workload


def program(load: Load, steps: str, head: str = "") -> Program:
    return of(load, f"{{name: A, program: {steps}}}", head).processes[0].program


def test_a_short_form_is_a_program_of_one_burst(load: Load) -> None:
    assert of(load, "{name: A, cpu: 20ms}").processes[0].program == Program.of([(CPU, ms(20))])


def test_the_smallest_scenario_has_the_documented_defaults(load: Load) -> None:
    workload = of(load, "{name: A, cpu: 20}")
    (process,) = workload.processes
    assert (workload.cores, workload.devices, workload.memory, workload.seed) == (1, (), None, 0)
    assert (workload.scheduler.name, workload.scheduler.ties) == ("fcfs", "arrival-first")
    assert (process.arrival, process.memory, process.priority) == (0, 0, 0)
    assert (process.nice, process.tickets) == (0, 100)
    assert workload.expect is None


def test_neighbouring_cpu_steps_are_one_burst(load: Load) -> None:
    assert program(load, "[{cpu: 1}, {repeat: {times: 2, do: [{cpu: 2}]}}, {io: 3}]") == Program.of(
        [(CPU, ms(5)), (WAIT, ms(3))]
    )


def test_repeats_nest(load: Load) -> None:
    steps = "[{repeat: {times: 2, do: [{cpu: 1}, {repeat: {times: 2, do: [{io: 2}]}}]}}]"
    once = [(CPU, ms(1)), (WAIT, ms(2)), (WAIT, ms(2))]
    assert program(load, steps) == Program.of(once * 2)


def test_a_device_is_its_place_in_the_machine(load: Load) -> None:
    head = "machine: {devices: {tape: {units: unlimited}, disk: {units: 2}, net: }}"
    workload = of(load, "{name: A, program: [{io: {disk: 3}}]}", head)
    assert workload.devices == (
        DeviceSpec("tape", None),
        DeviceSpec("disk", 2),
        DeviceSpec("net", 1),
    )
    assert workload.processes[0].program == Program.of([(1, ms(3))])


@pytest.mark.parametrize(
    ("written", "ns"),
    [
        ("20", 20_000_000),
        ("1.5", 1_500_000),
        ("250us", 250_000),
        ("1.1ms", 1_100_000),
        ("1s", 10**9),
    ],
)
def test_durations_are_exact(written: str, ns: int, load: Load) -> None:
    assert of(load, f"{{name: A, cpu: {written}}}").processes[0].program.demand == ns


def test_a_bare_number_counts_time_units_everywhere(load: Load) -> None:
    text = """
time_unit: 10us
scheduler: {policy: rr, quantum: 3}
processes:
- {name: A, arrival: 2, program: [{cpu: 5}, {io: {choice: [7]}}]}
expect: {completion: {A: 9}}
"""
    workload = load(text).workload
    (process,) = workload.processes
    assert process.arrival == 20_000
    assert process.program == Program.of([(CPU, 50_000), (WAIT, 70_000)])
    assert workload.scheduler.parameters == {"quantum": 30_000}
    assert workload.expect == {"completion": {"A": 90_000}, "tolerance": 0.02}


def test_count_numbers_the_names_from_1(load: Load) -> None:
    workload = of(load, "{name: a, count: 3, cpu: 1}")
    assert [process.name for process in workload.processes] == ["a-1", "a-2", "a-3"]
    assert [process.index for process in workload.processes] == [0, 1, 2]


def test_a_written_count_of_1_numbers_too(load: Load) -> None:
    assert of(load, "{name: a, count: 1, cpu: 1}").processes[0].name == "a-1"


def test_every_begins_after_one_gap(load: Load) -> None:
    chained = of(load, "{name: a, count: 3, arrival: {every: 10}, cpu: 1}")
    assert [process.arrival for process in chained.processes] == [ms(10), ms(20), ms(30)]
    assert of(load, "{name: a, arrival: {every: 10}, cpu: 1}").processes[0].arrival == ms(10)


def test_memory_is_the_sum_of_its_partitions_unless_the_machine_says_more(load: Load) -> None:
    memory = "memory: {partitions: [1KiB, 2KiB], fit: best, admission: skip}"
    cpu = "{name: A, cpu: 1}"
    assert of(load, cpu, memory).memory == MemorySpec(3072, (1024, 2048), "best", "skip")
    assert of(load, cpu, f"{memory}\nmachine: {{memory: 1MiB}}").memory == MemorySpec(
        1024**2, (1024, 2048), "best", "skip"
    )


def test_the_size_of_a_program_means_nothing_without_memory(load: Load) -> None:
    workload = of(load, "{name: A, cpu: 1, memory: 1TiB}")
    assert workload.memory is None
    assert workload.processes[0].memory == 1024**4


def test_defaults_that_change_nothing_may_be_written(load: Load) -> None:
    head = "start_method: fork\nscheduler: {queues: global, balance: none, dispatch: ours}"
    assert of(load, "{name: A, cpu: 1, cores: all}", head).start_method == "fork"


@pytest.mark.parametrize(
    ("python", "method"), [((3, 9), "fork"), ((3, 13), "fork"), ((3, 14), "forkserver")]
)
def test_the_default_start_method_is_that_of_the_python(
    python: tuple[int, int], method: str
) -> None:
    assert default_start_method(python) == method


def test_the_default_start_method_is_that_of_the_running_python(load: Load) -> None:
    workload = of(load, "{name: A, program: [{lock: m}]}", "start_method: default")
    assert workload.start_method == default_start_method()
    assert workload.lifecycle is not None
    assert workload.lifecycle.start_method == default_start_method()
    assert workload.lifecycle.by_default


def test_the_source_says_where_the_workload_came_from(load: Load) -> None:
    text = "about: look\nprocesses: [{name: A, cpu: 1}]\n"
    source = load(
        text, policy="rr", quantum="4", seed=3, sets=("processes.0.cpu=2",)
    ).workload.source
    assert source["title"] == source["file"] == "f.yaml"
    assert (source["about"], source["text"], source["seed"]) == ("look", text, 3)
    assert source["overrides"] == [
        "--policy rr",
        "--quantum 4",
        "--seed 3",
        "--set processes.0.cpu=2",
    ]
    assert len(source["sha256"]) == 64


def test_the_expect_block_in_ns(load: Load) -> None:
    text = """
processes: [{name: a, count: 2, cpu: 20ms}]
expect:
  completion: {a-1: 20}
  mean: {waiting: 10.5}
  makespan: 40ms
  order: [a-1, a-2]
  tolerance: 5%
"""
    assert load(text).workload.expect == {
        "completion": {"a-1": ms(20)},
        "mean": {"waiting": 10_500_000},
        "makespan": ms(40),
        "order": ["a-1", "a-2"],
        "tolerance": 0.05,
    }


@pytest.mark.parametrize(
    "process",
    [
        "{name: A, cpu: 1, count: 1000000000000}",
        "{name: A, program: [{repeat: {times: 1000000000, do: [{repeat: {times: 1000000000, "
        "do: [{cpu: 1}]}}]}}]}",
        "{name: A, count: 1000, program: [{repeat: {times: 10001, do: [{cpu: 1}]}}]}",
    ],
)
def test_too_many_steps_are_counted_before_they_are_made(process: str, wrong: Wrong) -> None:
    begin = time.perf_counter()
    (line,) = wrong(f"processes:\n- {process}\n")
    assert "the scenario expands to" in line
    assert time.perf_counter() - begin < 1


def test_a_limit_can_be_raised_and_lowered(load: Load, wrong: Wrong) -> None:
    text = "processes:\n- {name: A, program: [{repeat: {times: 11, do: [{cpu: 1}]}}]}\n"
    assert load(text, limits={"steps": 11}).workload.processes
    assert wrong(text, limits={"steps": 10}) == [
        "f.yaml:2:3: processes.0: the scenario expands to 11 steps, more than 10 (the limit steps)"
    ]


def test_times_beyond_the_record_are_refused(wrong: Wrong) -> None:
    assert wrong("processes:\n- {name: A, cpu: 1000000h, count: 1000}\n") == [
        "f.yaml:2:3: processes.0: takes longer than 146 years, the longest time that is recorded"
    ]
