"""Time cut into the cells of a chart: each cell shows the key that had most of its time.

The arithmetic is exact, in integers. Where an axis has `cells` cells for every `per` ns, time is
counted in units of 1/cells ns: a cell is `per` units long, and its borders are whole numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kernel.process.states import State
from report.base.axis import Axis
from report.base.chart import NO_PROCESS, Chart, Span
from report.base.style import STATE_STYLES

EMPTY = -1
TO_COME = -2  # the key of a cell that the run has not reached yet
STATES = tuple(STATE_STYLES)
"""The states; a state's index is its key in a cell. If times are equal, the least key is shown."""

Piece = tuple[int, int, int, int]
"""A stretch of time to count: (row, key, start ns, end ns)."""


class ChartCell(NamedTuple):
    """What a cell shows: a key or EMPTY. `partial`: it cannot show all slices that lie in it."""

    key: int
    partial: bool


BLANK = ChartCell(EMPTY, False)


class Tally:
    """Time by row, cell and key, in units of 1/cells ns."""

    def __init__(self, axis: Axis, keys: int) -> None:
        self.axis = axis
        self.keys = keys
        self._time: dict[int, int] = {}
        self._homes: set[int] = set()  # slots that contain most of a piece no longer than a cell

    def add(self, pieces: Iterable[Piece]) -> None:
        """Count `pieces`, in any order. Time beyond the axis's span is left out."""
        time, keys = self._time, self.keys
        span, width, cells, per = self.axis.span, self.axis.width, self.axis.cells, self.axis.per
        for row, key, start, end in pieces:
            begin = start * cells
            finish = min(end, span) * cells
            if begin >= finish:
                continue
            first, last = begin // per, (finish - 1) // per
            slot = (row * width + first) * keys + key
            if first == last:
                time[slot] = time.get(slot, 0) + finish - begin
                self._homes.add(slot)
                continue
            if finish - begin <= per:  # its home is the cell that contains most of it
                border = last * per
                self._homes.add(slot if 2 * border >= begin + finish else slot + keys)
            time[slot] = time.get(slot, 0) + (first + 1) * per - begin
            for _ in range(first + 1, last):
                slot += keys
                time[slot] = time.get(slot, 0) + per
            slot += keys
            time[slot] = time.get(slot, 0) + finish - last * per

    def mark(self, row: int, key: int, at: int) -> None:
        """Note a slice of 0 ns at `at` ns: it has no time in its cell, but must be drawn."""
        span, cells, per = self.axis.span, self.axis.cells, self.axis.per
        if at > span or not span:
            return
        column = min(at * cells, span * cells - 1) // per
        slot = (row * self.axis.width + column) * self.keys + key
        self._time.setdefault(slot, 0)
        self._homes.add(slot)

    def rows(self, count: int, slices: Collection[int]) -> list[list[ChartCell]]:
        """Return `count` rows, each as wide as the axis. `_decide` chooses the key of each cell.

        A key in `slices` stands for a slice. A slice is never left out without a mark.
        """
        chart = [[BLANK] * self.axis.width for _ in range(count)]
        shares: dict[int, list[tuple[int, int, bool]]] = {}
        for slot, time in self._time.items():
            cell, key = divmod(slot, self.keys)
            shares.setdefault(cell, []).append((-time, key, slot in self._homes))
        for cell, parts in shares.items():
            row, column = divmod(cell, self.axis.width)
            chart[row][column] = self._decide(sorted(parts), slices)
        return chart

    def _decide(self, parts: list[tuple[int, int, bool]], slices: Collection[int]) -> ChartCell:
        """Return the key that had most of the cell; EMPTY if less than half of it was used.

        A slice no longer than a cell would vanish if another key had more of the cell that
        contains most of the slice. That cell is marked partial, and shows the slice unless it
        shows another one.
        """
        used = -sum(time for time, _, _ in parts)
        shown = parts[0][1] if 2 * used >= self.axis.per else EMPTY
        lost = [key for _, key, at_home in parts if at_home and key != shown and key in slices]
        if not lost:
            return ChartCell(shown, False)
        return ChartCell(shown if shown in slices else lost[0], True)


def core_cells(chart: Chart, axis: Axis) -> list[list[ChartCell]]:
    """Return a row per core. A key is a process's place in the run; the next one is overhead."""
    processes = len(chart.run.processes)
    keys = [*range(processes), processes]
    assert keys[NO_PROCESS] == processes
    tally = Tally(axis, len(keys))
    instants: list[Span] = []
    tally.add(
        (span.lane, keys[span.process], span.start, span.end)
        for span in _noting_instants(chart.core_spans(), instants)
    )
    for span in instants:
        tally.mark(span.lane, span.process, span.start)
    return tally.rows(len(chart.run.cores), range(processes))


def state_cells(chart: Chart, axis: Axis) -> list[list[ChartCell]]:
    """Return a row per process; keys are indices into STATES."""
    key = {int(state): index for index, state in enumerate(STATES)}
    tally = Tally(axis, len(STATES))
    instants: list[Span] = []
    tally.add(
        (span.lane, key[span.state], span.start, span.end)
        for span in _noting_instants(chart.state_spans(), instants)
    )
    for span in instants:
        tally.mark(span.lane, key[span.state], span.start)
    return tally.rows(len(chart.run.processes), (key[State.RUNNING],))


def _noting_instants(spans: Iterable[Span], instants: list[Span]) -> Iterator[Span]:
    """Yield `spans`, and append to `instants` the running intervals that took no time."""
    for span in spans:
        if span.start == span.end and span.state == State.RUNNING and span.process != NO_PROCESS:
            instants.append(span)
        yield span
