"""Threads in the model: the interpreter lock, what they share, and how they end."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.process.states import RUNNING
from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.language.conftest import Load
from timeline.laws.check import check
from timeline.record.run import ProcessRow, Run


def run(load: Load, threads: str, cores: int = 2, more: str = "", others: str = "") -> Run:
    """A run of process P with these threads (a YAML list), and of `others` (further entries)."""
    head = f"machine: {{cores: {cores}}}\nscheduler: {{policy: fair, dispatch: none}}\n{more}"
    text = f"{head}processes:\n- {{name: P, threads: {threads}}}\n{others}"
    found = simulate(load(text).workload)
    assert check(found) == []
    return found


def row(found: Run, name: str) -> ProcessRow:
    return next(each for each in found.processes if each.name == name)


def end(found: Run, name: str) -> float:
    """When it ended, ms."""
    completion = row(found, name).completion_ns
    assert completion is not None
    return round(completion / ms(1), 3)


def said(found: Run) -> list[tuple[str, str, Any]]:
    return [(each.process, each.name, each.value) for each in found.observations]


def test_two_that_compute_take_as_long_as_one_after_the_other(load: Load) -> None:
    found = run(load, "[[{cpu: 100ms}], [{cpu: 100ms}]]")
    assert (end(found, "P/1"), end(found, "P/2"), end(found, "P")) == (195, 200, 200)


def test_two_processes_take_half_of_it(load: Load) -> None:
    found = run(load, "[[{cpu: 1ms}]]", others="- {name: A, cpu: 100ms}\n- {name: B, cpu: 100ms}\n")
    assert max(end(found, "A"), end(found, "B")) < 102


def test_they_take_turns_of_five_milliseconds(load: Load) -> None:
    found = run(load, "[[{cpu: 20ms}], [{cpu: 20ms}]]")
    turns = [i.end - i.start for i in found.intervals if i.state == RUNNING and i.process > 0]
    assert turns == [ms(5)] * 8


def test_who_looks_at_a_taken_lock_and_is_told_at_once_has_not_run(load: Load) -> None:
    """P/1 gets the lock, P/2 looks, P/1 lets it go: all at 1 ms, when others are first in line."""
    text = """
