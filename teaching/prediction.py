"""A student draws who runs when, before the run: any scenario, graded as an exercise is.

The chart is the answer to one question. Its feedback names the misconception whose chart it is, and
the decision at the first moment that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import gcd
from pathlib import Path

from kernel.errors import UsageError
from language.answers import Written
from language.exercises import asking
from language.source.options import Options
from language.variants import ScenarioText
from teaching.first_error import first_error
from teaching.grading import Grader
from teaching.marks import Marks
from teaching.posed import Posed
from teaching.variants import pose
from timeline.record.core_chart import Lane, core_chart
from translation import tr

MOST_CELLS = 400
"""Cells of a core in a chart that one can still draw."""
FINE = 24
"""Cells that a core has at least, if its times can be divided: few cells would tell the answer."""


def predicted(path: str | Path, options: Options) -> Posed:
    """Return the scenario at `path` as an exercise that asks for the Gantt chart alone.

    Raises ScenarioError, and UsageError if no chart can be drawn of it by hand.
    """
    source = ScenarioText.read(Path(path), options)
    posed = pose(asking(source, [{"gantt": "all"}]), None)
    if not any(core_chart(posed.run)):
        raise UsageError(tr("nothing runs in this scenario: there is no chart to draw"))
    return posed


@dataclass(frozen=True)
class Grid:
    """The cells of an empty chart: `cells` of `step` ns for each core."""

    step: int
    cells: int


def grid_of(posed: Posed) -> Grid:
    """Return the cells into which the right chart can be drawn, and room behind its end.

    Raises UsageError if they would be too many.
    """
    lanes = core_chart(posed.run)
    ends = {edge for lane in lanes for _, *edges in lane for edge in edges}
    step = gcd(*ends, *(row.arrival_ns for row in posed.run.processes))
    last = max(ends)
    if last // step > MOST_CELLS:
        raise UsageError(
            tr(
                "a chart of this run needs more than {limit} cells of equal length: take round "
                "times, fewer of them, and none drawn at random",
                limit=MOST_CELLS,
            )
        )
    part = next((n for n in (1, 2, 5, 10) if last * n // step >= FINE and step % n == 0), 1)
    step //= part
    return Grid(step, last // step + max(2, last // step // 10))


@dataclass(frozen=True)
class Judged:
    """What a chart earns, and why its first mistake is one; None: it has none."""

    marks: Marks
    first: str | None


def judged(posed: Posed, lanes: Mapping[int, Lane]) -> Judged:
    """Return what a chart earns. `lanes` has the stretches of each core. Raises UsageError."""
    problem = next(_problems(posed, lanes), None)
    if problem is not None:
        raise UsageError(problem)
    written = Written("your chart", {"gantt": lanes} if any(lanes.values()) else {})
    marks = Grader(posed).judged(written, "you")
    return Judged(marks, first_error(posed, lanes))


def _problems(posed: Posed, lanes: Mapping[int, Lane]) -> Iterator[str]:
    """Yield why this is no chart."""
    names = set(posed.run.process_names)
    for core, lane in lanes.items():
        if core not in range(len(posed.run.cores)):
            yield tr("your chart has a core {core}, which the machine does not have", core=core)
        before = 0
        for name, start, end in lane:
            if name not in names:
                yield tr(
                    "your chart has a process {process!r}, which the scenario does not have",
                    process=name,
                )
            if not before <= start < end:
                yield tr(
                    "your chart has a stretch of {process} that overlaps another, or has no length",
                    process=name,
                )
            before = end
