"""What each step of the life of processes becomes: a call of the kernel, and declared objects."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.process.calls import (
    ArrayRules,
    Call,
    ConditionRules,
    LockRules,
    PipeRules,
    PoolRules,
    QueueRules,
    SemaphoreRules,
    ValueRules,
)
from kernel.units import ms
from language import json_schema
from language.schema.lifecycle_steps import LIFECYCLE_STEPS
from tests.language.conftest import Load
from tests.paths import DOCS

PAGE = (DOCS / "scenario-language.md").read_text(encoding="utf-8")
DECLARED = """
locks: {m: rlock}
semaphores: {s: 2}
conditions: {c: {lock: m}}
barriers: {b: 2}
queues: {q: queue, j: joinable}
pipes: {p: {duplex: false}}
values: {n: 0}
arrays: {a: [0, 0]}
"""

CALLS: list[tuple[str, Call]] = [
    ("lock: m", Call("lock", "m")),
    ("lock: {lock: m, timeout: 5ms}", Call("lock", "m", ms(5))),
    ("lock: {lock: n, timeout: -1}", Call("lock", "n", ms(-1))),
    ("lock: {lock: c, blocking: false}", Call("lock", "c", options={"blocking": False})),
    ("unlock: a", Call("unlock", "a")),
    ("acquire: s", Call("acquire", "s")),
    ("acquire: {semaphore: s, timeout: 0}", Call("acquire", "s", 0)),
    ("release: s", Call("release", "s")),
    ("set_event: e", Call("set_event", "e")),
    ("clear_event: e", Call("clear_event", "e")),
    ("wait_event: e", Call("wait_event", "e")),
    ("wait_event: {event: e, timeout: 1s}", Call("wait_event", "e", ms(1000))),
    ("wait: c", Call("wait", "c")),
    ("wait: {condition: c, timeout: 1ms}", Call("wait", "c", ms(1))),
    ("notify: c", Call("notify", "c", 1)),
    ("notify: {condition: c, count: 3}", Call("notify", "c", 3)),
    ("notify_all: c", Call("notify_all", "c")),
    ("barrier: b", Call("barrier", "b")),
    ("barrier: {barrier: b, timeout: 1ms}", Call("barrier", "b", ms(1))),
    ("abort: b", Call("abort", "b")),
    ("reset: b", Call("reset", "b")),
    ("send: {queue: x, value: 1}", Call("send", "x", 1)),
    ("send: {queue: q, value: 1, timeout: 1ms}", Call("send", "q", 1, options={"timeout": ms(1)})),
    ("receive: x", Call("receive", "x")),
    ("receive: {queue: q, into: y, blocking: false}",
     Call("receive", "q", "y", options={"blocking": False})),
    ("task_done: j", Call("task_done", "j")),
    ("join_queue: j", Call("join_queue", "j")),
    ("send: {pipe: p, end: 1, value: [1]}", Call("pipe_send", "p", [1], options={"end": 1})),
    ("receive: {pipe: p, end: 0, into: y}", Call("pipe_receive", "p", "y", options={"end": 0})),
    ("poll: {pipe: p, end: 0}", Call("pipe_poll", "p", 0, options={"end": 0})),
    ("poll: {pipe: p, end: 0, timeout: 1ms}", Call("pipe_poll", "p", ms(1), options={"end": 0})),
    ("close_end: {pipe: p, end: 1}", Call("pipe_close", "p", options={"end": 1})),
    ("read: n", Call("read", "n")),
    ("read: {array: a, index: 1, into: y}", Call("read", "a", "y", options={"index": 1})),
    ("write: {value: n, set: 5}", Call("write", "n", 5)),
    ("write: {value: n, from: y, plus: 1}", Call("write", "n", options={"from": "y", "plus": 1})),
    ("add: n", Call("add", "n", 1)),
    ("add: {array: a, index: 0, by: -2}", Call("add", "a", -2, options={"index": 0})),
    ("interrupt: P", Call("interrupt", "P")),
    ("exit: text", Call("exit", value="text")),
    ("exit: true", Call("exit", value=True)),
    ("exit:", Call("exit", value=None)),
    ("exit: -1", Call("exit", value=-1)),
    ("raise: KeyboardInterrupt", Call("raise", value="KeyboardInterrupt")),
    ("atexit: bye", Call("atexit", value="bye")),
    ("finally: bye", Call("finally", value="bye")),
    ("get: r", Call("get", "r")),
    ("get: {result: r, timeout: 1ms}", Call("get", "r", ms(1))),
]  # fmt: skip


@pytest.mark.parametrize(("step", "call"), CALLS, ids=[step for step, _ in CALLS])
def test_a_step_is_that_call(step: str, call: Call, load: Load) -> None:
    text = f"{DECLARED}processes:\n- name: P\n  program:\n  - {step}\n"
    first, *_ = load(text).workload.processes[0].program.calls
    assert first == call


def test_declared_objects_are_the_kernel_s_rules(load: Load) -> None:
    text = (
        "locks: {k: , m: rlock, n: {kind: rlock}}\n"
        "semaphores: {s: 2, t: {bounded: true}}\n"
        "conditions: {c: , d: {lock: x}}\n"
        "queues: {q: , j: {kind: joinable, maxsize: 2}, f: queue}\n"
        "pipes: {p: , r: {duplex: false}}\n"
        "values: {v: 3, w: {lock: false}}\n"
        "arrays: {a: [1, 2], b: {values: [3], lock: false}}\n"
        "processes: [{name: P, program: [{lock: k}]}]\n"
    )
    rules = load(text).workload.lifecycle
    assert rules is not None
    assert rules.locks == {"k": LockRules(), "m": LockRules("rlock"), "n": LockRules("rlock")}
    assert rules.semaphores == {"s": SemaphoreRules(2), "t": SemaphoreRules(1, bounded=True)}
    assert rules.conditions == {"c": ConditionRules(), "d": ConditionRules("x")}
    assert rules.queues == {
        "q": QueueRules(),
        "j": QueueRules("joinable", 2),
        "f": QueueRules("queue"),
    }
    assert rules.pipes == {"p": PipeRules(), "r": PipeRules(duplex=False)}
    assert rules.values == {"v": ValueRules(3), "w": ValueRules(lock=False)}
    assert rules.arrays == {"a": ArrayRules((1, 2)), "b": ArrayRules((3,), lock=False)}


def test_a_pool_has_workers_and_each_has_all_tasks(load: Load) -> None:
    text = (
        "programs: {t: {program: [{cpu: 5ms}, {raise: KeyError}]}, u: {program: [{os_exit: 1}]}}\n"
        "pools: {p: 2, q: {workers: 1}, e: {workers: 3, kind: executor}}\n"
        "processes: [{name: P, program: [{open_pool: p}, {submit: {pool: p, task: t, as: r}}, "
        "{map: {pool: p, tasks: [u, t]}}, {close_pool: p}, {join_pool: p}, {terminate_pool: p}]}]\n"
    )
    loaded = load(text).workload
    assert loaded.lifecycle is not None
    assert loaded.lifecycle.pools == {
        "p": PoolRules(2),
        "q": PoolRules(1),
        "e": PoolRules(3, "executor"),
    }
    parent, *workers = loaded.processes
    assert [spec.name for spec in workers] == ["p/1", "p/2", "p/3"]  # one may have to be replaced
    assert parent.program.calls[:3] == (
        Call("open_pool", "p", 2, options={"workers": (1, 2, 3), "kind": "pool"}),
        Call("submit", "p", "r", options={"tasks": (0,)}),
        Call("map", "p", options={"tasks": (1, 2)}),
    )
    for spec in workers:
        kinds = [call.kind for call in spec.program.calls]
        assert kinds == ["work", "fail", "work", "os_exit", "work", "fail", "work", "end"]


def test_names_that_only_the_reader_needs_are_lists_as_before(load: Load) -> None:
    text = "locks: [m]\nqueues: [q, m]\nconditions: [c]\nprocesses: [{name: P, program: [%s]}]\n"
    rules = load(text % "{lock: m}, {send: {queue: m, value: 1}}").workload.lifecycle
    assert rules is not None
    assert rules.locks == {"m": LockRules()}
    assert rules.queues == {"q": QueueRules(), "m": QueueRules()}


def test_attributes_are_variables_of_the_parent_and_of_the_child(load: Load) -> None:
    start = "start: {program: w, name: c1, style: subclass, attributes: {limit: 3}}"
    text = (
        "programs: {w: {program: [{show: self.limit}]}}\n"
        f"processes: [{{name: P, program: [{{{start}}}, {{show: c1.limit}}]}}]\n"
    )
    parent, child = (spec.program.calls for spec in load(text).workload.processes)
    assert [call.kind for call in parent] == ["set", "start", "show", "end"]
    assert parent[0].value == {"c1.limit": 3}
    assert [call.kind for call in child] == ["set", "show", "end"]
    assert child[0].value == {"self.limit": 3}


@pytest.mark.parametrize("kind", LIFECYCLE_STEPS)
def test_the_reference_and_the_json_schema_have_the_step(kind: str) -> None:
    schema: dict[str, Any] = json_schema()["$defs"]
    steps = [each for each in schema.values() if kind in each.get("properties", {})]
    assert any(kind in each.get("required", ()) for each in steps)
    assert f"`{kind}:" in PAGE
