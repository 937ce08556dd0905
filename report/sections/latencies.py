"""Latencies: a table for each kind, with a histogram of all processes together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from report.base.axis import brief, unit_for
from report.base.printing import Fact
from report.base.tables import Column, Group, Sheet, counts_column, names_column, times_column
from timeline.record.latencies import (
    AT_LEAST,
    KINDS,
    STATISTICS,
    Summary,
    histogram,
    latencies,
    over_all,
    summary,
)
from timeline.record.run import Run
from translation import mark, tr

MOST = 20
"""Processes in a table: with more, only the ones with the worst 99th percentile."""
TITLES = {
    "wakeup": mark("Wake-up latency"),
    "dispatch": mark("Dispatch latency"),
    "burst": mark("Service time of bursts"),
    "slack": mark("Slack to deadlines"),
}
WIDEST_BAR = 40


class KindOfLatency(NamedTuple):
    """One kind: its title, its unit, the table of processes, and the histogram of all."""

    title: str
    unit: str
    sheet: Sheet
    bars: list[Fact]  # the range of a bin, and its bar with the count


def kinds_of_latency(run: Run, most: int, ellipsis: str, block: str) -> Iterator[KindOfLatency]:
    """Yield the kinds that the run has. Names are cut to `most` columns; bars are of `block`."""
    each = latencies(run)
    together = over_all(each)
    for kind, words in KINDS.items():
        whole = summary(together.of(kind))
        if whole is None:
            continue
        named = [
            (name, found)
            for name, one in zip(run.process_names, each, strict=True)
            if (found := summary(one.of(kind))) is not None
        ]
        unit = unit_for(max(abs(whole.min), abs(whole.max)))
        title = tr("{title}: {words}", title=tr(TITLES[kind]), words=tr(words))
        shown = _worst(named, kind)
        if len(shown) < len(named):
            title = tr(
                "{title}; the worst {shown} of {all:,} processes",
                title=title,
                shown=len(shown),
                all=len(named),
            )
        sheet = _sheet(shown, whole, kind, unit, most, ellipsis)
        bars = list(_bars(together.of(kind), unit, block, ellipsis))
        yield KindOfLatency(title, unit, sheet, bars)


def _worst(named: list[tuple[str, Summary]], kind: str) -> list[tuple[str, Summary]]:
    if len(named) <= MOST:
        return named
    if kind in AT_LEAST:
        return sorted(named, key=lambda entry: entry[1].min)[:MOST]
    return sorted(named, key=lambda entry: -entry[1].p99)[:MOST]


def _sheet(
    named: Sequence[tuple[str, Summary]],
    whole: Summary,
    kind: str,
    unit: str,
    most: int,
    ellipsis: str,
) -> Sheet:
    """Return the table: a row for each process, and at the foot all processes together."""
    names = names_column(tr("process"), [name for name, _ in named], most, ellipsis)
    names.foot = tr("all")
    rows = [found for _, found in named]
    counts = counts_column(tr("count"), [f"{found.count:,}" for found in rows])
    counts.foot = f"{whole.count:,}"
    statistics = [name for name in STATISTICS if name != "min" or kind in AT_LEAST]
    columns = [_times(name, rows, whole, unit) for name in statistics]
    return Sheet(names, [Group([counts]), *(Group([column]) for column in columns)])


def _times(name: str, rows: Sequence[Summary], whole: Summary, unit: str) -> Column:
    values: list[int] = [getattr(found, name) for found in (*rows, whole)]
    column = times_column(tr(name), values, unit, 1 if name == "mean" else 3)
    column.foot = column.cells.pop()
    return column


def _bars(values: Sequence[int], unit: str, block: str, ellipsis: str) -> Iterator[Fact]:
    """Yield the bins that have values, and the gaps between them; none if all are in one."""
    bins = histogram(values)
    if len(bins) < 2:
        return
    greatest = max(each.count for each in bins)
    for each in bins:
        if not each.count:
            yield ellipsis, ""
            continue
        edges = tr(
            "{low} to {high} {unit}",
            low=brief(each.low, unit, 9),
            high=brief(each.high, unit, 9),
            unit=unit,
        )
        bar = block * -(-WIDEST_BAR * each.count // greatest)
        yield "0" if each.high == 1 else edges, f"{bar} {each.count:,}"
