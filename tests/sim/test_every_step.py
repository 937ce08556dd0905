"""Every kind of step under every policy, on several cores: no crash, no law broken, and an end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kernel.policies import POLICIES
from kernel.process.linux_attributes import FAIR
from kernel.units import seconds
from language import Options, ScenarioError, load
from language.schema.steps import STEPS
from sim import simulate
from sim.time_limits import within
from tests.effort import cases
from timeline.laws.check import check

PATIENCE = seconds(20)
TIMES = st.sampled_from(["1ns", "250us", "1ms", "1ms", "2ms", "3ms", "5ms", "13ms"])
CHILDREN = st.sampled_from(["child", "short"])
LOCKS = st.sampled_from(["l1", "r1", "c1", "c2", "n1"])
BARRIERS, SEMAPHORES, EVENTS = (st.sampled_from([f"{what}1", f"{what}2"]) for what in "bse")
CONDITIONS, PIPES, ENDS_OF_PIPES = (
    st.sampled_from(["c1", "c2"]),
    st.sampled_from(["p1", "p2"]),
    st.sampled_from([0, 1]),
)
QUEUES = st.sampled_from(["q1", "q2", "j1"])
LONG = "x" * 900
NAMES = st.sampled_from(["child", "short", "P1", "P2"])

POOLS = st.just("w1")
TASKS = st.sampled_from(["t1", "t1", "t2"])
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "cpu": TIMES,
    "io": st.one_of(TIMES, st.fixed_dictionaries({"disk": TIMES})),
    "alloc": st.sampled_from([1, 4096, 3_000_000]),
    "free": st.sampled_from([1, 4096]),
    "touch": st.sampled_from([0, 4096, 2_000_000]),
    "start": st.fixed_dictionaries({"program": CHILDREN}, optional={"daemon": st.booleans()}),
    "join": st.one_of(NAMES, st.fixed_dictionaries({"process": NAMES, "timeout": TIMES})),
    "terminate": NAMES,
    "kill": NAMES,
    "close": NAMES,
    "daemon": st.fixed_dictionaries({"child": st.booleans()}),
    "exit": st.one_of(st.integers(-1, 300), st.sampled_from([None, "text", True])),
    "raise": st.sampled_from(["ValueError", "SystemExit", "KeyboardInterrupt"]),
    "os_exit": st.integers(0, 3),
    "call": CHILDREN,
    "observe": NAMES,
    "active_children": st.just(True),
    "set": st.just({"a": 1}),
    "show": st.just("a"),
    "print": st.just("hello"),
    "lock": st.one_of(
        LOCKS,
        st.fixed_dictionaries({"lock": LOCKS, "timeout": TIMES}),
        st.fixed_dictionaries({"lock": LOCKS, "blocking": st.just(False)}),
    ),
    "unlock": LOCKS,
    "acquire": st.one_of(
        SEMAPHORES, st.fixed_dictionaries({"semaphore": SEMAPHORES, "timeout": TIMES})
    ),
    "release": SEMAPHORES,
    "set_event": EVENTS,
    "clear_event": EVENTS,
    "wait_event": st.one_of(EVENTS, st.fixed_dictionaries({"event": EVENTS, "timeout": TIMES})),
    "wait": st.one_of(
        CONDITIONS, st.fixed_dictionaries({"condition": CONDITIONS, "timeout": TIMES})
    ),
    "notify": st.one_of(
        CONDITIONS, st.fixed_dictionaries({"condition": CONDITIONS, "count": st.integers(1, 3)})
    ),
    "notify_all": CONDITIONS,
    "send": st.one_of(
        st.fixed_dictionaries({"queue": QUEUES, "value": st.sampled_from([1, LONG])}),
        st.fixed_dictionaries({"queue": st.just("j1"), "value": st.just(1), "timeout": TIMES}),
        st.fixed_dictionaries(
            {"pipe": PIPES, "end": ENDS_OF_PIPES, "value": st.sampled_from([1, LONG])}
        ),
    ),
    "receive": st.one_of(
        QUEUES,
        st.fixed_dictionaries({"queue": st.just("j1"), "timeout": TIMES}),
        st.fixed_dictionaries({"pipe": PIPES, "end": ENDS_OF_PIPES}),
    ),
    "poll": st.fixed_dictionaries({"pipe": PIPES, "end": ENDS_OF_PIPES, "timeout": TIMES}),
    "close_end": st.fixed_dictionaries({"pipe": PIPES, "end": ENDS_OF_PIPES}),
    "task_done": st.just("j1"),
    "join_queue": st.just("j1"),
    "barrier": st.one_of(BARRIERS, st.fixed_dictionaries({"barrier": BARRIERS, "timeout": TIMES})),
    "abort": BARRIERS,
    "reset": BARRIERS,
    "read": st.fixed_dictionaries({"value": st.sampled_from(["n1", "n2"]), "into": st.just("a")}),
    "write": st.one_of(
        st.fixed_dictionaries({"value": st.just("n2"), "set": st.integers(-3, 3)}),
        st.fixed_dictionaries({"value": st.just("n1"), "from": st.just("a"), "plus": st.just(1)}),
    ),
    "add": st.one_of(
        st.fixed_dictionaries({"value": st.sampled_from(["n1", "n2"]), "by": st.just(1)}),
        st.fixed_dictionaries({"array": st.just("a1"), "index": st.just(1), "by": st.just(2)}),
    ),
    "atexit": st.just("at exit"),
    "finally": st.just("finally"),
    "interrupt": NAMES,
    "yield": st.just(True),
}
POOLED: dict[str, st.SearchStrategy[Any]] = {
    "open_pool": POOLS,
    "submit": st.fixed_dictionaries({"pool": POOLS, "task": TASKS}),
    "map": st.fixed_dictionaries({"pool": POOLS, "tasks": st.lists(TASKS, min_size=1, max_size=4)}),
    "get": st.one_of(TASKS, st.fixed_dictionaries({"result": TASKS, "timeout": TIMES})),
    "close_pool": POOLS,
    "join_pool": POOLS,
    "terminate_pool": POOLS,
    "shutdown": POOLS,
}
"""Steps of the process that opens a pool."""
TASK = {"return": st.integers(0, 3)}
"""Steps of a task."""
ENDS = ("exit", "raise", "os_exit")
AT_THE_TOP = ("finally",)
"""Kinds that may not stand in a repeat, or in a program that is called."""
SHARED: dict[str, Any] = {
    "locks": {"l1": {"kind": "lock"}, "r1": {"kind": "rlock"}},
    "semaphores": {"s1": 1, "s2": {"value": 2, "bounded": True}},
    "conditions": {"c1": {}, "c2": {"lock": "l1"}},
    "queues": {"q2": {"kind": "queue"}, "j1": {"kind": "joinable", "maxsize": 2}},
    "pipes": {"p1": {"duplex": False}, "p2": {}},
    "values": {"n1": 0, "n2": {"value": 1, "lock": False}},
    "arrays": {"a1": [1, 2]},
    "variables": {"a": 0},
}
LIKELY = ["cpu", "cpu", "cpu", "yield", "yield", "io", "lock", "unlock", "barrier", "print"]
CLASSES: list[dict[str, Any]] = [
    {},
    {"nice": 5},
    {"nice": -10},
    {"class": "batch"},
    {"class": "idle"},
    {"class": "rr", "rt_priority": 5},
    {"class": "fifo", "rt_priority": 5},
    {"class": "fifo", "rt_priority": 7},
]
GROUPS = {
    "g1": {"weight": 300},
    "g2": {"quota": "2ms", "period": "10ms"},
    "g3": {"within": "g1", "weight": 50, "quota": "1ms", "period": "4ms"},
}
DEADLINE = {"class": "deadline", "runtime": "2ms", "period": "10ms", "jobs": 1}


def test_every_kind_of_step_is_tried() -> None:
    assert {*KINDS, *POOLED, *TASK, "repeat"} == set(STEPS)


def steps(kinds: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(kinds).flatmap(lambda kind: st.fixed_dictionaries({kind: KINDS[kind]}))


@st.composite
def programs(draw: st.DrawFn, *, memory: bool, life: bool = True) -> list[dict[str, Any]]:
    kinds = [
        kind
        for kind in [*KINDS, *LIKELY]
        if kind not in (*ENDS, *AT_THE_TOP) and (memory or kind not in ("alloc", "free", "touch"))
    ]
    if not life:
        kinds = [kind for kind in kinds if kind not in ("start", "call")]
    found = draw(st.lists(steps(kinds), min_size=1, max_size=6))
    if draw(st.integers(0, 3)) == 0:
        found = [{"repeat": {"times": draw(st.integers(1, 3)), "do": found}}]
    if life and draw(st.integers(0, 5)) == 0:
        found = [*draw(steps(list(AT_THE_TOP)).map(lambda step: [step])), *found]
    if draw(st.integers(0, 7)) == 0:
        found.append(draw(steps(list(ENDS))))
    return found


def tasks_in_a_pool(draw: st.DrawFn, kind: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return steps that use a pool `w1` of that kind, and its tasks."""
    of_others = ("close_pool", "terminate_pool") if kind == "executor" else ("shutdown",)
    kinds = [each for each in POOLED if each not in (*of_others, "open_pool")]  # once
    some = st.sampled_from(kinds).flatmap(
        lambda each: st.fixed_dictionaries({each: POOLED[each]}),
    )
    kill = st.fixed_dictionaries({"kill": st.sampled_from(["w1/1", "w1/2"])})
    found = draw(st.lists(st.one_of(some, some, some, kill, steps(["cpu", "io"])), max_size=6))
    task = [draw(steps(["cpu", "io", "print", "lock"])), draw(steps(["unlock", "cpu"]))]
    back = {key: draw(value) for key, value in TASK.items()}
    return (
        [{"open_pool": "w1"}, {"submit": {"pool": "w1", "task": "t1"}}, *found],
        {"t1": {"program": [*task, back]}, "t2": {"program": [{"cpu": "2ms"}]}},
    )


