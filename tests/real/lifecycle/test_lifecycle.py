"""Real processes that start, join and end each other do what the model says, and leave nothing."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kernel.errors import UsageError
from kernel.units import ms
from kernel.workload import Workload
from language import Options
from language import load as load_file
from real import run_real
from real.lifecycle.fork_servers import ForkServers
from sim import simulate
from tests import paths
from tests.effort import portion
from tests.language.conftest import Load
from tests.real.workloads import run_undisturbed
from timeline.comparison.observations import side_by_side
from timeline.record.run import Run

FOLDER = paths.LESSONS / "life"
LESSONS = [path for path in sorted(FOLDER.glob("*.yaml")) if path.stem not in paths.NOT_REAL]

FORK = multiprocessing.get_context("fork")
FOREIGN = 20.0
"""Seconds in which semaphores of other programs on this machine have gone."""

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Not a process, not a zombie, no shared memory, no descriptor."""
    FORK.Barrier(2)  # multiprocessing keeps the memory of its first one for the next
    gc.collect()  # what other tests have not closed
    before, descriptors = _shared_memory(), _descriptors()
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    left = [c for c in psutil.Process().children(recursive=True) if c.pid not in children]
    assert left == []
    new, until = _shared_memory() - before, time.monotonic() + FOREIGN
    while new & _shared_memory() and time.monotonic() < until:  # another program's goes away
        time.sleep(0.1)
    assert new & _shared_memory() == set()
    assert _descriptors() <= descriptors


def _shared_memory() -> set[str]:
    names = (entry.name for entry in Path("/dev/shm").iterdir())
    return {name for name in names if name.startswith(("sem.", "pym-", "psm_"))}


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def codes(run: Run) -> list[tuple[str, str | None, int | None]]:
    return [(row.name, row.parent, row.exitcode) for row in run.processes]


def family(run: Run) -> list[tuple[str, str, str]]:
    """Events without their times; what happens at one instant has an order of its own."""
    return sorted((event.event, event.process, event.by) for event in run.lifecycle)


def both(workload: Workload) -> tuple[Run, Run]:
    """A model and a real run that must say the same.

    One that is left to the machine may say something else if others had its cores.
    """
    model, free = simulate(workload), workload.scheduler.dispatch == "none"
    real = run_undisturbed(workload) if free else run_real(workload)
    assert real.stopped == model.stopped
    assert [pair for pair in side_by_side(model, real) if not pair.equal] == []
    assert codes(real) == codes(model)
    assert family(real) == family(model)
    assert real.stuck == model.stuck
    return model, real


@pytest.mark.parametrize("path", portion(LESSONS), ids=lambda path: path.stem)
def test_a_lesson_says_the_same_on_both_machines(path: Path) -> None:
    both(load_file(path).workload)


def test_the_first_of_two_deadly_signals_in_a_row_decides_the_exit_code(load: Load) -> None:
    model, _ = both(
        load(
            "machine: {cores: 2}\nscheduler: {policy: rr, quantum: 5ms}\n"
            "programs: {computes: {cpu: 10s}, sleeps: {program: [{io: 10s}]}}\n"
            "processes:\n- name: P\n  program:\n"
            "  - start: {program: computes, name: a}\n"
            "  - start: {program: sleeps, name: b}\n"
            "  - start: {program: computes, name: c}\n"
            "  - start: {program: sleeps, name: d}\n"
            "  - io: 30ms\n"
            "  - {terminate: a}\n  - {kill: a}\n  - {observe: a}\n"
            "  - {terminate: b}\n  - {kill: b}\n  - {observe: b}\n"
            "  - {kill: c}\n  - {terminate: c}\n  - {observe: c}\n"
            "  - {interrupt: d}\n  - {terminate: d}\n  - {kill: d}\n  - {observe: d}\n"
            "  - {join: a}\n  - {join: b}\n  - {join: c}\n  - {join: d}\n"
        ).workload
    )
    ends = {row.name: row.exitcode for row in model.processes}
    assert ends == {"P": 0, "a": -15, "b": -15, "c": -9, "d": -9}


