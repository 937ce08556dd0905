"""Costs of a machine that decides in book time: they delay everything, and decide nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kernel.units import ms, us
from kernel.workload import Costs, Workload
from scenarios import load
from sim import simulate
from sim.booked import can_be_booked
from tests.sim.cases import random_case, workload_of
from timeline.book import Book
from timeline.dispatch import dispatches
from timeline.laws import check
from timeline.run import Run

POLICIES = ["fcfs", "sjf", "srtf", "priority", "rr", "vrr", "mlfq", "fair", "edf"]
DEAR = Costs(dispatch=us(7), switch=us(3), migration=us(11), booked=True)


def written(tmp_path: Path, text: str) -> Workload:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    return load(file).workload


def charged(workload: Workload, **costs: int) -> Run:
    return simulate(replace(workload, costs=Costs(**costs, booked=True)))


def ends(run: Run) -> dict[str, int | None]:
    return {row.name: row.completion_ns for row in run.processes}


def order(run: Run) -> list[tuple[int, str]]:
    """The slices on each core."""
    return sorted(
        ((turn.core, at, turn.process) for at, turn in enumerate(dispatches(Book(run)))),
        key=lambda turn: turn[:2],
    )  # type: ignore[return-value]


@pytest.mark.parametrize("policy", POLICIES)
def test_random_workloads_keep_their_order_and_all_laws(policy: str) -> None:
    tried = 0
    for seed in range(40):
        workload = workload_of(random_case(policy, seed), ms(1))
        if not can_be_booked(workload):
            continue
        tried += 1
        free = simulate(replace(workload, costs=Costs()))
        dear = simulate(replace(workload, costs=DEAR))
        assert not check(dear)
        assert [x[::2] for x in order(dear)] == [x[::2] for x in order(free)]  # type: ignore[misc]
        assert dear.makespan_ns >= free.makespan_ns
    assert tried > 20


@pytest.mark.parametrize("policy", POLICIES)
def test_costs_of_nothing_change_nothing(policy: str) -> None:
    for seed in range(20):
        workload = workload_of(random_case(policy, seed), ms(1))
        if can_be_booked(workload):
            free = simulate(replace(workload, costs=Costs()))
            same = simulate(replace(workload, costs=Costs(booked=True)))
            assert sorted(same.intervals) == sorted(free.intervals)
            assert same.processes == free.processes


def test_each_dispatch_delays_all_that_follow(tmp_path: Path) -> None:
    workload = written(tmp_path, "processes: [{name: A, cpu: 10ms}, {name: B, cpu: 10ms}]")
    assert ends(charged(workload, dispatch=us(5))) == {
        "A": ms(10) + us(5),
        "B": ms(20) + us(10),
    }


def test_an_idle_core_makes_up_for_it(tmp_path: Path) -> None:
    workload = written(
        tmp_path, "processes: [{name: A, cpu: 10ms}, {name: B, arrival: 15ms, cpu: 10ms}]"
    )
    assert ends(charged(workload, dispatch=us(5)))["B"] == ms(25) + us(5)


def test_a_cost_turns_no_tie(tmp_path: Path) -> None:
    """C arrives when B's quantum ends, and is queued behind it, however late B is."""
    workload = written(
        tmp_path,
        """
        scheduler: {policy: rr, quantum: 10ms, ties: expiry-first}
        processes: [{name: A, cpu: 20ms}, {name: B, cpu: 20ms}, {name: C, arrival: 20ms, cpu: 5ms}]
        """,
    )
    booked = charged(workload, switch=us(50))
    assert [turn.process for turn in dispatches(Book(booked))] == ["A", "B", "A", "B", "C"]
    now = simulate(replace(workload, costs=Costs(switch=us(50))))
    assert [turn.process for turn in dispatches(Book(now))] == ["A", "B", "A", "C", "B"]


def test_who_is_preempted_by_an_arrival_gets_the_rest_later(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        """
        scheduler: {policy: srtf}
        processes: [{name: A, cpu: 20ms}, {name: B, arrival: 10ms, cpu: 5ms}]
        """,
    )
    run = charged(workload, dispatch=us(5))
    assert ends(run) == {"A": ms(25) + us(15), "B": ms(15) + us(5)}
    assert [row.cpu_ns for row in run.processes] == [ms(20), ms(5)]


def test_another_core_waits_for_the_books(tmp_path: Path) -> None:
    """B arrives on an idle second core, at the instant at which the books end A, who is late."""
    workload = written(
        tmp_path,
        """
        machine: {cores: 2}
        processes: [{name: A, cpu: 10ms}, {name: B, arrival: 10ms, cpu: 5ms}]
        """,
    )
    run = charged(workload, dispatch=us(5))
    assert ends(run)["B"] == ms(15) + us(10)
    assert not check(run)


def test_it_says_how_it_decides(tmp_path: Path) -> None:
    run = charged(written(tmp_path, "processes: [{name: A, cpu: 10ms}]"), dispatch=us(5))
    assert run.machine["decides"] == "in book time"
    assert run.machine["costs"]["dispatch"] == us(5)


def test_processes_that_start_each_other_are_charged_as_they_decide(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        """
        programs: {child: {cpu: 1ms}}
        processes: [{name: A, program: [{start: {program: child, name: c}}, {join: c}]}]
        """,
    )
    assert "decides" not in charged(workload, dispatch=us(5)).machine
