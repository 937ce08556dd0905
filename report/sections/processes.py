"""The table of processes: when each process arrived, ran and ended, and how long it waited."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from report.base.axis import brief
from report.base.tables import (
    KEPT,
    MOST_ROWS,
    Group,
    Sheet,
    counts_column,
    first_and_worst,
    names_column,
    times_column,
)
from report.sections.deadlines import missed_column
from timeline.record.run import REAL, ProcessRow, Run
from translation import mark, tr

Rows = Sequence[ProcessRow]


def shown_rows(run: Run) -> tuple[list[ProcessRow], list[int]]:
    """Return the rows to print, and the indices of the rows after which a line is drawn."""
    if len(run.processes) <= MOST_ROWS:
        return run.processes, []
    first, worst = first_and_worst([row.turnaround_ns for row in run.processes])
    return [run.processes[i] for i in (*first, *worst)], [len(first) - 1]


def process_table(run: Run, unit: str, most: int, ellipsis: str) -> Sheet:
    """Return the table, times in `unit`, names of at most `most` columns.

    The means are over all processes, including processes that are not shown.
    """
    rows, breaks = shown_rows(run)
    places = 2 if run.backend == REAL else 3
    return Sheet(
        names_column(tr("process"), [row.name for row in rows], most, ellipsis),
        [
            *_instant_columns(run, rows, unit, places),
            *_durations(run, rows, unit, places),
            *_counts(run, rows),
        ],
        breaks,
    )


def short_process_table(run: Run, unit: str, most: int, ellipsis: str) -> Sheet:
    """Return the table with fewer columns, so that it fits into 80 columns."""
    rows, breaks = shown_rows(run)
    places = 2 if run.backend == REAL else 3
    return Sheet(
        names_column(tr("process"), [row.name for row in rows], most, ellipsis),
        [
            *(
                group
                for group in _instant_columns(run, rows, unit, places)
                if _heading(group) in map(tr, _SHORT)
            ),
            *(
                group
                for group in _durations(run, rows, unit, places)
                if _heading(group) in map(tr, _SHORT)
            ),
            *(group for group in _counts(run, rows) if _heading(group) not in map(tr, _LONG)),
        ],
        breaks,
    )


_SHORT = (
    mark("arrival"),
    mark("comple-\ntion"),
    mark("turn-\naround"),
    mark("re-\nsponse"),
    mark("waiting"),
    mark("CPU"),
)
_LONG = (mark("slices"), mark("mi-\ngrated"))


def _heading(group: Group) -> str:
    return group.columns[0].heading


def _instant_columns(run: Run, rows: Rows, unit: str, places: int) -> list[Group]:
    """Return the columns of arrival, admission (if memory is modelled), first run, completion."""
    columns = [times_column(tr("arrival"), [r.arrival_ns for r in rows], unit, places)]
    if run.machine.get("memory") or run.memory_events:
        columns.append(times_column(tr("admit-\nted"), [r.admitted_ns for r in rows], unit, places))
    columns += [
        times_column(tr("first\nrun"), [r.first_run_ns for r in rows], unit, places),
        times_column(tr("comple-\ntion"), [r.completion_ns for r in rows], unit, places),
    ]
    return [Group([column]) for column in columns]


def _durations(run: Run, rows: Rows, unit: str, places: int) -> list[Group]:
    """Return the columns of turnaround, response and waiting with means, blocked and CPU time."""
    means = run.averages
    columns = [
        times_column(
            tr("turn-\naround"), [r.turnaround_ns for r in rows], unit, places, means.turnaround_ns
        ),
        times_column(
            tr("re-\nsponse"), [r.response_ns for r in rows], unit, places, means.response_ns
        ),
        times_column(tr("waiting"), [r.waiting_ns for r in rows], unit, places, means.waiting_ns),
        times_column(tr("blocked"), [r.blocked_ns for r in rows], unit, places),
        *(
            [times_column(tr("sus-\npended"), [r.suspended_ns for r in rows], unit, places)]
            if any(r.suspended_ns for r in run.processes)
            else []
        ),
        times_column(tr("CPU"), [r.cpu_ns for r in rows], unit, places),
    ]
    return [Group([column]) for column in columns]


def _counts(run: Run, rows: Rows) -> list[Group]:
    """Return the columns of counts.

    Migrations, deadlines and exit codes have a column only if at least one process has them.
    """
    columns = [
        counts_column(tr("slices"), [r.slices for r in rows]),
        counts_column(tr("pre-\nempted"), [r.preemptions for r in rows]),
    ]
    if any(r.migrations for r in run.processes):
        columns.append(counts_column(tr("mi-\ngrated"), [r.migrations for r in rows]))
    if any(r.jobs is not None for r in run.processes):
        columns.append(missed_column(rows, run))
    if any(r.exitcode for r in rows):
        columns.append(counts_column(tr("exit"), [r.exitcode for r in rows]))
    return [Group([column]) for column in columns]


def cut_words(run: Run, unit: str) -> str:
    """Return a sentence about the rows that a cut table leaves out; "" if it has all rows."""
    if len(run.processes) <= MOST_ROWS:
        return ""
    known = sorted(r.turnaround_ns for r in run.processes if r.turnaround_ns is not None)
    if not known:
        return tr(
            "{n:,} processes: the first {kept}, then the {kept} worst by turnaround; "
            "--json and --out have all of them",
            n=len(run.processes),
            kept=KEPT,
        )
    least, middle, most = (
        brief(round(value), unit) for value in (known[0], median(known), known[-1])
    )
    return tr(
        "{n:,} processes: the first {kept}, then the {kept} worst by turnaround (of all: least "
        "{least}, median {median}, most {most} {unit}); --json and --out have all of them",
        n=len(run.processes),
        kept=KEPT,
        least=least,
        median=middle,
        most=most,
        unit=unit,
    )
