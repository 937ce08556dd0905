"""The chart of a run, which all outputs draw: lanes for cores and processes, with spans in them.

The terminal cuts the spans into cells, pictures and notebooks draw them as rectangles, and a trace
has them as slices. The chart says which spans a lane has; `labels` and `style` say by which label,
colour and pattern each span is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress
from typing import NamedTuple

from kernel.process.states import RUNNING, WHYS
from report.base.labels import Labels
from timeline.record.intervals import NO_DEVICE, Intervals
from timeline.record.jobs import missed_deadlines
from timeline.record.run import Run
from translation import tr

NO_PROCESS = -1


class Span(NamedTuple):
    """A stretch of time in a lane: from `start` up to `end`, ns."""

    lane: int  # from the top: a core, or a process by its place in the run
    process: int  # its place in the run; NO_PROCESS: an overhead of the core
    start: int
    end: int
    state: int  # kernel.process.states.State
    core: int  # -1: none
    device: int  # -1: none
    why: str  # why the interval ended; for an overhead: which kind it is


class Chart:
    """The lanes of one run. Several charts that are drawn together share their labels."""

    def __init__(self, run: Run, labels: Labels | None = None) -> None:
        """Make the chart of `run`.

        `labels` are the labels of all processes in the drawing; None: the drawing has only `run`.
        """
        names = run.process_names
        self.run = run
        self.labels = Labels(names) if labels is None else labels.only(names)

    @property
    def core_names(self) -> list[str]:
        """The names of the lanes of the cores."""
        return [tr("core {core}", core=core.core) for core in self.run.cores]

    def core_spans(self) -> Iterator[Span]:
        """Yield the overheads of all cores, then the running intervals as they were recorded."""
        for each in self.run.overheads:
            yield Span(
                *(each.core, NO_PROCESS, each.start_ns, each.end_ns),
                *(RUNNING, each.core, NO_DEVICE, each.why),
            )
        columns = self.run.intervals
        yield from compress(
            self._spans(columns.core, columns), map(int(RUNNING).__eq__, columns.state)
        )

    def state_spans(self) -> Iterator[Span]:
        """Yield the states of all processes as they were recorded."""
        return self._spans(self.run.intervals.process, self.run.intervals)

    @staticmethod
    def _spans(lanes: Iterable[int], columns: Intervals) -> Iterator[Span]:
        whys = map(WHYS.__getitem__, columns.why)
        where = columns.core, columns.device
        times = columns.start, columns.end
        rows = zip(lanes, columns.process, *times, columns.state, *where, whys, strict=True)
        return map(Span._make, rows)

    def missed(self) -> Iterator[tuple[int, int]]:
        """Yield (process, ns) of each missed deadline, process by process."""
        for process, row in enumerate(self.run.processes):
            for at in missed_deadlines(row, self.run):
                yield process, at

    def until(self, at: int) -> Chart:
        """Return the chart up to `at` ns. An interval or overhead that goes on then is cut there.

        A core's share of busy time is its share of the time up to `at`.
        """
        kept = Intervals()
        busy = [0] * len(self.run.cores)
        for row in self.run.intervals:
            if row.start < at:
                kept.add(row if row.end <= at else row._replace(end=at))
                if row.state == RUNNING and 0 <= row.core < len(busy):
                    busy[row.core] += min(row.end, at) - row.start
        lost = [
            each._replace(end_ns=min(at, each.end_ns))
            for each in self.run.overheads
            if each.start_ns < at
        ]
        cores = [replace(core, busy_ns=busy[core.core]) for core in self.run.cores]
        end = max(1, at)
        run = replace(self.run, intervals=kept, overheads=lost, cores=cores, makespan_ns=end)
        return Chart(run, self.labels)


def shared_labels(runs: Sequence[Run]) -> Labels:
    """Return one set of labels for all processes of the runs, by their names."""
    return Labels(list(dict.fromkeys(name for run in runs for name in run.process_names)))


def span_of(run: Run) -> int:
    """Return the latest time in the run's record, ns: its makespan or its last interval's end."""
    return max(run.makespan_ns, max(run.intervals.end, default=0))
