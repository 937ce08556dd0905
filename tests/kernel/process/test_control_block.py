"""The one function that changes a process's state."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InvariantError
from kernel.process.control_block import Process, transition
from kernel.process.states import BLOCKED, NEW, READY, RUNNING, UNBORN, WHYS, State, tag, untag
from tests.kernel.hand import spec


def test_a_process_begins_unborn_at_its_arrival() -> None:
    process = Process(spec(0, arrival=30))
    assert (process.state, process.since) == (UNBORN, 30)


def test_a_transition_closes_the_interval_that_ends() -> None:
    rows: list[Any] = []
    process = Process(spec(2))
    process.core, process.state = 1, RUNNING
    transition(process, RUNNING, BLOCKED, 40, tag(RUNNING, "blocked", 1), rows.append)
    assert rows == [(2, 0, 40, tag(RUNNING, "blocked", 1))]
    assert (process.state, process.since) == (BLOCKED, 40)


def test_an_empty_interval_is_not_recorded() -> None:
    rows: list[Any] = []
    process = Process(spec(0, arrival=5))
    transition(process, UNBORN, NEW, 5, tag(NEW, "admitted"), rows.append)
    transition(process, NEW, READY, 5, tag(NEW, "admitted"), rows.append)
    assert rows == []


def test_to_have_had_a_core_is_recorded_even_if_it_was_for_no_time() -> None:
    rows: list[Any] = []
    process = Process(spec(0))
    process.core, process.state, process.since = 1, RUNNING, 5
    transition(process, RUNNING, READY, 5, tag(RUNNING, "preempted", 1), rows.append)
    assert rows == [(0, 5, 5, tag(RUNNING, "preempted", 1))]


@pytest.mark.parametrize("leaves", [state for state in State if state is not UNBORN])
def test_a_transition_refuses_to_leave_a_state_that_the_process_is_not_in(leaves: State) -> None:
    process = Process(spec(0))
    with pytest.raises(InvariantError, match=f"P1 is UNBORN, not {leaves.name}, at 7 ns"):
        transition(process, leaves, READY, 7, tag(BLOCKED, "woke"), lambda _: None)
    assert process.state is UNBORN


@pytest.mark.parametrize("device", [-1, 0, 32_767])
@pytest.mark.parametrize("core", [-1, 0, 63])
@pytest.mark.parametrize("why", WHYS)
def test_a_tag_keeps_all_that_it_is_made_of(why: str, core: int, device: int) -> None:
    for state in State:
        assert untag(tag(state, why, core, device)) == (state, core, device, WHYS.index(why))


def test_a_process_shows_its_name_its_state_and_what_is_left() -> None:
    assert repr(Process(spec(0))) == "<P1 unborn left=0>"
