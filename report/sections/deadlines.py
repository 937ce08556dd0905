"""Missed deadlines: marks in the charts, cells of the tables, words for the totals."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from rich.text import Text

from report.base.axis import Axis
from report.base.tables import Column, counts_column
from report.sections.gantt import MISSED, Frame
from timeline.record.jobs import Misses, missed_deadlines, misses, misses_of
from timeline.record.run import ProcessRow, Run

LINE = "missed"
"""What a line of marks is called."""


def missed_columns(run: Run, axis: Axis) -> list[frozenset[int]]:
    """For each process the cells in which a deadline was missed."""
    return [
        frozenset(axis.column(at) for at in missed_deadlines(row, run)) for row in run.processes
    ]


def missed_line(run: Run, frame: Frame) -> list[Text]:
    """One line with a mark wherever any deadline was missed; none if there are no deadlines."""
    if misses(run) is None:
        return []
    columns = frozenset[int]().union(*missed_columns(run, frame.axis))
    cells = Text()
    for column in range(frame.axis.width):
        there = column in columns
        cells.append(frame.glyphs.missed if there else " ", MISSED if there else Style())
    return [frame.line(LINE, cells)]


def missed_notes(run: Run, frame: Frame) -> list[str]:
    """What the marks mean, if there are any."""
    found = misses(run)
    return [f"{frame.glyphs.missed} missed a deadline"] if found and found.missed else []


def missed_column(rows: Iterable[ProcessRow], run: Run) -> Column:
    """`1 of 5` for each process with deadlines."""
    return counts_column("missed", [ratio(misses_of(row, run)) for row in rows])


def ratio(found: Misses | None) -> str | None:
    """`1 of 5`."""
    return found and f"{found.missed:,} of {found.jobs:,}"


def missed_words(run: Run) -> list[str]:
    """`missed 3 of 20 deadlines`, for the totals."""
    found = misses(run)
    if found is None:
        return []
    return [f"missed {ratio(found)} deadline{'s' if found.jobs != 1 else ''}"]
