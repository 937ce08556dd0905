"""Hidden workloads follow from the seed, and are scenarios that a student can run."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.policies import POLICIES
from kernel.units import ms
from kernel.workload import SchedulerSpec
from language import Options, load
from language.schema.assignment import KINDS
from teaching.assignment.cases import DISK, IO_STEP
from teaching.assignment.kinds import case_of, cases, kinds, unit_of

RR = SchedulerSpec("rr", POLICIES["rr"], {"quantum": ms(20)})


def test_every_kind_of_the_language_can_be_made() -> None:
    assert tuple(kinds()) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides_and_nothing_else(kind: str) -> None:
    assert case_of(kind, 1, 7, ms(10)) == case_of(kind, 1, 7, ms(10))
    made = {case_of(kind, number, seed, ms(10)) for number in (1, 2) for seed in range(10)}
    assert len({case.tasks for case in made}) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_its_text_is_the_same_workload(kind: str, tmp_path: Path) -> None:
    for seed in range(3):
        case = case_of(kind, 1, seed, ms(10))
        path = tmp_path / f"{seed}.yaml"
        path.write_text(case.text(RR), encoding="utf-8")
        read, made = load(path, Options()).workload, case.workload(RR)
        assert (read.processes, read.cores, read.devices) == (
            made.processes,
            made.cores,
            made.devices,
        )
        assert read.scheduler == made.scheduler


def test_times_are_multiples_of_half_a_quantum() -> None:
    assert unit_of(RR) == ms(10)
    assert unit_of(SchedulerSpec("mlfq", POLICIES["mlfq"], {"quanta": [ms(6), ms(8)]})) == ms(3)
    assert unit_of(SchedulerSpec("fcfs", POLICIES["fcfs"])) == ms(10)
    for case in cases(dict.fromkeys(KINDS, 2), 1, RR):
        times = [ns for task in case.tasks for _, ns in task.steps]
        assert all(ns > 0 and ns % ms(10) == 0 for ns in times)
        assert all(task.arrival >= 0 for task in case.tasks)


def test_kinds_are_what_they_are_called() -> None:
    for seed in range(20):
        ties, io, cores, shares = (
            case_of(kind, 1, seed, 1) for kind in ("ties", "io", "cores", "shares")
        )
        assert len({task.arrival for task in ties.tasks}) < len(ties.tasks)
        assert cores.cores > 1
        assert all(task.arrival == 0 for task in shares.tasks)
    steps = {kind for s in range(20) for t in case_of("io", 1, s, 1).tasks for kind, _ in t.steps}
    assert {DISK, IO_STEP} < steps
    del io
