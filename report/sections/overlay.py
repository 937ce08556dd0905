"""The cores of several runs, one run below the other, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from report.base.cells import core_cells
from report.base.chart import Chart, shared_labels, span_of
from report.base.printing import BOLD, print_lines, print_notes, say
from report.sections.deadlines import LINE, missed_line, missed_notes
from report.sections.gantt import Frame, core_lines, core_notes, legend
from timeline.record.jobs import misses
from timeline.record.run import Run
from translation import tr


def overlay(runs: Sequence[Run], headings: Sequence[str], console: Console) -> None:
    """Print the cores of the runs, one run below the other, and what the characters mean."""
    span = max(map(span_of, runs))
    if not span:
        say(console, tr("Nothing took any time: there is no chart to draw."))
        return
    labels = shared_labels(runs)
    frame = Frame.fit(console, span, _line_names(runs))
    notes: list[str] = []
    for run, heading in zip(runs, headings, strict=True):
        chart = Chart(run, labels)
        rows = core_cells(chart, frame.axis)
        say(console, heading, BOLD)
        print_lines(console, core_lines(chart, rows, frame))
        print_lines(console, [*missed_line(chart, frame), frame.ticks()])
        notes += core_notes(rows, chart.labels, frame.glyphs) + missed_notes(run, frame)
    print_lines(console, [frame.times()])
    print_notes(console, legend(labels, frame.glyphs))
    print_notes(console, list(dict.fromkeys(notes)))
    console.print()


def _line_names(runs: Sequence[Run]) -> list[str]:
    names = [tr("core {core}", core=core.core) for run in runs for core in run.cores]
    return [*names, tr(LINE)] if any(misses(run) for run in runs) else names
