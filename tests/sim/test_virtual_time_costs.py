"""Costs of a machine that decides in virtual time: they delay everything, and decide nothing."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernel.dispatch_price import DispatchKind, Price
from kernel.hardware import Costs
from kernel.process.states import RUNNING
from kernel.units import ms, us
from kernel.workload import Workload
from language import load
from sim import simulate
from sim.virtual_time_costs import can_charge_in_virtual_time
from tests.sim.cases import random_case, workload_of
from timeline.comparison.schedule.process_events import dispatches
from timeline.files.document import write_run
from timeline.files.reading import read_run
from timeline.laws.check import check
from timeline.record.run import Run
from timeline.record.sorted_run import SortedRun

POLICIES = ["fcfs", "sjf", "srtf", "priority", "rr", "vrr", "mlfq", "fair", "edf"]
DEAR = Costs(dispatch=us(7), switch=us(3), migration=us(11), in_virtual_time=True)


def written(tmp_path: Path, text: str) -> Workload:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    return load(file).workload


def charged(workload: Workload, **costs: Any) -> Run:
    return simulate(replace(workload, costs=Costs(**costs, in_virtual_time=True)))


def ends(run: Run) -> dict[str, int | None]:
    return {row.name: row.completion_ns for row in run.processes}


def order(run: Run) -> list[tuple[int, str]]:
    """Return core and process of each slice, core by core in their order."""
    slices = [(turn.core, turn.process) for turn in dispatches(SortedRun(run))]
    return sorted(slices, key=lambda one: one[0])


@pytest.mark.parametrize("policy", POLICIES)
def test_random_workloads_keep_their_order_and_all_laws(policy: str) -> None:
    tried = 0
    for seed in range(40):
        workload = workload_of(random_case(policy, seed), ms(1))
        if not can_charge_in_virtual_time(workload):
            continue
        tried += 1
        free = simulate(replace(workload, costs=Costs()))
        dear = simulate(replace(workload, costs=DEAR))
        assert not check(dear)
        assert order(dear) == order(free)
        assert dear.makespan_ns >= free.makespan_ns
    assert tried > 20


@pytest.mark.parametrize("policy", POLICIES)
def test_costs_of_nothing_change_nothing(policy: str) -> None:
    for seed in range(20):
        workload = workload_of(random_case(policy, seed), ms(1))
        if can_charge_in_virtual_time(workload):
            free = simulate(replace(workload, costs=Costs()))
            same = simulate(replace(workload, costs=Costs(in_virtual_time=True)))
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
    assert [turn.process for turn in dispatches(SortedRun(booked))] == ["A", "B", "A", "B", "C"]
    now = simulate(replace(workload, costs=Costs(switch=us(50))))
    assert [turn.process for turn in dispatches(SortedRun(now))] == ["A", "B", "A", "C", "B"]


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


def test_another_core_waits_for_virtual_time(tmp_path: Path) -> None:
    """B arrives on an idle second core at the instant of A's virtual end; A is late."""
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
    assert run.machine["decides"] == "in virtual time"
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


# -- a price by circumstances --------------------------------------------------------------------


def kind(first: bool, cost: int, *, away: int = 0, idle: int = 0, length: int = 0) -> DispatchKind:
    return DispatchKind(first, away, idle, length, mean_ns=cost)


def priced(workload: Workload, *kinds: DispatchKind, **more: int) -> Run:
    price = Price(kinds, **more)  # type: ignore[arg-type]
    return simulate(replace(workload, costs=Costs(in_virtual_time=True, price=price)))


TURNS = "scheduler: {policy: rr, quantum: 10ms}"
SIMPLE = kind(True, us(100)), kind(False, us(10))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("shared", [False, True])
def test_a_price_keeps_the_order_and_all_laws(policy: str, shared: bool) -> None:
    dear = Price(SIMPLE, us(200), us(50), us(5), 300, us(30), shared)
    for seed in range(25):
        workload = workload_of(random_case(policy, seed), ms(1))
        if can_charge_in_virtual_time(workload):
            free = simulate(replace(workload, costs=Costs()))
            run = simulate(replace(workload, costs=Costs(in_virtual_time=True, price=dear)))
            assert not check(run)
            assert order(run) == order(free)


def test_a_first_dispatch_costs_something_else_than_a_later_one(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        f"{TURNS}\nprocesses: [{{name: A, cpu: 20ms}}, {{name: B, cpu: 20ms}}]",
    )
    assert ends(priced(workload, *SIMPLE)) == {"A": ms(30) + us(210), "B": ms(40) + us(220)}


