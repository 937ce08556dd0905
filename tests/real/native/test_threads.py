"""Threads of real processes: the interpreter lock is Python's own, the scheduler the kernel's."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from kernel.errors import UsageError
from kernel.process.states import BLOCKED, RUNNING
from kernel.units import ms
from kernel.workload import Workload
from real import run_real
from real.host import sched_classes
from sim import simulate
from tests.language.conftest import Load
from tests.paths import ROOT
from tests.real.lifecycle.test_lifecycle import both
from timeline.comparison.compare import compare
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors"),
    pytest.mark.skipif(
        not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="no interpreter lock here"
    ),
]


def threads(
    load: Load, programs: str, cores: int = 2, more: str = "", others: str = ""
) -> Workload:
    head = f"machine: {{cores: {cores}}}\nscheduler: {{policy: fair, dispatch: none}}\n{more}"
    text = f"{head}processes:\n- {{name: P, threads: {programs}}}\n{others}"
    return load(text).workload


def end(run: Run, name: str) -> int:
    completion = next(row.completion_ns for row in run.processes if row.name == name)
    assert completion is not None
    return completion


def running_intervals(run: Run, *names: str) -> list[tuple[int, int]]:
    """When (ns) any of these ran, by start."""
    mine = {at for at, name in enumerate(run.process_names) if name in names}
    rows = (row for row in run.intervals if row.process in mine and row.state == RUNNING)
    return sorted((row.start, row.end) for row in rows)


def test_one_thread_computes_at_a_time(load: Load) -> None:
    run = run_real(threads(load, "[[{cpu: 60ms}], [{cpu: 60ms}]]"))
    assert check(run) == []
    ran = running_intervals(run, "P/1", "P/2")
    assert sum(max(0, one[1] - other[0]) for one, other in pairwise(ran)) < ms(1)
    assert end(run, "P") >= ms(119)


def test_they_take_turns_and_are_blocked_while_another_has_the_lock(load: Load) -> None:
    run = run_real(threads(load, "[[{cpu: 100ms}], [{cpu: 100ms}]]"))
    for name in ("P/1", "P/2"):
        assert len(running_intervals(run, name)) > 3
        row = next(row for row in run.processes if row.name == name)
        assert row.blocked_ns > ms(40)


def test_each_gets_the_cpu_time_that_it_asks_for(load: Load) -> None:
    run = run_real(threads(load, "[[{cpu: 30ms}], [{cpu: 10ms}, {io: 5ms}, {cpu: 10ms}]]"))
    had = {row.name: row.cpu_ns for row in run.processes}
    assert abs(had["P/1"] - ms(30)) < ms(1) and abs(had["P/2"] - ms(20)) < ms(1)


def test_waits_for_io_overlap(load: Load) -> None:
    run = run_real(threads(load, "[[{io: 200ms}], [{io: 200ms}], [{io: 200ms}]]", cores=1))
    waits = [row for row in run.intervals if row.state == BLOCKED and row.end - row.start > ms(150)]
    assert len({row.process for row in waits}) == 4  # the main thread waits for the three
    assert max(row.start for row in waits) < min(row.end for row in waits)


def test_calls_return_the_same_on_both_machines(load: Load) -> None:
    both(
        threads(
            load,
            "[[{cpu: 10ms}, {lock: L}, {io: 40ms}, {set: {a: 5}}, {unlock: L}, {barrier: b},"
            " {print: one}, {exit: 3}],"
            " [{io: 30ms}, {lock: L}, {show: a}, {unlock: L}, {unlock: L}, {barrier: b},"
            " {io: 30ms}, {send: {queue: q, value: 7}}],"
            " [{io: 20ms}, {barrier: b}, {receive: {queue: q, into: a}}, {show: a}, {show: nix},"
            " {raise: ValueError}]]",
            more="variables: {a: 1}\nbarriers: {b: 3}\n",
            others="- name: Q\n"
            "  program: [{io: 150ms}, {lock: L}, {unlock: L}, {show: a}, {exit: 4}]\n",
        )
    )


def test_local_calls_need_no_threads(load: Load) -> None:
    text = (
        "scheduler: {policy: fair, dispatch: none}\nprocesses:\n"
        "- {name: A, program: [{cpu: 5ms}, {send: {queue: q, value: 1}}, {raise: KeyError}]}\n"
        "- {name: B, program: [{receive: q}, {print: got it}, {yield: true}, {os_exit: 7}]}\n"
    )
    both(load(text).workload)


def test_a_deadlock_is_told_in_the_models_words(load: Load) -> None:
    text = (
        "scheduler: {policy: fair, dispatch: none}\nstall_timeout: 1s\nbarriers: {b: 2}\n"
        "processes:\n- name: P\n  threads:\n"
        "  - [{lock: A}, {io: 60ms}, {lock: B}]\n  - [{lock: B}, {io: 60ms}, {lock: A}]\n"
        "- {name: Q, program: [{cpu: 1ms}, {lock: C}, {exit: 3}]}\n"
        "- {name: R, program: [{io: 100ms}, {lock: C}]}\n"
        "- {name: S, program: [{barrier: b}]}\n- {name: T, program: [{receive: q}]}\n"
    )
    _, real = both(load(text).workload)
    assert check(real) == []


def test_steps_that_concern_other_processes_are_refused(load: Load) -> None:
    text = (
        "scheduler: {policy: fair, dispatch: none}\nprograms: {c: {cpu: 1ms}}\n"
        "processes: [{name: P, program: [{start: {program: c}}]}]\n"
    )
    with pytest.raises(UsageError, match="the step start is made at the dispatcher's order"):
        run_real(load(text).workload)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "programs: {c: {cpu: 1ms}}\n"
            "processes: [{name: P, threads: [[{start: {program: c}}]]}]\n",
            "the step start is made at the dispatcher's order: simulate, or export it",
        ),
        (
            "locks: {m: thread}\nprocesses: [{name: P, threads: [[{lock: m}]]}]\n",
            "lock m: of a lock of kind thread each process has its own",
        ),
    ],
)
def test_what_native_threads_cannot_do_is_refused(load: Load, text: str, says: str) -> None:
    workload = load(f"scheduler: {{policy: fair, dispatch: none}}\n{text}").workload
    with pytest.raises(UsageError, match=says):
        sched_classes.require(workload, 2)


@pytest.mark.parametrize(
    ("has_lock", "kind", "says"),
    [
        (True, "free-threaded", "P: threads without an interpreter lock need a free-threaded"),
        (False, "gil", "no interpreter lock"),
        (True, "per-interpreter", "P: an interpreter for each thread is modelled, and not run"),
        (False, "per-interpreter", "P: an interpreter for each thread is modelled, and not run"),
    ],
)
def test_another_python_than_the_scenario_names_is_refused(
    load: Load, monkeypatch: pytest.MonkeyPatch, has_lock: bool, kind: str, says: str
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: has_lock, raising=False)
    text = (
        f"interpreter: {kind}\nscheduler: {{policy: fair, dispatch: none}}\n"
        "processes: [{name: P, threads: [[{cpu: 1ms}]]}]\n"
    )
    with pytest.raises(UsageError, match=says):
        sched_classes.require(load(text).workload, 2)


@pytest.mark.parametrize(("has_lock", "kind"), [(True, "gil"), (False, "free-threaded")])
def test_the_python_that_the_scenario_names_is_not(
    load: Load, monkeypatch: pytest.MonkeyPatch, has_lock: bool, kind: str
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: has_lock, raising=False)
    workload = threads(load, "[[{cpu: 1ms}]]")
    assert workload.processes[0].program.calls[0].options["interpreter"] == kind
    sched_classes.require(workload, 2)


def test_the_lessons_agree_or_were_disturbed() -> None:
    from language import load as load_file

    for name in ("threads-against-processes", "threads-that-wait"):
        workload = load_file(ROOT / "scenarios" / "lessons" / "life" / f"{name}.yaml").workload
        verdict = "disagree"
        for _ in range(3):  # another program may disturb it unseen
            found = compare(simulate(workload), run_real(workload))
            verdict = found.verdict
            if verdict != "disagree":
                break
        assert verdict != "disagree", found.sentence


def test_an_interrupted_run_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "machine: {cores: 2}\nscheduler: {policy: fair, dispatch: none}\n"
        "processes: [{name: P, threads: [[{cpu: 30s}], [{io: 30s}], [{lock: L}, {lock: L}]]}]\n"
    )
    command = [
        sys.executable,
        str(ROOT / "cli.py"),
        "run-real",
        "--no-wait",
        "f.yaml",
        "--timeout",
        "300ms",
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "it took longer than the timeout" in ran.stdout + ran.stderr
    assert psutil.Process().children(recursive=True) == []
