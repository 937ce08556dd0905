"""Pools of workers by the rules: what becomes of tasks, of their results, and of the workers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.units import ms
from sim import simulate
from tests.language.conftest import Load
from timeline.laws.check import check as check_laws
from timeline.record.run import Run

TASKS = """
programs:
  quick: {program: [{cpu: 1ms}, {return: quick}]}
  slow: {program: [{cpu: 100ms}, {return: slow}]}
  wrong: {program: [{cpu: 1ms}, {raise: KeyError}, {print: never}]}
  crash: {program: [{cpu: 1ms}, {os_exit: 3}]}
  leave: {program: [{cpu: 1ms}, {exit: 4}]}
  any: {program: [{cpu: {exponential: 10ms}}, {return: any}]}
"""


def run_of(load: Load, steps: str, *, workers: int = 2, others: str = "", more: str = "") -> Run:
    text = (
        f"{TASKS}pools: {{p: {workers}}}\nscheduler: {{policy: rr, quantum: 20ms}}\n{more}"
        f"processes:\n- {{name: P, program: [{{open_pool: p}}, {steps}]}}\n{others}"
    )
    run = simulate(load(text).workload)
    assert check_laws(run) == []
    return run


def said(run: Run, process: str = "P") -> dict[str, Any]:
    return {row.name: row.value for row in run.observations if row.process == process}


def codes(run: Run) -> dict[str, int | None]:
    return {row.name: row.exitcode for row in run.processes}


def reaped(run: Run) -> list[tuple[str, str]]:
    return [(row.process, row.by) for row in run.lifecycle if row.event == "reaped"]


SUBMIT = "{submit: {pool: p, task: %s}}"


def test_more_tasks_than_workers_are_all_done(load: Load) -> None:
    tasks = ", ".join(["quick"] * 9)
    run = run_of(load, f"{{map: {{pool: p, tasks: [{tasks}]}}}}", workers=3)
    assert said(run)["map p"] == ["quick"] * 9


def test_results_are_in_the_order_of_the_tasks(load: Load) -> None:
    run = run_of(load, "{map: {pool: p, tasks: [slow, quick]}}", more="machine: {cores: 2}\n")
    assert said(run)["map p"] == ["slow", "quick"]


def test_a_task_without_return_returns_none(load: Load) -> None:
    more = "variables: {x: 1}\n"
    run = run_of(load, "{submit: {pool: p, task: wrong}}, {get: wrong}, {get: x}", more=more)
    assert said(run) == {
        "get wrong": "KeyError",
        "get x": "NameError: name 'x' is not defined",
    }


def test_a_timeout_leaves_the_result_to_be_got_later(load: Load) -> None:
    steps = SUBMIT % "slow" + ", {get: {result: slow, timeout: 20ms}}, {io: 200ms}, {get: slow}"
    answers = [row.value for row in run_of(load, steps).observations]
    assert answers == ["TimeoutError", "slow"]


def test_a_worker_that_dies_is_replaced_and_its_task_is_lost(load: Load) -> None:
    steps = (
        f"{SUBMIT % 'crash'}, {SUBMIT % 'leave'}, {{io: 50ms}}, {SUBMIT % 'quick'}, {{get: quick}}"
    )
    run = run_of(load, f"{steps}, {{get: leave}}")
    assert said(run) == {"get quick": "quick"}
    assert codes(run) == {"P": None, "p/1": 3, "p/2": 4, "p/3": None, "p/4": None}
    assert run.stuck == ["P", "p/3", "p/4"]


def test_close_lets_the_workers_do_what_was_handed_in(load: Load) -> None:
    steps = f"{SUBMIT % 'slow'}, {SUBMIT % 'quick'}, {{close_pool: p}}, {{join_pool: p}}"
    run = run_of(load, f"{steps}, {{get: slow}}, {SUBMIT % 'quick'}")
    assert said(run) == {"get slow": "slow", "submit p": "ValueError: Pool not running"}
    assert codes(run) == {"P": 0, "p/1": 0, "p/2": 0}
    assert sorted(reaped(run))[1:] == [("p/1", "P"), ("p/2", "P")]


def test_a_closed_pool_with_a_lost_task_is_joined_for_ever(load: Load) -> None:
    run = run_of(load, f"{SUBMIT % 'crash'}, {{io: 50ms}}, {{close_pool: p}}, {{join_pool: p}}")
    assert run.stuck == ["P", "p/2", "p/3"]


def test_terminate_ends_the_tasks_and_loses_their_results(load: Load) -> None:
    steps = f"{SUBMIT % 'slow'}, {{io: 10ms}}, {{terminate_pool: p}}, {{terminate_pool: p}}"
    run = run_of(load, f"{steps}, {{join_pool: p}}, {{get: slow}}")
    assert codes(run)["p/1"] == -15
    assert run.stuck == ["P"]


def test_the_end_of_the_process_terminates_its_pool(load: Load) -> None:
    run = run_of(load, f"{SUBMIT % 'slow'}, {{io: 10ms}}")
    assert codes(run) == {"P": 0, "p/1": -15, "p/2": 0}


def test_a_worker_that_is_killed_while_it_waits_stops_the_pool(load: Load) -> None:
    """It held the lock of the readers: no worker gets a task, and terminate() waits for it."""
    killer = "- {name: K, program: [{io: 20ms}, {kill: p/1}]}\n"
    run = run_of(load, f"{{io: 50ms}}, {SUBMIT % 'quick'}, {{terminate_pool: p}}", others=killer)
    assert run.stuck == ["P", "p/2", "p/3"]
    assert "the read lock of the tasks of pool p, held by p/1" in (run.stopped or "")


def test_workers_end_when_the_process_of_the_pool_is_killed(load: Load) -> None:
    killer = "- {name: K, program: [{io: 20ms}, {kill: P}]}\n"
    run = run_of(load, "{io: 1s}", others=killer)
    assert codes(run) == {"P": -9, "K": 0, "p/1": 0, "p/2": 0}
    assert ("p/1", "supervisor") in reaped(run)


def test_a_worker_whose_result_nobody_can_read_ends_with_an_error(load: Load) -> None:
    killer = "- {name: K, program: [{io: 20ms}, {kill: P}]}\n"
    run = run_of(load, f"{SUBMIT % 'slow'}, {{io: 1s}}", others=killer)
    assert codes(run)["p/1"] == 1
    assert said(run, "p/1") == {"raise": "BrokenPipeError"}


def test_a_task_takes_the_same_time_in_whichever_worker(load: Load) -> None:
    steps = "{map: {pool: p, tasks: [any, any, any, any]}}"
    used = [
        sum(row.cpu_ns for row in run_of(load, steps, workers=workers).processes)
        for workers in (1, 2, 4)
    ]
    assert len(set(used)) == 1


EXECUTOR = "pools: {p: {workers: 2, kind: executor}}\n"


def executed(load: Load, steps: str, others: str = "") -> Run:
    text = (
        f"{TASKS}{EXECUTOR}scheduler: {{policy: rr, quantum: 20ms}}\n"
        f"processes:\n- {{name: P, program: [{{open_pool: p}}, {steps}]}}\n{others}"
    )
    run = simulate(load(text).workload)
    assert check_laws(run) == []
    return run


def test_an_executor_starts_its_workers_with_the_first_task(load: Load) -> None:
    born = dict.fromkeys(("p/1", "p/2"))
    run = executed(load, f"{{io: 30ms}}, {SUBMIT % 'quick'}, {{get: quick}}, {{shutdown: p}}")
    arrivals = {row.name: row.arrival_ns for row in run.processes if row.name in born}
    assert set(arrivals.values()) == {ms(30)}
    assert codes(run) == {"P": 0, "p/1": 0, "p/2": 0}
    idle = executed(load, "{shutdown: p}")
    assert [row.name for row in idle.processes] == ["P"]


def test_a_map_of_an_executor_stops_at_the_first_error(load: Load) -> None:
    """Tasks that no worker can take yet are given up; those in the queue of calls are done."""
    tasks = "wrong, slow, slow, slow, slow, slow, slow"
    run = executed(load, f"{{map: {{pool: p, tasks: [{tasks}]}}}}, {{shutdown: p}}")
    assert said(run) == {"map p": "KeyError"}
    assert sum(row.cpu_ns for row in run.processes) < ms(500)


def test_a_map_of_an_executor_stops_before_its_process_has_a_core(load: Load) -> None:
    """Its main thread goes on with the manager: then one task more is in the queue of calls."""
    tasks = ", ".join(["wrong"] + ["quick"] * 9)  # all of them fit into one quantum
    run = executed(load, f"{{map: {{pool: p, tasks: [{tasks}]}}}}, {{shutdown: p}}")
    assert sum(row.cpu_ns for row in run.processes) == ms(5)


def test_a_worker_that_is_killed_breaks_the_executor_even_if_it_waits(load: Load) -> None:
    killer = "- {name: K, program: [{io: 50ms}, {kill: p/1}]}\n"
    steps = f"{SUBMIT % 'quick'}, {{get: quick}}, {{io: 100ms}}, {SUBMIT % 'slow'}, {{shutdown: p}}"
    run = executed(load, steps, killer)
    assert said(run)["submit p"].startswith("BrokenProcessPool: A child process terminated")
    assert codes(run) == {"P": 0, "K": 0, "p/1": -9, "p/2": -15}


def test_an_executor_that_is_shut_down_takes_no_task(load: Load) -> None:
    run = executed(load, f"{SUBMIT % 'quick'}, {{shutdown: p}}, {{shutdown: p}}, {SUBMIT % 'slow'}")
    error = "RuntimeError: cannot schedule new futures after shutdown"
    assert said(run) == {"submit p": error}


@pytest.mark.parametrize(("python", "stuck"), [((3, 12), ["P", "p/1", "p/2"]), ((3, 13), [])])
def test_the_end_of_a_child_process_joins_workers_before_3_13_and_ends_them_since(
    load: Load, python: tuple[int, int], stuck: list[str]
) -> None:
    program = f"[{{open_pool: p}}, {SUBMIT % 'quick'}]"
    text = f"{TASKS}{EXECUTOR}processes: [{{name: P, program: {program}}}]\n"
    workload = load(text).workload
    assert workload.lifecycle is not None
    rules = replace(workload.lifecycle, python=python)
    assert simulate(replace(workload, lifecycle=rules)).stuck == stuck
