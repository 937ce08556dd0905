"""Processes that start, join and end each other, in the model: the rules, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.language.conftest import Load
from timeline.laws.check import check
from timeline.record.run import Run

CHILD = "programs: {child: {program: [{cpu: 40ms}]}, long: {cpu: 200ms}}\n"


def run(load: Load, program: str, more: str = "", programs: str = CHILD) -> Run:
    """A run with one process, P, of that program (a YAML list), under round robin of 20 ms."""
    head = f"scheduler: {{policy: rr, quantum: 20ms}}\n{programs}{more}"
    found = simulate(load(f"{head}processes: [{{name: P, program: {program}}}]\n").workload)
    assert check(found) == []
    return found


def said(found: Run, process: str = "P") -> list[tuple[str, Any]]:
    return [(row.name, row.value) for row in found.observations if row.process == process]


def life(found: Run, process: str) -> list[tuple[str, str, int]]:
    """What happened to it, by whom, and when in ms."""
    return [
        (row.event, row.by, row.at_ns // ms(1)) for row in found.lifecycle if row.process == process
    ]


def test_a_child_arrives_when_it_is_started(load: Load) -> None:
    found = run(load, "[{cpu: 10ms}, {start: {program: child}}, {cpu: 5ms}]")
    parent, child = found.processes
    assert (child.parent, child.arrival_ns, parent.arrival_ns) == ("P", ms(10), 0)
    assert life(found, "child") == [
        ("born", "P", 10),
        ("exited", "child", 55),
        ("reaped", "P", 55),
    ]


def test_who_was_never_started_is_not_in_the_record(load: Load) -> None:
    found = run(load, "[{cpu: 10ms}, {exit: 2}, {start: {program: child}}]")
    assert [(row.name, row.exitcode) for row in found.processes] == [("P", 2)]


def test_a_call_does_not_end_a_burst_and_a_wait_does(load: Load) -> None:
    found = run(
        load, "[{cpu: 10ms}, {print: x}, {cpu: 5ms}, {start: {program: child}}, {cpu: 2ms}]"
    )
    rows = [(row.start, row.end) for row in found.intervals if row.process == 0]
    assert rows[0] == (0, ms(17))


def test_a_join_that_need_not_wait_goes_on_in_its_slice(load: Load) -> None:
    found = run(
        load,
        "[{cpu: 1ms}, {start: {program: child}}, {io: 100ms}, {cpu: 4ms}, {join: child}, "
        "{cpu: 4ms}]",
    )
    rows = [(row.start, row.end) for row in found.intervals if row.core == 0 and row.process == 0]
    assert rows[-1] == (ms(101), ms(109))


def test_the_quantum_goes_on_over_calls(load: Load) -> None:
    steps = "{cpu: 8ms}, {print: a}, {cpu: 8ms}, {lock: L}, {cpu: 8ms}"
    found = run(load, f"[{{start: {{program: child}}}}, {steps}]")
    assert found.processes[0].preemptions == 1  # after 20 ms, not after 16 + 20


def test_a_process_that_joins_without_computing_gets_no_more_cpu_than_its_program_asks_for(
    load: Load,
) -> None:
    found = run(load, "[{cpu: 10ms}, {start: {program: child}}, {join: child}, {cpu: 10ms}]")
    assert found.processes[0].cpu_ns == ms(20)


def test_a_join_with_a_timeout_does_not_say_whether_it_ended(load: Load) -> None:
    found = run(
        load,
        "[{cpu: 10ms}, {start: {program: long}}, {join: {process: long, timeout: 40ms}}, "
        "{observe: long}, {kill: long}, {join: {process: long, timeout: 40ms}}, {observe: long}]",
    )
    (_, first), (_, alive), (_, second), (_, dead) = said(found)
    assert (first, second) == (None, None)
    assert (alive["is_alive"], dead["is_alive"], dead["exitcode"]) == (True, False, -9)


def test_a_timed_join_waits_for_the_pipe_that_a_grandchild_holds_open(load: Load) -> None:
    programs = (
        "programs:\n  child: {program: [{cpu: 5ms}, {start: {program: long}}, {os_exit: 0}]}\n"
        "  long: {cpu: 100ms}\n"
    )
    program = (
        "[{cpu: 5ms}, {start: {program: child}}, {join: {process: child, timeout: 50ms}}, "
        "{observe: {process: child, only: system}}, {join: child}, {observe: child}]"
    )
    found = run(load, program, programs=programs)
    assert [value and value.get("state") for _, value in said(found)] == [
        None,
        "zombie",
        None,
        "gone",
    ]


@pytest.mark.parametrize(
    ("end", "code", "of_child", "of_daemon"),
    [
        ("{cpu: 1ms}", 0, 0, -15),
        ("{exit: 3}", 3, 0, -15),
        ("{raise: KeyError}", 1, 0, -15),
        ("{os_exit: 4}", 4, 0, 0),
        ("{terminate: P}", -15, 0, 0),
    ],
)
def test_only_a_normal_end_joins_children_and_terminates_daemons(
    load: Load, end: str, code: int, of_child: int, of_daemon: int
) -> None:
    start = "{start: {program: long, name: d, daemon: true}}, {start: {program: child}}"
    found = run(load, f"[{{cpu: 10ms}}, {start}, {end}]")
    codes = {row.name: row.exitcode for row in found.processes}
    assert codes == {"P": code, "child": of_child, "d": of_daemon}
    orphans = {row.process for row in found.lifecycle if row.event == "adopted"}
    assert orphans == (set() if of_daemon else {"child", "d"})


def test_a_zombie_keeps_its_place_in_the_table_and_none_in_memory(load: Load) -> None:
    programs = "programs: {child: {memory: 1MiB, cpu: 20ms}}\nmemory: {partitions: [1MiB]}\n"
    found = run(
        load,
        "[{cpu: 1ms}, {start: {program: child, name: a}}, {start: {program: child, name: b}}, "
        "{io: 100ms}, {observe: {process: a, only: system}}]",
        programs=programs,
    )
    assert said(found) == [
        ("observe a", {"state": "zombie", "parent": "P", "keeps": "exit code 0"})
    ]
    assert [row.admitted_ns for row in found.processes[1:]] == [ms(1), ms(21)]


def test_starting_another_reaps_zombies(load: Load) -> None:
    found = run(
        load,
        "[{cpu: 1ms}, {start: {program: child, name: a}}, {io: 100ms}, "
        "{observe: {process: a, only: system}}, {start: {program: child, name: b}}, "
        "{observe: {process: a, only: system}}]",
    )
    assert [value["state"] for _, value in said(found)] == ["zombie", "gone"]


def test_a_killed_holder_leaves_a_deadlock_that_names_who_waits_for_whom(load: Load) -> None:
    programs = (
        "programs:\n  holder: {program: [{lock: L}, {cpu: 99ms}]}\n"
        "  wants: {program: [{cpu: 5ms}, {lock: L}]}\n"
    )
    found = run(
        load,
        "[{cpu: 1ms}, {start: {program: holder}}, {start: {program: wants}}, {io: 50ms}, "
        "{kill: holder}]",
        programs=programs,
    )
    assert found.stopped == (
        "deadlock: P waits at its exit for its children wants; "
        "wants waits for lock L, held by holder, which was killed by signal 9"
    )
    assert found.stuck == ["P", "wants"]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("[{lock: L}, {lock: L}]", "P waits for lock L, held by itself"),
        ("[{receive: q}]", "P waits for queue q, to which no process sends"),
        ("[{barrier: b}]", "P waits at barrier b with 1 of 2"),
        (
            "[{start: {program: wants}}, {lock: A}, {cpu: 30ms}, {lock: B}]",
            "P waits for lock B, held by wants; wants waits for lock A, held by P",
        ),
    ],
)
def test_a_deadlock_is_told(load: Load, program: str, words: str) -> None:
    programs = "programs: {wants: {program: [{lock: B}, {cpu: 30ms}, {lock: A}]}}\n"
    found = run(load, program, "barriers: {b: 2}\n", programs)
    assert found.stopped == f"deadlock: {words}"


def test_a_policy_that_looks_again_and_again_does_not_keep_a_deadlock_alive(load: Load) -> None:
    text = "scheduler: {policy: mlfq}\nprocesses: [{name: P, program: [{cpu: 5ms}, {receive: q}]}]"
    assert (simulate(load(text).workload).stopped or "").startswith("deadlock")


def test_a_barrier_lets_all_go_when_the_last_has_come(load: Load) -> None:
    programs = "programs: {meets: {program: [{cpu: 30ms}, {barrier: b}, {print: child}]}}\n"
    found = run(
        load,
        "[{start: {program: meets}}, {cpu: 5ms}, {barrier: b}, {print: parent}]",
        "barriers: {b: 2}\n",
        programs,
    )
    assert found.stopped is None
    assert sorted(row.value for row in found.observations) == ["child", "parent"]


def test_yield_puts_a_process_behind_the_others(load: Load) -> None:
    found = run(
        load,
        "[{start: {program: child}}, {cpu: 5ms}, {yield: true}, {cpu: 5ms}]",
    )
    assert found.intervals.why.count(7) == 1  # yielded
    rows = [(row.process, row.end // ms(1)) for row in found.intervals if row.core == 0]
    assert rows[0] == (0, 5) and rows[1][0] == 1


def test_yields_make_no_program_longer(load: Load) -> None:
    text = "processes: [{name: A, program: [yield: true, yield: true, cpu: 7ms]}]"
    found = simulate(load(text).workload)
    assert not check(found)
    assert found.processes[0].cpu_ns == found.processes[0].demand_ns == ms(7)


@pytest.mark.parametrize(("method", "a"), [("fork", 5), ("spawn", 1), ("forkserver", 1)])
def test_a_child_begins_with_its_parents_values_or_with_the_programs(
    load: Load, method: str, a: int
) -> None:
    programs = "programs: {child: {program: [{show: a}, {set: {a: 9}}]}}\n"
    found = run(
        load,
        "[{set: {a: 5}}, {start: {program: child}}, {set: {a: 6}}, {join: child}, {show: a}]",
        f"variables: {{a: 1}}\nstart_method: {method}\n",
        programs,
    )
    assert [row.value for row in found.observations if row.name == "prints"] == [
        f"a = {a}",
        "a = 6",
    ]


def test_starting_takes_the_parents_cpu_time(load: Load) -> None:
    found = run(load, "[{cpu: 10ms}, {start: {program: child}}]", "machine: {costs: {fork: 3ms}}\n")
    assert found.processes[1].arrival_ns == ms(13)
    assert found.processes[0].cpu_ns == ms(13)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_each_start_method_has_its_own_cost(load: Load, method: str) -> None:
    costs = "machine: {costs: {fork: 3ms, spawn: 40ms, forkserver: 15ms}}\n"
    found = run(
        load, "[{start: {program: child}}]", f"start_method: {method}\n{costs}", programs=CHILD
    )
    took = {"fork": 3, "spawn": 40, "forkserver": 15}[method]
    assert found.processes[1].arrival_ns // ms(1) == took


def test_a_fork_servers_child_is_never_a_zombie(load: Load) -> None:
    found = run(
        load,
        "[{start: {program: child}}, {io: 100ms}, {observe: {process: child, only: system}},"
        " {observe: child}]",
        "start_method: forkserver\n",
    )
    [system, everything] = [value for _, value in said(found)]
    assert system == {"state": "gone", "parent": None}
    assert (everything["exitcode"], everything["is_alive"]) == (0, False)
    assert life(found, "child")[1:] == [("exited", "child", 40), ("reaped", "forkserver", 40)]


def test_a_fork_server_is_the_parent_whoever_dies(load: Load) -> None:
    found = run(
        load,
        "[{start: {program: long, name: a}}, {start: {program: child, name: b}}, {cpu: 1ms},"
        " {os_exit: 0}]",
        "start_method: forkserver\n",
    )
    assert [event for event, _, _ in life(found, "a")] == ["born", "exited", "reaped"]
    # the first finds the server, which the other uses, too; the last finds only the reaper
    assert [life(found, name)[-1][1] for name in ("b", "a")] == ["forkserver", "supervisor"]


def test_one_killed_at_a_device_leaves_it_when_it_is_served(load: Load) -> None:
    programs = "programs: {reads: {program: [{io: {disk: 50ms}}, {cpu: 5ms}]}}\n"
    found = run(
        load,
        "[{cpu: 1ms}, {start: {program: reads, name: a}}, {start: {program: reads, name: b}}, "
        "{start: {program: reads, name: c}}, {io: 20ms}, {kill: a}, {kill: b}]",
        "machine: {devices: {disk: }}\n",
        programs,
    )
    c = next(row for row in found.processes if row.name == "c")
    assert c.completion_ns == ms(1 + 50 + 50 + 5)


def test_a_lock_is_released_by_anybody_but_not_twice(load: Load) -> None:
    found = run(load, "[{cpu: 1ms}, {lock: L}, {unlock: L}, {unlock: L}]")
    assert said(found) == [("unlock L", "ValueError: semaphore or lock released too many times")]


STEPS = st.sampled_from(
    [
        *("{cpu: 7ms}", "{cpu: 20ms}", "{io: 15ms}", "{io: {disk: 9ms}}", "{yield: true}"),
        *("{start: {program: a, name: x}}", "{start: {program: b, name: y, daemon: true}}"),
        *("{start: {program: b}}", "{join: x}", "{join: {process: y, timeout: 12ms}}", "{join: b}"),
        *("{terminate: x}", "{kill: y}", "{kill: b}", "{terminate: P}", "{observe: x}"),
        *("{observe: {process: b, only: system}}", "{active_children: true}", "{close: x}"),
        *("{lock: L}", "{unlock: L}", "{send: {queue: q, value: 1}}", "{receive: q}"),
        *("{barrier: w}", "{exit: 2}", "{os_exit: 3}", "{raise: OSError}", "{call: c}"),
        *("{set: {v: 1}}", "{show: v}", "{start: x}", "{print: p}"),
    ]
)
PROGRAMS = st.lists(STEPS, min_size=1, max_size=8).map(", ".join)


def family(programs: tuple[str, str, str], policy: str, cores: int, memory: bool) -> str:
    """P runs the first program, which may start a (the second) and b (the third)."""
    first, second, third = programs
    second = second.replace("program: a", "program: c")
    third = third.replace("program: a", "program: c").replace("program: b", "program: c")
    size = "memory: 1MiB, " if memory else ""
    return "\n".join(
        [
            f"scheduler: {{{policy}}}",
            f"machine: {{cores: {cores}, devices: {{disk: }}}}",
            "barriers: {w: 2}",
            "memory: {partitions: [1MiB, 1MiB]}" if memory else "",
            "programs:",
            f"  a: {{{size}program: [{second}]}}",
            f"  b: {{{size}program: [{third}]}}",
            "  c: {cpu: 5ms}",
            "  names:",
            "    program:",
            "    - start: {program: c, name: x}",
            "    - start: {program: c, name: y}",
            "    - start: {program: c, name: b}",
            f"processes: [{{name: P, {size}program: [{first}]}}, {{name: Q, cpu: 30ms}}]",
        ]
    )


@settings(max_examples=cases(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    programs=st.tuples(PROGRAMS, PROGRAMS, PROGRAMS),
    policy=st.sampled_from(
        [
            *(f"policy: {name}" for name in ("fcfs", "rr", "srtf", "mlfq", "lottery", "fair")),
            *("policy: sjf, ties: expiry-first", "policy: rr, quantum: 7ms, balance: steal"),
            *("policy: rr, balance: push", "policy: priority, aging: 5ms"),
        ]
    ),
    cores=st.integers(1, 2),
    memory=st.booleans(),
)
def test_process_trees_at_random_break_no_law_and_leave_no_process(
    load: Load, programs: tuple[str, str, str], policy: str, cores: int, memory: bool
) -> None:
    found = simulate(load(family(programs, policy, cores, memory)).workload)
    assert check(found) == []
    events: dict[str, list[str]] = {row.name: [] for row in found.processes}
    for row in found.lifecycle:
        events[row.process].append(row.event)
    for name, seen in events.items():
        assert seen[0] == "born" and len(set(seen)) == len(seen), name
        assert found.stopped or (seen[-1] == "reaped" and "exited" in seen)
