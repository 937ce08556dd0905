"""A worker's log: a ring of pairs of numbers behind its cells, which the supervisor empties.

A pair is a running interval, start and end in absolute ns. A native worker logs its waits, too: see
`real.native.log`.
"""

from __future__ import annotations

from real.cells import CELLS, COALESCED, DRAINED, LOG, LOGGED


def put(cells: memoryview[int], row: int, first: int, second: int) -> bool:
    """Put a pair into the log. Return False, and count the pair, if the log is full."""
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
    """Put a running interval into the log. If the log is full, lengthen its last one instead."""
    if not put(cells, row, start, end):
        last = cells[row + LOGGED] - 1
        cells[row + CELLS + 2 * (last % LOG) + 1] = end
