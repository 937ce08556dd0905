"""The panels of a picture, drawn with matplotlib over one time axis.

The lanes are the same as on the page and the terminal: a lane per core shows which process ran, a
lane per program shows its states. Each state has its own height and pattern
(`report/base/style.py`), so that a reader can tell them in a grey print. In the panel of memory
addresses increase upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from kernel.process.states import State
from kernel.units import BYTES_PER, NS_PER, format_size
from report.base.chart import NO_PROCESS, Chart
from report.base.labels import Labels
from report.base.memory_spans import memory_spans
from report.base.screen import UNICODE
from report.base.style import MISSED, OVERHEAD, STATE_STYLES
from report.base.tables import cut
from report.sections.memory import memory_size
from report.sections.run_titles import titles
from timeline.memory.occupancy import requests
from timeline.record.run import Run
from translation import tr

EDGE = "white"
MOST_EDGED = 400  # rectangles of a panel; with more, the edges would cover the rectangles
LETTER = 0.072  # inches that a letter of a label needs; the label's margin is one letter
LABEL = 7.5  # points
FAINT = 0.35  # the least opacity of a state in a crowded chart, which has no patterns
MOST_LETTERS = 15  # of a name beside its lane
THIN = 0.2  # of a lane
CORE_HEIGHT = 0.8  # of a lane
UNUSED = 0.2, "\\\\"
"""Opacity and pattern of the memory that a program got but had not asked for."""


class Rectangle(NamedTuple):
    """A rectangle: from `start` to `end` ns, from `low` to `high` in the panel's own unit."""

    start: int
    end: int
    low: float
    high: float
    process: int


@dataclass(frozen=True, slots=True)
class Scale:
    """What all panels share: the time axis, the labels, the width in inches."""

    span: int  # ns
    unit: str
    width: float
    labels: Labels

    def at(self, ns: int) -> float:
        """Return a time in the unit of the axis."""
        return ns / NS_PER[self.unit]

    def inches(self, ns: int) -> float:
        """Return the length of a duration on paper, in inches."""
        return ns / self.span * self.width


def draw_cores(axes: Axes, chart: Chart, scale: Scale) -> None:
    """Draw a lane per core, core 0 at the top: which process ran there."""
    lanes, bottom = len(chart.run.cores), (1 - CORE_HEIGHT) / 2
    rectangles: list[Rectangle] = []
    lost: list[Rectangle] = []
    for span in chart.core_spans():
        low = lanes - 1 - span.lane + bottom
        rectangle = Rectangle(span.start, span.end, low, low + CORE_HEIGHT, span.process)
        (lost if span.process == NO_PROCESS else rectangles).append(rectangle)
    _fill(axes, lost, scale, OVERHEAD)
    for process, mine in _by_process(rectangles).items():
        edged = len(rectangles) <= MOST_EDGED
        _fill(axes, mine, scale, chart.labels.colour(process), edged=edged)
    if len(rectangles) <= MOST_EDGED:
        _label(axes, rectangles, scale, chart.labels)
    _lanes(axes, chart.core_names)


def draw_states(axes: Axes, charts: Sequence[Chart], scale: Scale) -> None:
    """Draw a lane per program, the first at the top. The first of two runs has the upper half."""
    names = scale.labels.names
    for number, chart in enumerate(charts):
        _draw_states_of(axes, chart, scale, LaneShare(number, len(charts)))
    _lanes(axes, names)
    if len(charts) > 1:
        _name_runs(axes, charts, scale)
        for lane in range(1, len(names)):
            axes.axhline(lane, color="0.85", lw=0.6, zorder=0)


class LaneShare(NamedTuple):
    """The part of each lane that run `number` of `of` runs has; run 0 has the top."""

    number: int
    of: int

    @property
    def floor(self) -> float:
        """The distance from the lane's lower edge to the part's lower edge, in lanes."""
        return 1 - (self.number + 1) / self.of

    def heights(self, lane: int, height: float) -> tuple[float, float]:
        """Return lower and upper edge of a rectangle in `lane`; `height` is its share, 0 to 1."""
        gap = 0.08 / self.of
        low = lane + (self.floor + gap)
        return low, low + height * (1 / self.of - gap)


def _draw_states_of(axes: Axes, chart: Chart, scale: Scale, share: LaneShare) -> None:
    """Draw the states of one run's programs, and their missed deadlines."""
    lanes = [len(scale.labels.names) - 1 - place for place in chart.labels.places]
    rectangles: dict[tuple[State, int], list[Rectangle]] = {}
    for span in chart.state_spans():
        state, process = State(span.state), span.process
        heights = share.heights(lanes[process], STATE_STYLES[state].height)
        mine = rectangles.setdefault((state, process), [])
        mine.append(Rectangle(span.start, span.end, *heights, process))
    crowded = len(chart.run.intervals) > MOST_EDGED
    for (state, process), mine in rectangles.items():
        style, hue = STATE_STYLES[state], chart.labels.colour(process)
        if crowded:  # a narrow rectangle has no room for a pattern; its height shows the state
            _fill(axes, mine, scale, hue, max(style.opacity, FAINT), edged=False)
        elif style.hatch:
            _fill(axes, mine, scale, hue, style.opacity, style.hatch)
        else:
            _fill(axes, mine, scale, hue)
    for process, at in chart.missed():
        low = lanes[process] + share.floor
        x = scale.at(at)
        axes.plot([x, x], [low, low + 1 / share.of], color=MISSED, lw=1.4)


