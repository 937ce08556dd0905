"""The one function that changes a process's state."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InvariantError
from kernel.process import BLOCKED, NEW, READY, RUNNING, UNBORN, WHY, Process, State, transition
from tests.kernel.hand import spec


def test_a_process_begins_unborn_at_its_arrival() -> None:
    process = Process(spec(0, arrival=30))
    assert (process.state, process.since) == (UNBORN, 30)


def test_a_transition_closes_the_interval_that_ends() -> None:
    rows: list[Any] = []
    process = Process(spec(2))
    process.core, process.state = 1, RUNNING
    transition(process, RUNNING, BLOCKED, 40, WHY["blocked"], -1, rows.append)
    assert rows == [(2, RUNNING, 0, 40, 1, -1, WHY["blocked"])]
    assert (process.state, process.since) == (BLOCKED, 40)


def test_an_empty_interval_is_not_recorded() -> None:
    rows: list[Any] = []
    process = Process(spec(0, arrival=5))
    transition(process, UNBORN, NEW, 5, WHY["admitted"], -1, rows.append)
    transition(process, NEW, READY, 5, WHY["admitted"], -1, rows.append)
    assert rows == []


@pytest.mark.parametrize("leaves", [state for state in State if state is not UNBORN])
def test_a_transition_refuses_to_leave_a_state_that_the_process_is_not_in(leaves: State) -> None:
    process = Process(spec(0))
    with pytest.raises(InvariantError, match=f"P1 is UNBORN, not {leaves.name}, at 7 ns"):
        transition(process, leaves, READY, 7, WHY["woke"], -1, lambda row: None)
    assert process.state is UNBORN


def test_a_process_shows_its_name_its_state_and_what_is_left() -> None:
    assert repr(Process(spec(0))) == "<P1 unborn left=0>"