machine: {cores: 2}
scheduler: {policy: fcfs, dispatch: none}
processes:
- {name: P, threads: [[{print: x}, {io: 1ms}], [{cpu: 2ms}]]}
- {name: O, count: 2, cpu: 1ms}
- {name: L, arrival: 500us, count: 2, cpu: 1ms}
"""
    found = simulate(load(text).workload)
    assert check(found) == []
    row = found.processes[found.process_names.index("P/2")]
    assert (row.slices, row.waiting_ns, row.first_run_ns) == (1, ms(2), ms(2))


def test_waits_for_io_overlap(load: Load) -> None:
    found = run(load, "[[{io: 100ms}], [{io: 100ms}], [{io: 100ms}]]", cores=1)
    assert end(found, "P") == 100


def test_who_waits_for_io_drops_the_lock_at_once(load: Load) -> None:
    found = run(load, "[[{cpu: 1ms}, {io: 50ms}], [{cpu: 10ms}]]")
    assert end(found, "P/2") == 11


def test_who_comes_back_from_io_waits_for_an_interval(load: Load) -> None:
    found = run(load, "[[{cpu: 100ms}], [{cpu: 1ms}, {io: 10ms}, {cpu: 1ms}]]")
    # P/1 0-5, P/2 5-6, P/1 6-21: P/2 wants the lock at 16 and gets it at 21
    assert end(found, "P/2") == 22


def test_a_single_core_is_shared_all_the_same(load: Load) -> None:
    found = run(load, "[[{cpu: 50ms}], [{cpu: 50ms}]]", cores=1)
    assert end(found, "P") == 100


def test_a_holder_without_a_core_keeps_the_lock(load: Load) -> None:
    """With another process on the only core the lock changes hands only where its holder runs."""
    found = run(load, "[[{cpu: 30ms}], [{cpu: 30ms}]]", cores=1, others="- {name: X, cpu: 60ms}\n")
    assert max(end(found, name) for name in ("P", "X")) == 120


def test_threads_share_variables_and_processes_do_not(load: Load) -> None:
    found = run(
        load,
        "[[{set: {a: 7}}], [{io: 20ms}, {show: a}]]",
        more="variables: {a: 1}\n",
        others="- {name: Q, program: [{io: 30ms}, {show: a}]}\n",
    )
    assert said(found) == [("P/2", "prints", "a = 7"), ("Q", "prints", "a = 1")]


def test_exit_and_an_exception_end_the_thread_alone(load: Load) -> None:
    found = run(
        load,
        "[[{cpu: 1ms}, {exit: 3}, {print: never}], [{raise: ValueError}],"
        " [{io: 50ms}, {print: here}]]",
    )
    assert said(found) == [("P/2", "raise", "ValueError"), ("P/3", "prints", "here")]
    assert row(found, "P").exitcode == 0
    assert [row(found, f"P/{number}").exitcode for number in (1, 2, 3)] == [None] * 3


def test_who_waits_for_a_lock_drops_the_interpreter_lock(load: Load) -> None:
    found = run(
        load,
        "[[{lock: L}, {io: 40ms}, {unlock: L}], [{io: 10ms}, {lock: L}, {unlock: L}],"
        " [{io: 10ms}, {cpu: 20ms}]]",
    )
    assert end(found, "P/3") == 30
    assert end(found, "P/2") == 40


def test_a_queue_connects_threads(load: Load) -> None:
    found = run(load, "[[{receive: q}], [{cpu: 10ms}, {send: {queue: q, value: 3}}, {io: 5ms}]]")
    assert said(found) == [("P/1", "receive q", 3)]
    assert end(found, "P/1") == 10


def test_a_barrier_lets_all_pass(load: Load) -> None:
    found = run(
        load,
        "[[{barrier: b}, {print: one}], [{io: 10ms}, {barrier: b}, {print: two}]]",
        more="barriers: {b: 2}\n",
    )
    assert sorted(value for _, _, value in said(found)) == ["one", "two"]


def test_a_deadlock_of_threads_says_who_waits(load: Load) -> None:
    text = (
        "scheduler: {policy: fair, dispatch: none}\nprocesses:\n- name: P\n  threads:\n"
        "  - [{lock: A}, {io: 10ms}, {lock: B}]\n  - [{lock: B}, {io: 10ms}, {lock: A}]\n"
    )
    found = simulate(load(text).workload)
    assert found.stopped == (
        "deadlock: P waits for its threads P/1, P/2; P/1 waits for lock B, held by P/2; "
        "P/2 waits for lock A, held by P/1"
    )


def test_a_named_program_can_be_several_threads(load: Load) -> None:
    found = run(load, "[w, w]", more="programs: {w: {cpu: 10ms}}\n")
    assert end(found, "P") == 20


def test_each_of_a_count_has_its_threads(load: Load) -> None:
    entry = "{name: P, count: 2, threads: [[{cpu: 5}]]}"
    text = f"scheduler: {{policy: fair, dispatch: none}}\nprocesses: [{entry}]\n"
    names = simulate(load(text).workload).process_names
    assert names == ["P-1", "P-2", "P-1/1", "P-2/1"]


steps = st.one_of(
    st.integers(1, 20).map(lambda n: f"{{cpu: {n}ms}}"),
    st.integers(1, 20).map(lambda n: f"{{io: {n}ms}}"),
    st.just("{print: x}"),
)
programs = st.lists(steps, min_size=1, max_size=5).map(lambda each: f"[{', '.join(each)}]")
fixture_is_a_function = [HealthCheck.function_scoped_fixture]


@settings(max_examples=cases(60), deadline=None, suppress_health_check=fixture_is_a_function)
@given(
    threads=st.lists(programs, min_size=1, max_size=4),
    other=st.lists(programs, max_size=2),
    cores=st.integers(1, 3),
    policy=st.sampled_from(["fair", "rr", "linux", "fcfs"]),
    costs=st.sampled_from(["", ", costs: {switch: 100us, dispatch: 10us}"]),
)
def test_one_thread_of_a_process_runs_at_a_time_and_gets_what_it_asks_for(
    load: Load, threads: list[str], other: list[str], cores: int, policy: str, costs: str
) -> None:
    others = "".join(f"- {{name: O{k}, program: {each}}}\n" for k, each in enumerate(other))
    found = simulate(
        load(
            f"machine: {{cores: {cores}{costs}}}\n"
            f"scheduler: {{policy: {policy}, dispatch: none}}\n"
            f"processes:\n- {{name: P, threads: [{', '.join(threads)}]}}\n{others}"
        ).workload
    )
    assert check(found) == []
    assert found.stopped is None
    mine = {at for at, name in enumerate(found.process_names) if name.startswith("P")}
    runs = sorted((i.start, i.end) for i in found.intervals if i.process in mine and i.state == 2)
    assert all(end <= start for (_, end), (start, _) in pairwise(runs))
    assert all(each.cpu_ns == each.demand_ns for each in found.processes)


# -- other interpreters ---------------------------------------------------------------------------

TWO = "[[{cpu: 100ms}, {set: {a: 1}}], [{cpu: 100ms}, {io: 5ms}, {show: a}]]"


@pytest.mark.parametrize(
    ("kind", "ends", "shown"),
    [
        ("gil", [195, 205], "a = 1"),
        ("free-threaded", [100, 105], "a = 1"),
        ("per-interpreter", [100, 105], "a = 0"),
    ],
)
@pytest.mark.parametrize("where", ["scenario", "process"])
def test_each_kind_of_interpreters(
    load: Load, kind: str, ends: list[float], shown: str, where: str
) -> None:
    key = f"interpreter: {kind}\n"
    more, of_process = (key, "") if where == "scenario" else ("", f"interpreter: {kind}, ")
    head = "machine: {cores: 2}\nscheduler: {policy: fair, dispatch: none}\nvariables: {a: 0}\n"
    found = simulate(
        load(f"{head}{more}processes:\n- {{name: P, {of_process}threads: {TWO}}}\n").workload
    )
    assert check(found) == []
    assert [end(found, "P/1"), end(found, "P/2")] == ends
    assert said(found) == [("P/2", "prints", shown)]


def test_on_one_core_threads_without_a_lock_are_scheduled_like_processes(load: Load) -> None:
    lengths = (30, 20, 10)
    threads = ", ".join(f"[{{cpu: {length}ms}}]" for length in lengths)
    others = "".join(f"- {{name: Q{length}, cpu: {length}ms}}\n" for length in lengths)
    free = run(load, f"[{threads}]", cores=1, more="interpreter: free-threaded\n")
    head = "scheduler: {policy: fair, dispatch: none}\n"
    apart = simulate(load(f"{head}processes:\n{others}").workload)
    assert [row.completion_ns for row in free.processes[1:]] == [
        row.completion_ns for row in apart.processes
    ]


def test_a_process_has_its_own_kind_before_that_of_the_scenario(load: Load) -> None:
    others = "- {name: Q, interpreter: gil, arrival: 1s, threads: [[{cpu: 9ms}], [{cpu: 9ms}]]}\n"
    found = run(load, "[[{cpu: 9ms}], [{cpu: 9ms}]]", 2, "interpreter: free-threaded\n", others)
    assert (end(found, "P"), end(found, "Q")) == (9, 1018)
    assert found.machine["life"]["interpreters"] == {"P": "free-threaded"}


def test_the_kind_is_that_of_the_running_python_if_none_is_written(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "machine: {cores: 2}\nscheduler: {policy: fair, dispatch: none}\n"
        "processes: [{name: P, threads: [[{cpu: 9ms}], [{cpu: 9ms}]]}]\n"
    )
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: True, raising=False)
    assert end(simulate(load(text).workload), "P") == 18
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert end(simulate(load(text).workload), "P") == 9


# -- threads that start processes -----------------------------------------------------------------

FORKS = "programs: {c: {program: [{lock: m}, {print: has it}, {unlock: m}]}, w: {cpu: 30ms}}\n"
HOLDS = "[{lock: m}, {io: 20ms}, {unlock: m}]"


@pytest.mark.parametrize(
    ("kind", "method", "ends"),
    [
        ("thread", "fork", None),  # the child has a copy, which nobody releases
        ("thread", "spawn", 5),  # it has a new lock
        ("lock", "fork", 20),  # it waits for the lock of all processes
    ],
)
def test_a_lock_that_another_thread_holds_at_a_fork(
    load: Load, kind: str, method: str, ends: float | None
) -> None:
    lock = "locks: {m: thread}\n" if kind == "thread" else ""
    found = run(
        load,
        f"[{HOLDS}, [{{io: 5ms}}, {{start: {{program: c}}}}, {{join: c}}]]",
        more=f"{FORKS}{lock}start_method: {method}\n",
    )
    completion = row(found, "c").completion_ns
    assert (completion and completion / ms(1)) == ends
    assert found.stuck == ([] if ends is not None else ["P", "P/2", "c"])
    assert ("c", "prints", "has it") in said(found) or ends is None


def test_a_process_that_a_thread_starts_is_a_child_of_the_process(load: Load) -> None:
    found = run(load, "[[{start: {program: w}}, {cpu: 1ms}]]", more=FORKS)
    assert row(found, "w").parent == "P"
    assert (end(found, "P/1"), end(found, "w"), end(found, "P")) == (1, 30, 30)
    events = [(each.event, each.by) for each in found.lifecycle if each.process == "w"]
    assert events == [("born", "P"), ("exited", "w"), ("reaped", "P")]


def test_threads_share_the_process_objects_of_their_process(load: Load) -> None:
    found = run(
        load,
        "[[{start: {program: w}}], [{io: 10ms}, {join: {process: w, timeout: 5ms}}, {join: w}, "
        "{print: joined}]]",
        more=FORKS,
    )
    assert said(found) == [
        ("P/2", "join w", None),
        ("P/2", "join w", None),
        ("P/2", "prints", "joined"),
    ]
    assert end(found, "P/2") == 30


def test_a_thread_starts_a_process_object_twice(load: Load) -> None:
    found = run(load, "[[{start: {program: w}}, {start: w}]]", more=FORKS)
    assert said(found) == [("P/1", "start w", "AssertionError: cannot start a process twice")]


def test_a_forked_child_has_no_threads_and_no_interpreter_lock_of_its_parent(load: Load) -> None:
    found = run(load, "[[{cpu: 30ms}], [{start: {program: w}}]]", more=FORKS)
    assert row(found, "w").arrival_ns == ms(5)  # P/2 has waited for the lock
    assert (end(found, "P/1"), end(found, "w")) == (30, 35)