CHANGING = {"units": 2, "changes": [{"at": "2ms", "units": 0}, {"at": "9ms", "units": 1}]}
FOR_ALL = {
    "ties": ["arrival-first", "expiry-first"],
    "draws": ["ready-order", "arrival", "name", "pid"],
    "completed_io": ["before-arrivals", "after-arrivals"],
}


def conventions(policy: str) -> st.SearchStrategy[dict[str, str]]:
    """Conventions of the policy, and of all policies; Linux has none."""
    kind = POLICIES[policy]
    if kind.left_to_the_machine:
        return st.just({})
    hints = get_type_hints(kind)
    own = {name: get_args(hints[name]) for name in kind.conventions if name != "preemptive"}
    return st.fixed_dictionaries(
        {}, optional={key: st.sampled_from(words) for key, words in {**FOR_ALL, **own}.items()}
    )


@st.composite
def scenarios(draw: st.DrawFn, policy: str) -> dict[str, Any]:
    memory = draw(st.booleans()) and not POLICIES[policy].left_to_the_machine
    cores = draw(st.integers(1, 3))
    linux = POLICIES[policy].left_to_the_machine
    groups = POLICIES[policy].has_groups and draw(st.booleans())
    pinned = draw(st.integers(0, 2)) == 0

    def process(name: str) -> dict[str, Any]:
        more = draw(st.sampled_from([*CLASSES, DEADLINE] if linux else [{}, {"nice": 3}]))
        found = {
            "name": name,
            "arrival": draw(st.sampled_from([0, "1ms", "4ms"])),
            "priority": draw(st.integers(0, 2)),
            "program": draw(programs(memory=memory)),
            **more,
        }
        if memory:
            found["memory"] = "1MiB"
        if groups and found.get("class", "other") in FAIR and draw(st.booleans()):
            found["group"] = draw(st.sampled_from(sorted(GROUPS)))
        if pinned and draw(st.booleans()):
            found["cores"] = draw(st.integers(0, cores - 1))
        return found

    def template() -> dict[str, Any]:
        program = {"program": draw(programs(memory=memory, life=False))}
        return program | ({"memory": "1MiB"} if memory else {})

    scheduler: dict[str, Any] = {"policy": policy, **draw(conventions(policy))}
    if not linux and draw(st.booleans()):
        scheduler |= {
            "queues": "per-core",
            "balance": draw(st.sampled_from(["none", "steal", "push"])),
        }
    elif not linux:
        scheduler |= {"queues": "global"}
    disk = draw(st.sampled_from([{}, {"queue": "priority"}, CHANGING])) if not linux else {}
    machine: dict[str, Any] = {"cores": cores, "devices": {"disk": disk}}
    if memory:
        machine["memory"] = "8MiB"
    if draw(st.integers(0, 3)) == 0:
        machine["costs"] = {"switch": "20us", "dispatch": "5us", "migration": "50us"}
        machine["costs"]["switch_at"] = draw(st.sampled_from(["coming", "leaving", "half"]))
    processes = [process(f"P{number}") for number in range(1, draw(st.integers(2, 5)))]
    starts = [{"start": {"program": name}} for name in ("child", "short")]  # so that all are known
    processes[0]["program"] += draw(st.permutations(starts))
    pools: dict[str, Any] = {}
    tasks: dict[str, Any] = {}
    if not memory and draw(st.integers(0, 3)) == 0:
        kind = draw(st.sampled_from(["pool", "executor"]))
        pools = {"pools": {"w1": {"workers": 2, "kind": kind}}}
        processes[-1]["program"], tasks = tasks_in_a_pool(draw, kind)
    return {
        "machine": machine,
        "scheduler": scheduler,
        **SHARED,
        **pools,
        **({"groups": GROUPS} if groups else {}),
        "barriers": {"b1": draw(st.integers(1, 3)), "b2": 2},
        "programs": {
            "child": template(),
            "short": {"cpu": "1ms", **({"memory": "1MiB"} if memory else {})},
            **tasks,
        },
        "processes": processes,
    }