def test_it_depends_on_how_long_the_process_was_away(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        "processes: [{name: A, program: [{cpu: 1ms}, {io: 3ms}, {cpu: 1ms}, {io: 9ms}, "
        "{cpu: 1ms}]}]",
    )
    run = priced(workload, *SIMPLE, kind(False, us(70), away=ms(5)))
    assert ends(run) == {"A": ms(15) + us(180)}


def test_it_depends_on_how_long_the_core_was_idle(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        "processes: [{name: A, cpu: 1ms}, {name: B, arrival: 1ms, cpu: 1ms}, "
        "{name: C, arrival: 9ms, cpu: 1ms}]",
    )
    run = priced(workload, *SIMPLE, kind(True, us(300), idle=ms(2)))
    assert ends(run)["B"] == ms(2) + us(200)
    assert ends(run)["C"] == ms(10) + us(300)


def test_what_a_resumed_process_did_out_of_sight_is_taken_off(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        f"{TURNS}\nprocesses: [{{name: A, cpu: 20ms}}, {{name: B, cpu: 10ms}}]",
    )
    assert ends(priced(workload, *SIMPLE, hidden_ns=us(4)))["A"] == ms(30) + us(206)


def test_who_is_admitted_while_the_run_goes_on_loads_first(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        """
        machine: {memory: 4MiB}
        memory: {scheme: fixed, partitions: [4MiB]}
        processes: [{name: A, memory: 1MiB, cpu: 5ms}, {name: B, memory: 3MiB, cpu: 5ms}]
        """,
    )
    run = priced(workload, *SIMPLE, loading_ns=us(500), loading_per_mib_ns=us(20))
    assert ends(run) == {"A": ms(5) + us(100), "B": ms(10) + us(200 + 560)}


def test_a_slice_takes_longer_by_its_share(tmp_path: Path) -> None:
    workload = written(tmp_path, "processes: [{name: A, cpu: 100ms}]")
    assert ends(priced(workload, *SIMPLE, overshoot_ppm=1000)) == {"A": ms(100) + us(200)}


def test_a_decision_takes_a_piece_of_a_slice_that_goes_on(tmp_path: Path) -> None:
    workload = written(
        tmp_path, "processes: [{name: A, cpu: 10ms}, {name: B, arrival: 5ms, cpu: 1ms}]"
    )
    run = priced(workload, *SIMPLE, beside_ns=us(40))
    assert ends(run)["A"] == ms(10) + us(140)
    assert [row.why for row in run.overheads] == ["dispatch", "dispatcher", "dispatch"]


def test_a_supervisor_that_stays_on_the_last_core_disturbs_only_that_one(tmp_path: Path) -> None:
    workload = written(
        tmp_path,
        "machine: {cores: 2}\nprocesses: [{name: A, cpu: 10ms}, {name: B, cpu: 10ms}, "
        "{name: C, arrival: 5ms, cpu: 1ms}]",
    )
    run = priced(workload, *SIMPLE, beside_ns=us(40), shared=True)
    assert ends(run)["A"] == ms(10) + us(100)
    assert ends(run)["B"] == ms(10) + us(140)


def test_a_slice_that_expires_while_virtual_time_waits_goes_on(tmp_path: Path) -> None:
    """Both quanta are over at one instant of virtual time. A got its core earlier than B.

    B's first dispatch took longer. A keeps its core until B's quantum is over, so it needs less
    afterwards.
    """
    workload = written(
        tmp_path,
        """
        machine: {cores: 2}
        scheduler: {policy: rr, quantum: 10ms}
        processes:
          - {name: A, cpu: 19ms}
          - {name: B, cpu: 20ms}
          - {name: C, cpu: 5ms}
          - {name: D, cpu: 5ms}
        """,
    )
    dear = DispatchKind(True, 0, 0, 0, home=True, mean_ns=us(300))
    run = priced(workload, *SIMPLE, dear, shared=True)
    first = [row for row in run.intervals if row.process == 0 and row.state == RUNNING]
    assert [row.end - row.start for row in first] == [ms(10) + us(200), ms(9) - us(200)]


def test_the_record_tells_the_price_and_is_read_again(tmp_path: Path) -> None:
    run = priced(written(tmp_path, "processes: [{name: A, cpu: 1ms}]"), *SIMPLE)
    stream = io.StringIO()
    write_run(run, stream)
    again = read_run(json.loads(stream.getvalue()))
    assert again.machine["price"]["kinds"][0]["mean_ns"] == us(100)
    assert again.machine["costs"]["dispatch"] == 0
