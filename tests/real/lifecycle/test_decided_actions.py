"""The order in which decided calls, and what follows from them, are carried out."""

from __future__ import annotations

import pytest

from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.program import CPU, Program
from kernel.process.spec import ProcessSpec
from real.lifecycle.decided_actions import MOST_CALLS, RETURNS, WAITS, ActionList

A, B = (
    Process(ProcessSpec(index, name, 0, Program.of([(CPU, 1)]))) for index, name in enumerate("AB")
)


def made(actions: ActionList, process: Process, kind: str, outcome: str = RETURNS) -> None:
    actions.begin_call([])
    actions.add_call(process, Call(kind, "x"), outcome, {"call": 0})


def taken(actions: ActionList) -> list[list[tuple[str, str]]]:
    return [
        [(each.call.kind if each.call else each.what, each.process.name) for each in group]
        for group in actions.take()
    ]


def test_a_call_comes_before_its_consequences() -> None:
    actions = ActionList()
    actions.begin_call([])
    actions.add("born", B, "A")
    actions.add_call(A, Call("start", "B"), RETURNS, {"call": 0})
    assert taken(actions) == [[("start", "A")], [("born", "B")]]


def test_calls_of_a_process_in_a_row_are_one_order() -> None:
    actions = ActionList()
    for kind in ("terminate", "observe", "lock"):
        made(actions, A, kind)
    assert taken(actions) == [[("terminate", "A"), ("observe", "A"), ("lock", "A")]]


@pytest.mark.parametrize(
    ("kinds", "groups"),
    [
        (["terminate", "observe", "kill", "observe"], [2, 2]),
        (["kill", "terminate", "kill"], [2, 1]),
        (["interrupt", "kill"], [2]),
    ],
)
def test_a_row_is_cut_before_the_kill_of_a_process_that_is_to_act_on_sigterm(
    kinds: list[str], groups: list[int]
) -> None:
    actions = ActionList()
    for kind in kinds:
        actions.begin_call([], () if kind == "observe" else ((1, kind),))
        actions.add_call(A, Call(kind, "B"), RETURNS, {"call": 0})
    assert [len(group) for group in actions.take()] == groups


@pytest.mark.parametrize("what", ["dies", "reaped", "adopted"])
def test_calls_in_a_row_are_made_whatever_the_rules_say_of_their_consequences(what: str) -> None:
    actions = ActionList()
    made(actions, A, "terminate")
    actions.add(what, B, "A")
    made(actions, A, "observe")
    assert taken(actions) == [[("terminate", "A"), ("observe", "A")], [(what, "B")]]


def test_a_row_ends_with_a_start_a_wait_or_another_process() -> None:
    actions = ActionList()
    for process, kind, outcome in (
        (A, "start", RETURNS),
        (A, "lock", WAITS),
        (B, "unlock", RETURNS),
        (A, "print", RETURNS),
    ):
        made(actions, process, kind, outcome)
    actions.add("dies", B)
    made(actions, B, "print")
    assert [len(group) for group in actions.take()] == [1] * 6


def test_an_order_is_a_message_of_limited_length() -> None:
    actions = ActionList()
    for _ in range(MOST_CALLS + 1):
        made(actions, A, "print")
    assert [len(group) for group in actions.take()] == [MOST_CALLS, 1]


def test_a_call_knows_what_the_rules_expect_it_to_say() -> None:
    actions = ActionList()
    actions.begin_call([])
    actions.say("lock x", True)
    actions.add_call(A, Call("lock", "x", 5), RETURNS, {"call": 0})
    made(actions, A, "unlock")
    [calls] = actions.take()
    assert [each.expected for each in calls] == [(("lock x", True),), ()]


def test_actions_are_taken_once() -> None:
    actions = ActionList()
    actions.add("born", A, "supervisor")
    assert len(taken(actions)) == 1
    assert taken(actions) == []
