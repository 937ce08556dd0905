"""The order in which decided calls, and what follows from them, are carried out."""

from __future__ import annotations

from kernel.lifecycle.semantics import END_DAEMONS
from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.program import CPU, Program
from kernel.process.spec import ProcessSpec
from real.lifecycle.actions import ActionList, CallTimes

A, B = (
    Process(ProcessSpec(index, name, 0, Program.of([(CPU, 1)]))) for index, name in enumerate("AB")
)


def taken(actions: ActionList) -> list[list[tuple[str, str]]]:
    return [[(each.what, each.process.name) for each in group] for group in actions.take()]


def test_a_call_comes_before_its_consequences() -> None:
    actions = ActionList()
    actions.begin_call([])
    actions.add("dies", B)
    actions.add_call(A, Call("kill", "B"), {})
    assert taken(actions) == [[("call", "A")], [("dies", "B")]]


def test_daemons_are_dead_before_the_call_that_ends_their_parent() -> None:
    actions = ActionList()
    actions.begin_call([])
    actions.add("dies", B)
    actions.add_call(A, END_DAEMONS, {})
    actions.add_call(A, Call("end"), {})
    assert taken(actions) == [[("call", "A")], [("dies", "B")], [("call", "A")]]


def test_the_calls_of_one_barrier_are_made_together() -> None:
    actions = ActionList()
    for process, name in ((A, "first"), (B, "first"), (A, "second")):
        actions.begin_call([])
        actions.add_call(process, Call("barrier", name), {})
    assert taken(actions) == [[("call", "A"), ("call", "B")], [("call", "A")]]


def test_actions_are_taken_once() -> None:
    actions = ActionList()
    actions.add("born", A, "supervisor")
    assert len(taken(actions)) == 1
    assert taken(actions) == []


def test_times_of_no_start_have_no_median() -> None:
    assert CallTimes(calls=2, took=7).describe() == {
        "count": 2,
        "took_ns": 7,
        "starts": 0,
        "start_p50_ns": None,
    }
