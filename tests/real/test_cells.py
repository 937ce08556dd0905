"""The workers' logs: what goes in comes out, and what does not fit is counted."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import pytest

from real.cells import CELLS, COALESCED, LOG, LOGGED, OPENED, RECEIVED, ROW, SINCE, SharedCells
from real.worker.log import put_interval


@pytest.fixture
def shared() -> Iterator[SharedCells]:
    """Cells of two workers."""
    both = SharedCells(2)
    yield both
    both.close()


def drained(shared: SharedCells, worker: int) -> list[int]:
    into = array("q")
    shared.drain(worker, into)
    return into.tolist()


def test_running_intervals_come_out_in_order_and_once(shared: SharedCells) -> None:
    put_interval(shared.cells, ROW, 10, 20)
    put_interval(shared.cells, ROW, 30, 35)
    assert drained(shared, 1) == [10, 20, 30, 35]
    assert drained(shared, 1) == []
    assert drained(shared, 0) == []


def test_a_ring_goes_round(shared: SharedCells) -> None:
    for start in range(0, 6 * LOG, 2):
        put_interval(shared.cells, 0, start, start + 1)
        if start % 1000 == 0:
            drained(shared, 0)
    assert drained(shared, 0)[-2:] == [6 * LOG - 2, 6 * LOG - 1]
    assert shared.cells[COALESCED] == 0
    assert shared.cells[LOGGED] == 3 * LOG


def test_a_full_log_lengthens_its_last_interval_and_counts_it(shared: SharedCells) -> None:
    for start in range(LOG + 3):
        put_interval(shared.cells, 0, 10 * start, 10 * start + 5)
    running_intervals = drained(shared, 0)
    assert len(running_intervals) == 2 * LOG
    assert running_intervals[-2:] == [10 * (LOG - 1), 10 * (LOG + 2) + 5]
    assert shared.cells[COALESCED] == 3
    put_interval(shared.cells, 0, 99_990, 99_995)
    assert drained(shared, 0) == [99_990, 99_995]


def test_one_workers_full_log_does_not_reach_the_next_row(shared: SharedCells) -> None:
    for start in range(2 * LOG):
        put_interval(shared.cells, 0, start, start + 1)
    assert not any(shared.cells[ROW : ROW + CELLS])


def test_the_running_interval_in_which_a_worker_was_killed(shared: SharedCells) -> None:
    assert shared.open_interval(1) is None
    shared.cells[ROW + SINCE] = 1000
    shared.cells[ROW + OPENED] = 40
    shared.cells[ROW + RECEIVED] = 65
    assert shared.open_interval(1) == (1000, 1025)