@st.composite
def late_jobs(draw: st.DrawFn, policy: str) -> dict[str, Any]:
    """Periodic processes that compute and do I/O, and whose jobs are dropped if they are late."""
    some = st.lists(steps(["cpu", "cpu", "io"]), min_size=1, max_size=4)

    def process(number: int) -> dict[str, Any]:
        jobs: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {"period": "5ms", "jobs": 4},
                    {"period": "3ms", "deadline": "7ms", "jobs": 3},
                    {"releases": [0, "2ms", "9ms"], "deadline": "4ms"},
                ]
            )
        )
        found: dict[str, Any] = {"name": f"P{number}", "program": draw(some), **jobs}
        found["on_miss"] = draw(st.sampled_from(["abort", "abort", "continue"]))
        if draw(st.booleans()):
            found["cores"] = draw(st.integers(0, 1))
        return found

    machine: dict[str, Any] = {
        "cores": 2,
        "devices": {"disk": draw(st.sampled_from([{}, CHANGING]))},
    }
    if draw(st.booleans()):
        machine["costs"] = {"switch": "20us", "dispatch": "5us", "migration": "50us"}
    scheduler = {"policy": policy, **draw(conventions(policy))}
    if not POLICIES[policy].left_to_the_machine and draw(st.booleans()):
        scheduler |= {"queues": "per-core", "balance": draw(st.sampled_from(["steal", "push"]))}
    numbers = range(1, draw(st.integers(2, 5)))
    return {"machine": machine, "scheduler": scheduler, "processes": list(map(process, numbers))}


@settings(
    max_examples=cases(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), policy=st.sampled_from([*POLICIES, "linux", "cfs"]))
def test_late_jobs_under_every_policy(data: st.DataObject, policy: str, tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(json.dumps(data.draw(late_jobs(policy))), encoding="utf-8")
    try:
        workload = load(file, Options()).workload
    except ScenarioError:  # what does not go together
        assume(False)
    run = simulate(workload, within(PATIENCE, lambda _: None))
    assert check(run) == []
    assert all(row.completion_ns is not None for row in run.processes)


@settings(
    max_examples=cases(200),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), policy=st.sampled_from([*POLICIES, "linux", "cfs"]))
def test_every_step_under_every_policy(data: st.DataObject, policy: str, tmp_path: Path) -> None:
    file = tmp_path / "any.yaml"
    file.write_text(json.dumps(data.draw(scenarios(policy))), encoding="utf-8")
    try:
        workload = load(file, Options()).workload
    except ScenarioError:  # what does not go together
        assume(False)
    run = simulate(workload, within(PATIENCE, lambda _: None))
    assert check(run) == []