def test_an_observation_keeps_the_raw_status_beside_it(load: Load) -> None:
    _, real = both(
        load(
            "programs: {child: {cpu: 20ms}}\n"
            "processes:\n- name: P\n"
            "  program: [{start: {program: child}}, {io: 60ms}, {observe: child}]\n"
        ).workload
    )
    raw = [row.value for row in real.observations if row.name == "psutil child"]
    assert raw == ["zombie"]


def test_killing_one_that_is_stopped_in_the_middle_of_a_burst(load: Load) -> None:
    _, real = both(
        load(
            "scheduler: {policy: rr, quantum: 20ms}\n"
            "programs: {long: {cpu: 300ms}}\n"
            "processes:\n"
            "- {name: P, program: [{start: {program: long}}, {cpu: 50ms}, {terminate: long}]}\n"
            "- {name: Q, cpu: 60ms}\n"
        ).workload
    )
    long = real.processes[-1]
    assert (long.exitcode, long.cpu_ns > ms(10)) == (-15, True)


def test_a_barrier_of_three(load: Load) -> None:
    both(
        load(
            "barriers: {b: 3}\n"
            "programs: {meets: {program: [{cpu: 20ms}, {barrier: b}, {cpu: 20ms}, {print: on}]}}\n"
            "processes:\n- name: P\n  program:\n  - start: {program: meets, name: a}\n"
            "  - start: {program: meets, name: b}\n  - barrier: b\n  - print: met\n"
        ).workload
    )


def test_what_is_shared_reaches_one_that_is_spawned(load: Load) -> None:
    both(
        load(
            "start_method: spawn\nbarriers: {b: 2}\n"
            "programs:\n  child:\n    program:\n    - {receive: {queue: q, into: x}}\n"
            "    - {lock: L}\n    - {show: x}\n    - {unlock: L}\n    - {barrier: b}\n"
            "processes:\n- name: P\n  program:\n  - start: {program: child, args: [1]}\n"
            "  - {lock: L}\n  - send: {queue: q, value: [1, two]}\n  - {io: 40ms}\n"
            "  - {unlock: L}\n  - {barrier: b}\n  - {print: met}\n"
        ).workload
    )


@pytest.mark.parametrize("name", ["orphan", "orphan-by-terminate", "zombie", "pid-ppid-name"])
def test_a_lesson_under_a_fork_server(name: str) -> None:
    options = Options(sets=("start_method=forkserver",))
    both(load_file(FOLDER / f"{name}.yaml", options).workload)


def test_fork_servers_of_children_and_a_kill(load: Load) -> None:
    _, real = both(
        load(
            "start_method: forkserver\nscheduler: {policy: rr, quantum: 20ms}\n"
            "programs:\n"
            "  inner: {program: [{cpu: 40ms}, {print: inner}, {exit: 4}]}\n"
            "  middle: {program: [{start: {program: inner}}, {io: 80ms}, {observe: inner}]}\n"
            "  long: {cpu: 1s}\n"
            "processes:\n- name: P\n  program:\n  - start: {program: middle, style: subclass}\n"
            "  - start: {program: long}\n  - io: 30ms\n  - terminate: long\n  - io: 30ms\n"
            "  - observe: long\n  - join: middle\n  - active_children: true\n"
        ).workload
    )
    ends = {row.name: row.exitcode for row in real.processes}
    assert ends == {"P": 0, "middle": 0, "long": -15, "inner": 4}