def _name_runs(axes: Axes, charts: Sequence[Chart], scale: Scale) -> None:
    """Write the name of its run beside each half of each lane."""
    words = titles(*(chart.run for chart in charts))
    for lane in range(len(scale.labels.names)):
        for number, word in enumerate(words):
            axes.annotate(
                word,
                (1, lane + 1 - (number + 0.5) / len(words)),
                xytext=(4, 0),
                textcoords="offset points",
                xycoords=axes.get_yaxis_transform(),
                va="center",
                fontsize=6.5,
                color="0.35",
            )


def draw_memory(axes: Axes, chart: Chart, scale: Scale) -> None:
    """Draw where each program lay, addresses upwards. Memory it had not asked for is hatched."""
    run, labels = chart.run, chart.labels
    asked = requests(run)
    index = {name: place for place, name in enumerate(labels.names)}
    size = memory_size(run)
    unit = max((u for u in ("B", "KiB", "MiB", "GiB") if BYTES_PER[u] <= size), key=BYTES_PER.get)  # type: ignore[arg-type]
    scaled = BYTES_PER[unit]
    held, unused = [], []
    for stay in memory_spans(run.memory_events):
        until = scale.span if stay.until is None else stay.until
        wish = min(asked.get(stay.process, stay.size), stay.size)
        low, middle, high = (
            each / scaled for each in (stay.base, stay.base + wish, stay.base + stay.size)
        )
        held.append(Rectangle(stay.since, until, low, middle, index[stay.process]))
        if high > middle:
            unused.append(Rectangle(stay.since, until, middle, high, index[stay.process]))
    for process, mine in _by_process(held).items():
        _fill(axes, mine, scale, labels.colour(process))
    for process, mine in _by_process(unused).items():
        _fill(axes, mine, scale, labels.colour(process), *UNUSED)
    if len(held) <= MOST_EDGED:
        _label(axes, held, scale, labels)
    axes.set_ylim(0, size / scaled)
    axes.set_ylabel(tr("memory, {unit}", unit=unit))
    for border in _borders(run):
        axes.axhline(border / scaled, color="0.45", lw=0.7, zorder=3)
    title = tr("Main memory, {size} ({run})", size=format_size(size), run=tr(run.backend))
    axes.set_title(title, **HEADING)


HEADING: dict[str, Any] = {"loc": "left", "fontsize": 9, "fontweight": "bold", "pad": 3}


def _borders(run: Run) -> Iterable[int]:
    """Yield the borders between fixed partitions."""
    at = 0
    memory = run.machine.get("memory") or {}
    for size in memory.get("partitions", ())[:-1]:
        at += size
        yield at


def _by_process(rectangles: Iterable[Rectangle]) -> dict[int, list[Rectangle]]:
    found: dict[int, list[Rectangle]] = {}
    for rectangle in rectangles:
        found.setdefault(rectangle.process, []).append(rectangle)
    return found


def _fill(
    axes: Axes,
    rectangles: Sequence[Rectangle],
    scale: Scale,
    hue: str,
    opacity: float = 1.0,
    hatch: str = "",
    *,
    edged: bool = True,
) -> None:
    """Draw rectangles of one colour and pattern as one path: 20,000 of them take a second."""
    corners = [
        corner
        for r in rectangles
        for a, b in [(scale.at(r.start), scale.at(r.end))]
        for corner in ((a, r.low), (a, r.high), (b, r.high), (b, r.low), (a, r.low))
    ]
    if not corners:
        return
    thin = rectangles[0].high - rectangles[0].low < THIN  # white edges would cover a thin one
    outline = PathPatch(
        Outline(corners, len(rectangles) * OUTLINE),
        facecolor=to_rgba(hue, opacity),
        edgecolor=hue if hatch or thin else EDGE,
        linewidth=0.5 if edged else 0,
        hatch=3 * hatch or None,
        antialiased=edged,  # with it many thin rectangles would be too pale to see
    )
    axes.add_artist(outline)


OUTLINE = [Outline.MOVETO, *3 * [Outline.LINETO], Outline.CLOSEPOLY]


def _label(axes: Axes, rectangles: Iterable[Rectangle], scale: Scale, labels: Labels) -> None:
    """Write into each rectangle the name or the label of its process, where there is room."""
    for each in rectangles:
        end = min(each.end, scale.span)
        text = labels.fitting(each.process, scale.inches(end - each.start) / LETTER - 1)
        if text:
            axes.text(
                scale.at(each.start + end) / 2,
                (each.low + each.high) / 2,
                text,
                ha="center",
                va="center_baseline",
                fontsize=LABEL,
                color=labels.ink(each.process),
                clip_on=True,
                parse_math=False,
            )


def _lanes(axes: Axes, names: Sequence[str]) -> None:
    """Write the names of lanes on the left, the first at the top."""
    axes.set_ylim(0, len(names))
    axes.set_yticks([len(names) - 0.5 - lane for lane in range(len(names))])
    axes.set_yticklabels(
        [cut(name, MOST_LETTERS, UNICODE.ellipsis) for name in names], parse_math=False
    )
    axes.tick_params(axis="y", length=0)
