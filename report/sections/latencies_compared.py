"""The wake-up latencies of two machines side by side, in one unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from report.base.axis import unit_for
from report.base.tables import Column, Group, Sheet, counts_column, names_column, times_column
from report.sections.latencies import MOST
from timeline.record.latencies import Summary, latencies, summary
from timeline.record.run import Run
from translation import tr

Found = dict[str, Summary]


class WakeUps(NamedTuple):
    """The table of wake-up latencies, its unit, and how many processes it leaves out."""

    sheet: Sheet
    unit: str
    left_out: int


def wake_ups(
    sides: tuple[Sequence[Run], Sequence[Run]],
    titles: tuple[str, str],
    most: int,
    ellipsis: str,
) -> WakeUps | None:
    """Return the table of processes with the wake-up latencies of both sides.

    A side is one run or several, whose latencies are taken together. None: no process woke. Of
    many processes, the table has the MOST with the largest 99th percentile. Names are cut to `most`
    columns.
    """
    gathered = [_by_process(runs) for runs in sides]
    each = [_summaries(values) for values in gathered]
    named = {name: None for run in (sides[0][0], sides[1][0]) for name in run.process_names}
    names = [name for name in named if any(name in found for found in each)]
    if not names:
        return None
    shown = names
    if len(names) > MOST:
        shown = sorted(names, key=lambda name: -_worst(name, each))[:MOST]
    unit = unit_for(max(_worst(name, each) for name in names))
    first = names_column(tr("process"), shown, most, ellipsis)
    first.foot = tr("all")
    groups = [Group([]) for _ in each]
    for group, values, found, title in zip(groups, gathered, each, titles, strict=True):
        whole = summary([value for some in values.values() for value in some])
        group.columns.extend(_columns(shown, found, whole, title, unit))
    return WakeUps(Sheet(first, groups), unit, len(names) - len(shown))


def _by_process(runs: Sequence[Run]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for run in runs:
        for name, mine in zip(run.process_names, latencies(run), strict=True):
            found.setdefault(name, []).extend(mine.wakeup)
    return found


def _summaries(values: dict[str, list[int]]) -> Found:
    each = {name: summary(some) for name, some in values.items()}
    return {name: found for name, found in each.items() if found is not None}


def _worst(name: str, each: Sequence[Found]) -> int:
    return max(found[name].p99 for found in each if name in found)


def _columns(
    names: Sequence[str], found: Found, whole: Summary | None, title: str, unit: str
) -> list[Column]:
    rows = [*map(found.get, names), whole]
    columns = [
        counts_column(f"{title}\n{tr('count')}", [f"{row.count:,}" if row else "" for row in rows])
    ]
    for heading, values in (
        (tr("median"), [row.median if row else None for row in rows]),
        ("p99", [row.p99 if row else None for row in rows]),
    ):
        columns.append(times_column(f"{title}\n{heading}", values, unit, 3))
    for column in columns:
        column.foot = column.cells.pop()
    return columns