def test_a_fork_server_goes_on_for_starts_and_for_no_other_call(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would reap a child that dies of the call, before anybody looks."""
    asked: list[int] = []
    let_fork = ForkServers.let_fork

    def noted(servers: ForkServers, starter: int) -> None:
        asked.append(starter)
        let_fork(servers, starter)

    monkeypatch.setattr(ForkServers, "let_fork", noted)
    text = (
        "start_method: forkserver\nprograms: {long: {cpu: 1s}}\nprocesses:\n- name: P\n  program:\n"
    )
    text += "  - start: {program: long, name: a}\n  - start: {program: long, name: b}\n"
    text += (
        "  - {terminate: a}\n  - {observe: b}\n  - {terminate: b}\n  - {join: a}\n  - {join: b}\n"
    )
    run_real(load(text).workload)
    assert asked == [0, 0]


@pytest.mark.parametrize(("asks", "code"), [("terminate", -15), ("kill", -9)])
def test_a_victim_stays_alive_while_a_fork_server_reaps_another(
    load: Load, monkeypatch: pytest.MonkeyPatch, asks: str, code: int
) -> None:
    """A server that reaps one zombie reaps all that are there."""
    let_reap = ForkServers.let_reap

    def late(servers: ForkServers, starter: int, child: int) -> None:
        time.sleep(0.2)  # a victim that was let go is dead by now
        let_reap(servers, starter, child)

    monkeypatch.setattr(ForkServers, "let_reap", late)
    steps = [f"start: {{program: long, name: {name}}}" for name in "abc"]
    steps += [f"{asks}: {name}" for name in "abc"] + [f"join: {name}" for name in "abc"]
    program = "".join(f"  - {step}\n" for step in steps)
    text = f"programs: {{long: {{cpu: 1s}}}}\nprocesses:\n- name: P\n  program:\n{program}"
    real = run_real(load("start_method: forkserver\n" + text).workload)
    assert [row.exitcode for row in real.processes] == [0, code, code, code]


def test_what_is_shared_reaches_one_by_a_fork_server(load: Load) -> None:
    both(
        load(
            "start_method: forkserver\nbarriers: {b: 2}\n"
            "programs:\n  child:\n    program:\n    - {receive: {queue: q, into: x}}\n"
            "    - {lock: L}\n    - {show: x}\n    - {unlock: L}\n    - {barrier: b}\n"
            "processes:\n- name: P\n  program:\n  - start: {program: child, args: [1]}\n"
            "  - {lock: L}\n  - send: {queue: q, value: [1, two]}\n  - {io: 40ms}\n"
            "  - {unlock: L}\n  - {barrier: b}\n  - {print: met}\n"
        ).workload
    )


def test_more_than_a_fork_server_takes_is_refused(load: Load) -> None:
    starts = " ".join(f"- start: {{program: c, name: c{n}}}\n " for n in range(241))
    text = "start_method: forkserver\nprograms: {c: {cpu: 1ms}}\n"
    workload = load(f"{text}processes:\n- name: P\n  program:\n  {starts}").workload
    with pytest.raises(UsageError, match="at most 240"):
        run_real(workload)


def test_children_in_partitions(load: Load) -> None:
    model, real = both(
        load(
            "memory: {partitions: [64KiB, 64KiB]}\n"
            "programs: {child: {memory: 40KiB, program: [{cpu: 20ms}]}}\n"
            "processes:\n- name: P\n  memory: 64KiB\n  program:\n  - cpu: 20ms\n"
            "  - start: {program: child, name: a}\n  - start: {program: child, name: b}\n"
            "  - join: a\n  - join: b\n"
        ).workload
    )
    assert [row.memory for row in real.processes] == [row.memory for row in model.processes]


def test_two_cores(load: Load) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two processors")
    both(
        load(
            "machine: {cores: 2}\nprograms: {child: {program: [{cpu: 60ms}, {print: done}]}}\n"
            "processes: [{name: P, program: [{cpu: 20ms}, {start: {program: child}}, {cpu: 20ms}, "
            "{join: child}, {observe: child}]}]\n"
        ).workload
    )


def test_a_run_that_is_stopped_in_time_leaves_no_process(load: Load) -> None:
    text = (
        "programs: {child: {program: [{start: {program: long}}, {cpu: 20s}]}, long: {cpu: 20s}}\n"
        "scheduler: {policy: rr, quantum: 10ms}\n"
        "processes: [{name: P, program: [{start: {program: child}}, {cpu: 20s}]}]\n"
    )
    run = run_real(load(text).workload, timeout=ms(300))
    assert (run.stopped or "").startswith("it took longer than the timeout")
    assert run.processes[0].name == "P"
