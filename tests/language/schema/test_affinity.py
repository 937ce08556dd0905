"""Cores, queues and costs: which process may run where, and what queues follow from it."""

from __future__ import annotations

import pytest

from kernel.hardware import Costs
from kernel.units import us
from tests.language.conftest import Load

TWO = "machine: {cores: 2}\n"


@pytest.mark.parametrize(
    ("written", "cores"),
    [("all", None), ("[1]", (1,)), ("[1, 0]", (0, 1)), ("1", (1,)), ("0", (0,))],
)
def test_the_cores_of_a_process(written: str, cores: tuple[int, ...] | None, load: Load) -> None:
    text = f"{TWO}processes:\n- {{name: A, count: 2, cpu: 1, cores: {written}}}\n"
    assert [process.cores for process in load(text).workload.processes] == [cores, cores]


@pytest.mark.parametrize(
    ("scheduler", "cores", "queues", "balance"),
    [
        ("{}", "all", "global", "none"),
        ("{queues: global, balance: none}", "all", "global", "none"),
        ("{queues: per-core}", "all", "per-core", "none"),
        ("{balance: steal}", "all", "per-core", "steal"),
        ("{balance: push, queues: per-core}", "[0]", "per-core", "push"),
        ("{}", "[1]", "per-core", "none"),
        ("{balance: none}", "1", "per-core", "none"),
        ("{queues: global}", "1", "global", "none"),
    ],
)
def test_what_implies_a_queue_per_core(
    scheduler: str, cores: str, queues: str, balance: str, load: Load
) -> None:
    text = f"{TWO}scheduler: {scheduler}\nprocesses:\n- {{name: A, cpu: 1, cores: {cores}}}\n"
    spec = load(text).workload.scheduler
    assert (spec.queues, spec.balance) == (queues, balance)


def test_pinned_processes_without_a_scheduler_section(load: Load) -> None:
    text = "processes:\n- {name: A, cpu: 1}\n- {name: B, cpu: 1, cores: [0]}\n"
    assert load(text).workload.scheduler.queues == "per-core"


def test_one_queue_is_told_that_some_processes_may_use_only_some_cores(load: Load) -> None:
    text = f"{TWO}scheduler: {{queues: global}}\nprocesses:\n- {{name: A, cpu: 1, cores: 0}}\n"
    assert load(text).workload.scheduler.pinned
    assert not load(text.replace(", cores: 0", "")).workload.scheduler.pinned
    assert not load(text.replace("global", "per-core")).workload.scheduler.pinned
    programs = "programs: {c: {cpu: 1, cores: 1}}\n"
    started = f"{TWO}{programs}processes: [{{name: A, program: [{{start: {{program: c}}}}]}}]\n"
    assert load(started).workload.scheduler.pinned


def test_the_costs_of_the_model(load: Load) -> None:
    text = "machine: {costs: {switch: 50us, dispatch: 0.01}}\nprocesses: [{name: A, cpu: 1}]\n"
    assert load(text).workload.costs == Costs(dispatch=us(10), switch=us(50), migration=0)


@pytest.mark.parametrize("machine", ["", "machine: {cores: 2}\n", "machine: {costs: {}}\n"])
def test_nothing_costs_anything_by_default(machine: str, load: Load) -> None:
    assert load(f"{machine}processes: [{{name: A, cpu: 1}}]\n").workload.costs.nothing
