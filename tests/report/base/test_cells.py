"""Time cut into cells: the majority rule against a slow oracle."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from report.base.axis import Axis
from report.base.cells import EMPTY, ChartCell, Piece, Tally, core_cells, state_cells
from report.base.chart import Chart
from tests.report.runs import make_run
from timeline.record.run import Overhead

KEYS = 4
SLICES = range(3)  # key 3 is an overhead, which may vanish


@st.composite
def charts(draw: st.DrawFn) -> tuple[Axis, list[Piece]]:
    """An axis, and pieces on two rows, some of them beyond its end."""
    span = draw(st.integers(1, 400))
    width = draw(st.integers(1, 60))
    axis = draw(st.sampled_from([Axis.exact(span, width), Axis.fit(span, width)]))
    pieces = []
    for row in range(2):
        at = 0
        for gap, length, key in draw(
            st.lists(st.tuples(st.integers(0, 30), st.integers(0, 90), st.integers(0, KEYS - 1)))
        ):
            pieces.append((row, key, at + gap, at + gap + length))
            at += gap + length
    return axis, pieces


def oracle(axis: Axis, pieces: list[Piece], row: int, column: int) -> ChartCell:
    """The rule as the reader is told it, in fractions."""
    length = Fraction(axis.per, axis.cells)
    begin, end = column * length, (column + 1) * length
    time: dict[int, Fraction] = {}
    at_home = set()
    for where, key, start, end_of_piece in pieces:
        stop = min(end_of_piece, axis.span)
        overlap = min(end, Fraction(stop)) - max(begin, Fraction(start))
        if where != row or overlap <= 0:
            continue
        time[key] = time.get(key, Fraction(0)) + overlap
        elsewhere = stop - start - overlap
        if stop - start <= length and (
            overlap > elsewhere or (overlap == elsewhere and start >= begin)
        ):
            at_home.add(key)
    ranked = sorted(time, key=lambda key: (-time[key], key))
    shown = ranked[0] if ranked and sum(time.values()) * 2 >= length else EMPTY
    lost = [key for key in ranked if key in at_home and key in SLICES and key != shown]
    if not lost:
        return ChartCell(shown, False)
    return ChartCell(shown if shown in SLICES else lost[0], True)


@given(charts())
def test_each_cell_shows_who_had_most_of_it(chart: tuple[Axis, list[Piece]]) -> None:
    axis, pieces = chart
    tally = Tally(axis, KEYS)
    tally.add(pieces)

    assert tally.rows(2, SLICES) == [
        [oracle(axis, pieces, row, column) for column in range(axis.width)] for row in range(2)
    ]


def test_a_slice_too_short_for_a_cell_of_its_own_is_still_seen() -> None:
    run = make_run([("A", "running", 0, 50), ("B", "running", 50, 51), ("A", "running", 51, 100)])

    (row,) = core_cells(Chart(run), Axis.exact(100_000_000, 10))

    assert row == [ChartCell(0, False)] * 5 + [ChartCell(0, True)] + [ChartCell(0, False)] * 4


def test_a_short_slice_in_an_idle_cell_shows_itself() -> None:
    run = make_run([("A", "running", 51, 52), ("B", "running", 90, 100)])

    (row,) = core_cells(Chart(run), Axis.exact(100_000_000, 10))

    assert row[5] == ChartCell(0, True)
    assert row[9] == ChartCell(1, False)


def test_a_short_slice_across_two_cells_is_seen_in_one_of_them() -> None:
    run = make_run([("A", "blocked", 0, 37), ("A", "running", 37, 42), ("A", "blocked", 42, 100)])

    (row,) = state_cells(Chart(run), Axis.exact(100_000_000, 10))

    assert [column for column, cell in enumerate(row) if cell.key == 0] == [3]


def test_each_core_has_its_own_row() -> None:
    run = make_run([("A", "running0", 0, 10), ("B", "running1", 0, 10)])

    rows = core_cells(Chart(run), Axis.exact(10_000_000, 4))

    assert [{cell.key for cell in row} for row in rows] == [{0}, {1}]


def test_an_overhead_is_neither_idle_nor_a_process() -> None:
    run = make_run([("A", "running", 50, 100)], overheads=[Overhead(0, 0, 50_000_000, "switch")])

    (row,) = core_cells(Chart(run), Axis.exact(100_000_000, 2))

    assert [cell.key for cell in row] == [1, 0]


def test_states_before_arrival_and_after_the_end_are_empty() -> None:
    run = make_run([("A", "running", 20, 40), ("B", "running", 40, 60)])

    rows = state_cells(Chart(run), Axis.exact(60_000_000, 3))

    assert [cell.key for cell in rows[0]] == [EMPTY, 0, EMPTY]


def test_a_slice_of_no_time_is_marked_where_it_was() -> None:
    tally = Tally(Axis(4, 4, 1, 1), 2)
    tally.add([(0, 0, 0, 2)])
    tally.mark(0, 1, 2)
    tally.mark(0, 1, 4)  # at the very end: in the last cell
    assert [cell.key for cell in tally.rows(1, (0, 1))[0]] == [0, 0, 1, 1]
