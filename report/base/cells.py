"""Time cut into the cells of a chart: who had most of each.

Exact integer arithmetic: where an axis has `cells` cells for every `per` ns, time is counted in
units of 1/cells ns, so that a cell is `per` units long and its borders are whole numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kernel.process.states import State
from report.base.axis import Axis
from report.base.style import STATE_STYLES
from timeline.record.run import LEAVES, TAKES, MemoryEvent, Run

EMPTY = -1
TO_COME = -2  # a cell that a run has not reached yet
STATES = tuple(STATE_STYLES)
"""The keys of a state chart, by index: on equal time the earlier one is shown."""

Piece = tuple[int, int, int, int]
"""A stretch of time in a row of a chart: (row, key, start ns, end ns)."""


class ChartCell(NamedTuple):
    """What a cell shows: a key or EMPTY, and whether it stands for more than it can show."""

    key: int
    partial: bool


BLANK = ChartCell(EMPTY, False)


class Tally:
    """Time by row, cell and key, in units of 1/cells ns."""

    def __init__(self, axis: Axis, keys: int) -> None:
        self.axis = axis
        self.keys = keys
        self._time: dict[int, int] = {}
        self._homes: set[int] = set()  # slots of pieces that are no longer than a cell

    def add(self, pieces: Iterable[Piece]) -> None:
        """Count `pieces`, whatever their order. What lies beyond the span is left out."""
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
            if finish - begin <= per:  # at home where most of it lies
                border = last * per
                self._homes.add(slot if 2 * border >= begin + finish else slot + keys)
            time[slot] = time.get(slot, 0) + (first + 1) * per - begin
            for _ in range(first + 1, last):
                slot += keys
                time[slot] = time.get(slot, 0) + per
            slot += keys
            time[slot] = time.get(slot, 0) + finish - last * per

    def mark(self, row: int, key: int, at: int) -> None:
        """Keep a slice of no time at `at` ns: it has no share of its cell, but must be drawn."""
        span, cells, per = self.axis.span, self.axis.cells, self.axis.per
        if at > span or not span:
            return
        column = min(at * cells, span * cells - 1) // per
        slot = (row * self.axis.width + column) * self.keys + key
        self._time.setdefault(slot, 0)
        self._homes.add(slot)

    def rows(self, count: int, slices: Collection[int]) -> list[list[ChartCell]]:
        """`count` rows, each as wide as the axis. Keys in `slices` never vanish; see `_decide`."""
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
        """The key that had most of the cell; EMPTY if less than half of the cell was used at all.

        A slice no longer than a cell might vanish: where most of it lies another key is shown. Then
        that cell is marked partial, and shows the slice unless it shows another slice already.
        """
        used = -sum(time for time, _, _ in parts)
        shown = parts[0][1] if 2 * used >= self.axis.per else EMPTY
        lost = [key for _, key, at_home in parts if at_home and key != shown and key in slices]
        if not lost:
            return ChartCell(shown, False)
        return ChartCell(shown if shown in slices else lost[0], True)


def core_rows(run: Run, axis: Axis) -> list[list[ChartCell]]:
    """A row per core; keys are process indices, and len(processes) is the machine's overhead."""
    processes = len(run.processes)
    tally = Tally(axis, processes + 1)
    tally.add(_running(run))
    for process, core, at in _instants(run):
        tally.mark(core, process, at)
    tally.add((o.core, processes, o.start_ns, o.end_ns) for o in run.overheads)
    return tally.rows(len(run.cores), range(processes))


def state_rows(run: Run, axis: Axis) -> list[list[ChartCell]]:
    """A row per process; keys are indices into STATES."""
    tally = Tally(axis, len(STATES))
    tally.add(_states(run))
    for process, _, at in _instants(run):
        tally.mark(process, 0, at)
    return tally.rows(len(run.processes), (0,))


def _instants(run: Run) -> Iterator[tuple[int, int, int]]:
    """(process, core, ns) of each running interval that took no time."""
    columns = run.intervals
    rows = zip(
        columns.state, columns.start, columns.end, columns.process, columns.core, strict=True
    )
    for state, start, end, process, core in rows:
        if start == end and state == State.RUNNING:
            yield process, core, start


def _running(run: Run) -> Iterator[Piece]:
    columns = run.intervals
    running = int(State.RUNNING)
    for core, process, start, end, state in zip(
        columns.core, columns.process, columns.start, columns.end, columns.state, strict=True
    ):
        if state == running:
            yield core, process, start, end


def _states(run: Run) -> Iterator[Piece]:
    columns = run.intervals
    key = {int(state): index for index, state in enumerate(STATES)}
    keys = map(key.__getitem__, columns.state)
    return zip(columns.process, keys, columns.start, columns.end, strict=True)


def span_of(run: Run) -> int:
    """Ns from 0 to the last thing that the run recorded; 0 if nothing took any time."""
    return max(run.makespan_ns, max(run.intervals.end, default=0))


class Stay(NamedTuple):
    """One program in one place. Bytes and ns; `until` is None if it never left."""

    base: int
    size: int
    process: str
    since: int
    until: int | None


def stays(events: Iterable[MemoryEvent]) -> list[Stay]:
    """Who lay where and when, in the order in which they got there.

    One that is moved leaves one place and has another.
    """
    placed: dict[tuple[str, int], int] = {}
    base_of: dict[str, int] = {}
    found: list[Stay] = []
    for event in events:
        base = base_of.get(event.process, -1) if event.event == "moved" else event.base
        if event.event in ("moved", *LEAVES) and (event.process, base) in placed:
            index = placed.pop((event.process, base))
            found[index] = found[index]._replace(until=event.at_ns)
        if event.event in ("moved", *TAKES):
            base_of[event.process] = event.base
            placed[event.process, event.base] = len(found)
            found.append(Stay(event.base, event.size, event.process, event.at_ns, None))
    return found
