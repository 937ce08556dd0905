"""The graph of a deadlock in the terminal."""

from __future__ import annotations

from report.base.screen import ASCII
from report.sections.deadlock import deadlock_facts
from sim import simulate
from tests.language.conftest import Load, load

__all__ = ["load"]

CIRCLE = (
    "programs: {wants: {program: [{lock: B}, {cpu: 30ms}, {lock: A}]}}\n"
    "scheduler: {policy: rr}\n"
    "processes:\n"
    "- {name: P, program: [{start: {program: wants}}, {lock: A}, {cpu: 30ms}, {lock: B}]}\n"
    "- {name: Q, program: [{receive: q}]}\n"
)


def test_each_process_with_what_it_waits_for_and_the_circle(load: Load) -> None:
    run = simulate(load(CIRCLE).workload)
    assert list(deadlock_facts(run, ASCII)) == [
        ("P", "waits for lock B, held by wants -> wants"),
        ("Q", "waits for queue q, to which no process sends"),
        ("wants", "waits for lock A, held by P -> P"),
        ("circle", "P -> wants -> P"),
    ]


def test_no_deadlock_no_graph(load: Load) -> None:
    run = simulate(load("processes: [{name: P, cpu: 5ms}]\n").workload)
    assert list(deadlock_facts(run, ASCII)) == []
