"""The table of differences: each measure in the first run, in the second, and the difference."""

from __future__ import annotations

from collections.abc import Sequence

from report.base.axis import in_unit, places_for
from report.base.tables import (
    MOST_ROWS,
    Column,
    Group,
    Sheet,
    counts_column,
    first_and_worst,
    names_column,
    times_column,
)
from timeline.comparison.model import Comparison, ProcessComparison
from timeline.comparison.pair import Pair
from translation import tr

PLACES = 2  # decimals


def difference_table(
    comparison: Comparison, titles: tuple[str, str], unit: str, most: int, ellipsis: str
) -> Sheet:
    """Return a table with a row per process: four columns per measure, two for missed deadlines."""
    rows, breaks = _shown(comparison.processes)
    measures = {
        tr("turnaround"): [row.turnaround for row in rows],
        tr("response"): [row.response for row in rows],
        tr("waiting"): [row.waiting for row in rows],
        tr("CPU"): [row.cpu for row in rows],
    }
    return Sheet(
        names_column(tr("process"), [row.name for row in rows], most, ellipsis),
        [
            *(_measure(name, pairs, titles, unit) for name, pairs in measures.items()),
            *_missed(comparison, rows, titles),
        ],
        breaks,
    )


def short_table(
    comparison: Comparison, titles: tuple[str, str], unit: str, most: int, ellipsis: str
) -> Sheet:
    """Return a table of the main columns, with a row per process and one for the makespan."""
    rows, breaks = _shown(comparison.processes)
    whole = comparison.makespan
    turnarounds = [*(row.turnaround for row in rows), whole]
    waits = [row.waiting for row in rows]
    return Sheet(
        names_column(tr("process"), [*(row.name for row in rows), tr("makespan")], most, ellipsis),
        [
            Group(
                [
                    times_column(
                        f"{tr('turnaround')}\n{titles[0]}",
                        [p.first for p in turnarounds],
                        unit,
                        PLACES,
                    ),
                    *_charged(comparison, rows, unit),
                    times_column(titles[1], [p.second for p in turnarounds], unit, PLACES),
                    _signed(tr("diff."), [p.difference for p in turnarounds], unit),
                    counts_column("%", map(_percent, turnarounds)),
                ]
            ),
            Group(
                [
                    times_column(
                        f"{tr('waiting')}\n{titles[0]}",
                        [*(p.first for p in waits), None],
                        unit,
                        PLACES,
                    ),
                    times_column(titles[1], [*(p.second for p in waits), None], unit, PLACES),
                ]
            ),
            *(_with_last(group) for group in _missed(comparison, rows, titles)),
        ],
        [*breaks, len(rows) - 1],
    )


def _charged(comparison: Comparison, rows: Sequence[ProcessComparison], unit: str) -> list[Column]:
    """Return the turnarounds and makespan of the charged model, if there is one."""
    charged = comparison.charged
    if charged is None:
        return []
    by_name = dict(
        zip((row.name for row in comparison.processes), charged.turnarounds, strict=True)
    )
    times = [*(by_name[row.name].first for row in rows), charged.makespan.first]
    return [times_column(tr("charged"), times, unit, PLACES)]


def _with_last(group: Group) -> Group:
    """Add an empty cell for the row of the makespan."""
    return Group([Column(column.heading, [*column.cells, ""]) for column in group.columns])


def _percent(pair: Pair) -> str:
    return "" if pair.percent is None else f"{pair.percent:+.1f}"


def _shown(rows: Sequence[ProcessComparison]) -> tuple[Sequence[ProcessComparison], list[int]]:
    """Return the rows to show, and after which of them a line is drawn.

    If there are too many rows, the first are shown, and those whose turnarounds differ most.
    """
    if len(rows) <= MOST_ROWS:
        return rows, []
    apart = [row.turnaround.difference for row in rows]
    first, worst = first_and_worst([None if ns is None else abs(ns) for ns in apart])
    return [rows[i] for i in (*first, *worst)], [len(first) - 1]


def _measure(measure: str, pairs: Sequence[Pair], titles: tuple[str, str], unit: str) -> Group:
    percents = map(_percent, pairs)
    return Group(
        [
            times_column(f"{measure}\n{titles[0]}", [p.first for p in pairs], unit, PLACES),
            times_column(titles[1], [p.second for p in pairs], unit, PLACES),
            _signed(tr("diff."), [p.difference for p in pairs], unit),
            counts_column("%", percents),
        ]
    )


def _missed(
    comparison: Comparison, rows: Sequence[ProcessComparison], titles: tuple[str, str]
) -> list[Group]:
    """Return how many deadlines each process missed, if there are any deadlines."""
    if not comparison.jobs:
        return []
    return [
        Group(
            [
                counts_column(f"{tr('missed')}\n{titles[0]}", [row.missed.first for row in rows]),
                counts_column(titles[1], [row.missed.second for row in rows]),
            ]
        )
    ]


def _signed(heading: str, values: Sequence[int | None], unit: str) -> Column:
    places = places_for([value for value in values if value is not None], unit, PLACES)
    return Column(heading, ["" if v is None else signed(v, unit, places) for v in values])


def signed(ns: int, unit: str, places: int) -> str:
    """Return a difference (ns) in `unit` with its sign; 0 has no sign."""
    text = in_unit(ns, unit, places)
    return f"+{text}" if ns > 0 else text
