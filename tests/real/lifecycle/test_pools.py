"""A real `multiprocessing.Pool`, its workers and its threads, do what the model says."""

from __future__ import annotations

import time

import pytest

from kernel.lifecycle.sync.pool import TaskHandler
from real import run_real
from real.lifecycle.actions import ActionRunner
from tests.language.conftest import Load
from tests.real.lifecycle.test_lifecycle import both, codes, nothing_is_left

__all__ = ["nothing_is_left"]

pytestmark = pytest.mark.real

TASKS = """
stall_timeout: 500ms
scheduler: {policy: rr, quantum: 20ms}
programs:
  quick: {program: [{cpu: 5ms}, {return: quick}]}
  slow: {program: [{cpu: 60ms}, {return: slow}]}
  crash: {program: [{cpu: 5ms}, {os_exit: 3}]}
  nap: {program: [{io: 200ms}]}
"""
KILLER = "- {name: K, program: [{io: 40ms}, {cpu: 1ms}, {kill: %s}]}\n"


def pooled(steps: str, *, workers: int = 2, others: str = "", cores: int = 1) -> str:
    program = f"[{{open_pool: p}}, {steps}]"
    return (
        f"{TASKS}machine: {{cores: {cores}}}\npools: {{p: {workers}}}\n"
        f"processes:\n- {{name: P, program: {program}}}\n{others}"
    )


def submit(*tasks: str) -> str:
    return ", ".join(f"{{submit: {{pool: p, task: {task}}}}}" for task in tasks)


def test_workers_are_reaped_and_replaced_while_the_pool_s_process_computes(load: Load) -> None:
    steps = f"{submit('crash', 'crash')}, {{cpu: 60ms}}, {submit('quick')}, {{get: quick}}"
    _, real = both(load(pooled(f"{steps}, {{terminate_pool: p}}", cores=2)).workload)
    assert [code for _, _, code in codes(real)][1:3] == [3, 3]


def test_a_worker_that_is_killed_at_its_task_leaves_the_others_to_work(load: Load) -> None:
    steps = f"{submit('slow')}, {{io: 60ms}}, {submit('quick')}, {{get: quick}}, {{get: slow}}"
    both(load(pooled(steps, others=KILLER % "p/1")).workload)


def test_a_worker_that_is_killed_while_it_waits_stops_the_pool(load: Load) -> None:
    steps = f"{{io: 80ms}}, {submit('quick')}, {{get: {{result: quick, timeout: 100ms}}}}"
    both(load(pooled(f"{steps}, {{terminate_pool: p}}", others=KILLER % "p/1")).workload)


def test_workers_end_when_the_process_of_the_pool_is_killed(load: Load) -> None:
    both(load(pooled(f"{submit('slow')}, {{io: 1s}}", others=KILLER % "P")).workload)


def test_closing_and_joining_more_tasks_than_workers(load: Load) -> None:
    steps = (
        f"{submit('slow', 'quick', 'quick')}, {{close_pool: p}}, {{join_pool: p}}, {{get: slow}}"
    )
    both(load(pooled(steps, workers=3, cores=2)).workload)


def test_another_task_than_the_rules_say_is_a_divergence(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real queue decides which task a worker takes, and the supervisor is told."""
    monkeypatch.setattr(TaskHandler, "hand_in", _backwards)
    found = run_real(load(pooled("{map: {pool: p, tasks: [slow, quick]}}")).workload)
    [divergence] = found.divergences
    assert (divergence.rules, divergence.reality) == ("takes task 2", "took task 1")


def _backwards(handler: object, tasks: list[object] | None) -> None:
    handler._queue.append(tasks and tasks[::-1])  # type: ignore[attr-defined]
    handler._has_more.changed()  # type: ignore[attr-defined]


EXECUTOR = "kind: executor}}"


def test_an_executor_with_a_worker_that_is_killed_while_another_works(load: Load) -> None:
    steps = f"{submit('slow', 'quick')}, {{get: quick}}, {{get: slow}}, {{shutdown: p}}"
    text = pooled(steps, others=KILLER % "p/2", cores=2)
    both(load(text.replace("pools: {p: 2}", f"pools: {{p: {{workers: 2, {EXECUTOR}")).workload)


def test_an_executor_that_is_not_shut_down(load: Load) -> None:
    text = pooled(f"{submit('quick')}, {{get: quick}}")
    both(load(text.replace("pools: {p: 2}", f"pools: {{p: {{workers: 2, {EXECUTOR}")).workload)


def test_the_manager_of_an_executor_ends_no_worker_before_its_turn(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a worker has died, the manager goes on at once, and sends SIGTERM to the others."""
    let_go = ActionRunner._let_masters_go

    def slowly(self: ActionRunner) -> None:
        goes_on = bool(self._stopped_masters)
        let_go(self)
        time.sleep(0.03 if goes_on else 0)

    monkeypatch.setattr(ActionRunner, "_let_masters_go", slowly)
    steps = f"{submit('nap')}, {{io: 60ms}}, {{get: nap}}, {{shutdown: p}}"
    text = pooled(steps, others=KILLER % "p/2", workers=3)
    both(load(text.replace("pools: {p: 3}", f"pools: {{p: {{workers: 3, {EXECUTOR}")).workload)
