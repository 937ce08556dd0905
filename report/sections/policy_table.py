"""The table of policies: a row for each run of one scenario; the best and worst are marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from report.base.tables import Column, Group, Sheet, counts_column, names_column, times_column
from report.sections.deadlines import ratio
from timeline.comparison.measures import Measures, measures
from timeline.number_formats import digits
from timeline.record.run import Run
from translation import tr

BEST, WORST = "*", "!"
PLACES = 2  # decimals


def policy_table(
    runs: Sequence[Run], names: Sequence[str], unit: str, most: int, ellipsis: str
) -> Sheet:
    """Return a row per run. The best and the worst of a column have marks, unless all are equal."""
    rows = [measures(run) for run in runs]
    return Sheet(
        names_column(tr("policy"), names, most, ellipsis),
        [Group([column]) for column in (*_times(rows, unit), *_others(rows, unit))],
    )


def _times(rows: Sequence[Measures], unit: str) -> list[Column]:
    """Return the means of turnaround, response and waiting, and 95th percentiles of two of them."""
    columns: dict[str, Callable[[Measures], int | None]] = {
        tr("mean\nturn-\naround"): lambda row: row.turnaround_ns,
        tr("95 %\nturn-\naround"): lambda row: row.turnaround_p95_ns,
        tr("mean\nre-\nsponse"): lambda row: row.response_ns,
        tr("mean\nwait-\ning"): lambda row: row.waiting_ns,
        tr("95 %\nwait-\ning"): lambda row: row.waiting_p95_ns,
    }
    return [
        _marked(times_column(heading, values, unit, PLACES), values, least=True)
        for heading, of in columns.items()
        for values in [[of(row) for row in rows]]
    ]


def _others(rows: Sequence[Measures], unit: str) -> list[Column]:
    """Return fairness, switches, preemptions, throughput, makespan, and missed deadlines."""
    fairness = [row.fairness for row in rows]
    throughput = [row.throughput_per_s for row in rows]
    spans = [row.makespan_ns for row in rows]
    switches, lost = [row.switches for row in rows], [row.preemptions for row in rows]
    texts = ["" if value is None else f"{value:.3f}" for value in fairness]
    columns = [
        _marked(Column(tr("fair-\nness"), texts), fairness, least=False),
        _marked(counts_column(tr("swit-\nches"), switches), switches, least=True),
        _marked(counts_column(tr("pre-\nempted"), lost), lost, least=True),
        _marked(
            Column(tr("through-\nput per s"), [digits(value, 4) for value in throughput]),
            throughput,
            least=False,
        ),
        _marked(times_column(tr("make-\nspan"), spans, unit, PLACES), spans, least=True),
    ]
    if any(row.misses is not None for row in rows):
        missed = [row.misses and row.misses.missed for row in rows]
        texts = [ratio(row.misses) or "" for row in rows]
        columns.append(_marked(Column(tr("missed"), texts), missed, least=True))
    return columns


def _marked(column: Column, values: Sequence[float | None], *, least: bool) -> Column:
    """Return the column with marks at its best and worst value, and at all that look like them."""
    known = [value for value in values if value is not None]
    ends = (min(known), max(known)) if known else (None, None)
    best, worst = (_looks(column, values, end) for end in (ends if least else ends[::-1]))
    marks = dict.fromkeys(worst, WORST) | dict.fromkeys(best, BEST)
    if best.issuperset(worst):
        marks = {}
    cells = [f"{cell}{marks.get(cell, ' ')}" for cell in column.cells]
    heading = "\n".join(f"{line} " for line in column.heading.split("\n"))
    return Column(heading, cells)


def _looks(column: Column, values: Sequence[float | None], wanted: float | None) -> set[str]:
    """Return how the cells of a value are printed."""
    pairs = zip(column.cells, values, strict=True)
    return {cell for cell, value in pairs if value is not None and value == wanted}
