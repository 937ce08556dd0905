"""Charts below each other on one time axis: the student's own, the model's, the real machine's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.console import Console

from kernel.process.states import RUNNING
from report.base.cells import core_cells
from report.base.chart import Chart
from report.base.printing import print_lines, print_notes
from report.sections.gantt import Frame, core_lines, core_notes, legend
from timeline.record.core_chart import Lane
from timeline.record.intervals import NO_DEVICE, Interval, Intervals
from timeline.record.run import CoreRow, Run


class _Named(Chart):
    """A chart whose lanes have names of their own."""

    names: Sequence[str] = ()

    @property
    def core_names(self) -> list[str]:
        return list(self.names)


def run_of(lanes: Mapping[int, Lane], like: Run) -> Run:
    """Return a run that has these lanes and nothing else. Processes are those of `like`."""
    place = {name: at for at, name in enumerate(like.process_names)}
    intervals, busy = Intervals(), [0] * len(like.cores)
    for core, lane in lanes.items():
        for name, start, end in lane:
            if name in place and core < len(busy):
                row = Interval(place[name], int(RUNNING), start, end, core, NO_DEVICE, "ended")
                intervals.add(row)
                busy[core] += end - start
    last = max((end for lane in lanes.values() for *_, end in lane), default=0)
    cores = [CoreRow(core, time, max(0, last - time)) for core, time in enumerate(busy)]
    return replace(like, makespan_ns=last, cores=cores, intervals=intervals, overheads=[])


def show_lanes(charts: Mapping[str, Run], console: Console) -> None:
    """Print the charts. A line has the name of its chart, and the core if there are several."""
    span = max((run.makespan_ns for run in charts.values()), default=0)
    if not span:
        return
    drawn = [_named(name, run) for name, run in charts.items()]
    frame = Frame.fit(console, span, [name for chart in drawn for name in chart.names])
    notes: dict[str, None] = {}
    for chart in drawn:
        rows = core_cells(chart, frame.axis)
        print_lines(console, core_lines(chart, rows, frame))
        notes.update(dict.fromkeys(core_notes(rows, chart.labels, frame.glyphs)))
    print_lines(console, [frame.ticks(), frame.times()])
    print_notes(console, legend(drawn[0].labels, frame.glyphs))
    print_notes(console, list(notes))
    console.print()


def _named(name: str, run: Run) -> _Named:
    chart = _Named(run)
    many = len(run.cores) > 1
    chart.names = [f"{name} {core.core}" if many else name for core in run.cores]
    return chart
