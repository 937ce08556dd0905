"""Who waits in a fair queue, against looking at all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.linux.waiting import WaitingTasks
from tests.effort import cases


@dataclass(eq=False)
class Stub:
    """What of a task counts here."""

    v: int
    deadline: int
    place: Any = None
    weight: int = 1
    slice: int = 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 20), st.integers(0, 20)),
        st.tuples(st.just("remove"), st.integers(0, 50), st.just(0)),
        st.tuples(st.just("first"), st.integers(0, 60), st.integers(1, 3)),
    ),
    max_size=60,
)


@settings(max_examples=cases(400))
@given(steps=STEPS)
def test_the_first_is_the_earliest_deadline_of_those_not_ahead(
    steps: list[tuple[str, int, int]],
) -> None:
    waiting, here = WaitingTasks[Any](), list[Any]()
    for what, one, other in steps:
        if what == "add":
            here.append(Stub(one, other))
            waiting.add(here[-1])
        elif what == "remove" and here:
            waiting.remove(here.pop(one % len(here)))
        elif what == "first":  # V goes up and down
            able = [task for task in here if task.v * other <= one]
            assert waiting.first(one, other) is min(able, key=lambda t: t.deadline, default=None)
        assert len(waiting) == len(here)


def test_who_left_for_another_queue_is_not_found_here() -> None:
    old, new = WaitingTasks[Any](), WaitingTasks[Any]()
    task: Any = Stub(1, 1)
    other: Any = Stub(2, 9)
    for each in (task, other):
        old.add(each)
    old.remove(task)
    new.add(task)  # as the first of both
    assert old.first(10, 1) is other and new.first(10, 1) is task


def test_who_left_long_ago_takes_no_room() -> None:
    waiting = WaitingTasks[Any]()
    for _ in range(1000):
        task: Any = Stub(10**9, 1)
        waiting.add(task)
        waiting.remove(task)
    assert len(waiting._ahead) + len(waiting._able) < 100
