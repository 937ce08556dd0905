"""A worker's log: a ring buffer of pairs of numbers behind its cells. The supervisor empties it.

A pair is a running interval: its start and its end, absolute ns. A native worker logs waits and
moves, too: see `real.native.log`.
"""

from __future__ import annotations

from real.cells import CELLS, COALESCED, DRAINED, LOG, LOGGED


def put(cells: memoryview[int], row: int, first: int, second: int) -> bool:
    """Put a pair into the log, and return True. If the log is full, count it and return False."""
    logged = cells[row + LOGGED]
    if logged - cells[row + DRAINED] >= LOG:
        cells[row + COALESCED] += 1
        return False
    at = row + CELLS + 2 * (logged % LOG)
    cells[at] = first
    cells[at + 1] = second
    cells[row + LOGGED] = logged + 1
    return True


def put_interval(cells: memoryview[int], row: int, start: int, end: int) -> None:
    """Put a running interval into the log. If the log is full, extend its last interval."""
    if not put(cells, row, start, end):
        last = cells[row + LOGGED] - 1
        cells[row + CELLS + 2 * (last % LOG) + 1] = end
