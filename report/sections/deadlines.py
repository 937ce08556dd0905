"""Missed deadlines, as marks in charts, cells of tables, and words in the totals."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from rich.text import Text

from report.base.axis import Axis
from report.base.chart import Chart
from report.base.tables import Column, counts_column
from report.sections.gantt import MISSED, Frame
from timeline.record.jobs import Misses, aborted_jobs, misses, misses_of
from timeline.record.run import ProcessRow, Run
from translation import mark, tr, tr_n

LINE = mark("missed")
"""The name of the line with the marks of missed deadlines."""


def missed_columns(chart: Chart, axis: Axis) -> list[set[int]]:
    """Return for each process the cells in which it missed a deadline."""
    columns: list[set[int]] = [set() for _ in chart.run.processes]
    for process, at in chart.missed():
        columns[process].add(axis.column(at))
    return columns


def missed_line(chart: Chart, frame: Frame) -> list[Text]:
    """Return one line with a mark at each missed deadline; no line if the run has no deadlines."""
    if misses(chart.run) is None:
        return []
    columns = set[int]().union(*missed_columns(chart, frame.axis))
    cells = Text()
    for column in range(frame.axis.width):
        there = column in columns
        cells.append(frame.glyphs.missed if there else " ", MISSED if there else Style())
    return [frame.line(tr(LINE), cells)]


def missed_notes(run: Run, frame: Frame) -> list[str]:
    """Return the meaning of the mark, if a deadline was missed."""
    found = misses(run)
    if not found or not found.missed:
        return []
    dropped = sum(map(aborted_jobs, run.processes))
    if dropped == found.missed:
        return [f"{frame.glyphs.missed} {tr('missed a deadline: the job was dropped')}"]
    return [f"{frame.glyphs.missed} {tr('missed a deadline')}"]


def missed_column(rows: Iterable[ProcessRow], run: Run) -> Column:
    """Return the column `missed`; it has `1 of 5`, for example, for a process with deadlines."""
    return counts_column(tr("missed"), [ratio(misses_of(row, run)) for row in rows])


def ratio(found: Misses | None) -> str | None:
    """Return missed and all deadlines, like `1 of 5`; None for a process without deadlines."""
    return found and tr("{missed:,} of {jobs:,}", missed=found.missed, jobs=found.jobs)


def missed_words(run: Run) -> list[str]:
    """Return the words for the totals: how many deadlines were missed, how many jobs dropped."""
    found = misses(run)
    if found is None:
        return []
    dropped = sum(map(aborted_jobs, run.processes))
    words = [
        tr_n(
            "missed {missed:,} of {n:,} deadline",
            "missed {missed:,} of {n:,} deadlines",
            found.jobs,
            missed=found.missed,
        )
    ]
    return [*words, tr("jobs dropped: {n}", n=dropped)] if dropped else words
