"""The page's charts without data: axes, tools, and the glyphs that the page's scripts fill.

All charts share one range of time, so they zoom and pan together. They contain no text of the
scenario: the scripts take names from the record. The page says the unit of the time axis.

Only `bokeh.models` is used, as `bokeh.plotting` takes longer to load.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bokeh.embed import components
from bokeh.models import (
    AllIndices,
    AllLabels,
    BasicTicker,
    BasicTickFormatter,
    CDSView,
    ColumnDataSource,
    CrosshairTool,
    FixedTicker,
    Grid,
    Line,
    LinearAxis,
    LinearScale,
    Model,
    PanTool,
    Plot,
    Quad,
    Range1d,
    Scatter,
    Text,
    Ticker,
    UnionRenderers,
    WheelZoomTool,
)
from bokeh.models.annotations import Span
from bokeh.models.glyph import Glyph
from rich.cells import cell_len

from kernel.process.states import State
from kernel.units import NS_PER
from report.base import style
from timeline.record.jobs import misses
from timeline.record.run import REAL, Run

CURVES = {
    "ready": "ready queue",
    "programs": "programs in memory",
    "busy": "CPU busy, %",
}
"""The heading of each curve, by its name."""
CURVE_HEIGHT = 74  # pixels inside the frame
MEMORY_HEIGHT = 150
AXIS_HEIGHT = 26
TOP = 6
MOST_LANES = 100
"""How many processes have a lane. Further processes appear on the lanes of the cores only."""
LONGEST = 16  # characters of a name beside a lane; the scripts cut longer names
BARS = ("left", "right", "bottom", "top", "fill", "line", "alpha")


class Figures(NamedTuple):
    """The script that draws the charts, and for each chart the HTML element that contains it."""

    script: str
    elements: dict[str, str]


def hatches(runs: Iterable[Run]) -> list[str]:
    """Return the patterns that occur. The plain one is last, so it is drawn over the others."""
    states = {State(code) for run in runs for code in set(run.intervals.state)}
    found = [drawn.hatch for state, drawn in style.STATE_STYLES.items() if state in states]
    return [*dict.fromkeys(["/", *filter(None, found)]), ""]


def figures(runs: Sequence[Run], span: int, unit: str) -> Figures:
    """Return a chart of lanes for each run, curves, and maps of memory where it is modelled."""
    build = _ChartBuilder(runs, span / NS_PER[unit])
    charts: dict[str, Model] = {f"lanes-{at}": build.lanes(at, run) for at, run in enumerate(runs)}
    charts |= {f"curve-{name}": build.curve(name) for name in CURVES}
    charts |= {
        f"memory-{at}": build.memory(at) for at, run in enumerate(runs) if run.machine.get("memory")
    }
    script, elements = components(charts)
    return Figures(script, elements)


def lane_height(lanes: int) -> int:
    """Return the pixels of a lane: fewer, the more lanes there are."""
    return 38 if lanes <= 5 else 30 if lanes <= 8 else 24 if lanes <= 16 else 17


class _ChartBuilder:
    """Makes charts that share the time axis and all other objects that can be shared."""

    def __init__(self, runs: Sequence[Run], end: float) -> None:
        self.runs = runs
        self.hatches = hatches(runs)
        margin = end * 0.01
        self.time = Range1d(
            start=-margin,
            end=end + margin,
            bounds=(-margin, end + margin),
            min_interval=end * 1e-7,
            name="time",
        )
        names = [name for run in runs for name in run.process_names]
        self.left = 26 + 8 * min(LONGEST, max([6, *map(cell_len, names)]))
        self.crosshair = Span(dimension="height", line_dash="dotted", line_width=1)
        # these have no state, so all charts share one of each: Bokeh is slow to write a model
        self.scale, self.labels, self.all = LinearScale(), AllLabels(), AllIndices()
        self.ticks, self.policy = BasicTicker(), UnionRenderers()
        self.numbers = BasicTickFormatter(use_scientific=False)

    def lanes(self, at: int, run: Run) -> Plot:
        """Return a chart with the lanes of cores above the lanes of processes, each 1 high."""
        lanes = max(1, len(run.cores) + min(MOST_LANES, len(run.processes)))
        chart = self._chart(f"lanes-{at}", lanes * lane_height(lanes), lanes, FixedTicker(ticks=[]))
        self._bars(chart, f"bars-{at}")
        if misses(run) is not None:
            mark = Scatter(x="x", y="y", marker="inverted_triangle", size=9)
            mark.fill_color = mark.line_color = style.MISSED
            self._add(chart, mark, f"missed-{at}", ("x", "y"))
        self._words(chart, f"words-{at}")
        return chart

    def memory(self, at: int) -> Plot:
        """Return a map of memory. Addresses increase upwards, from 0 to 1 for all of memory."""
        chart = self._chart(f"memory-{at}", MEMORY_HEIGHT, 1, FixedTicker(ticks=[]))
        self._bars(chart, f"stays-{at}")
        self._words(chart, f"stay-words-{at}")
        return chart

    def curve(self, name: str) -> Plot:
        """Return a chart of one number over time: a line per run, dashed for a real run."""
        ticker = BasicTicker(desired_num_ticks=3, mantissas=[1, 2, 5], min_interval=1)
        chart = self._chart(f"curve-{name}", CURVE_HEIGHT, 1, ticker)
        for at, run in enumerate(self.runs):
            dash = style.REAL_LINE if run.backend == REAL else style.SIMULATED_LINE
            line = Line(x="x", y="y", line_width=1.8, line_dash=dash)
            self._add(chart, line, f"{name}-{at}", ("x", "y"))
        return chart

    def _chart(self, name: str, height: int, top: float, ticker: Ticker) -> Plot:
        zoom = WheelZoomTool(dimensions="width", modifiers={"ctrl": True}, zoom_on_axis=False)
        pan = PanTool(dimensions="width")
        chart = Plot(
            name=name,
            title=None,
            x_scale=self.scale,
            y_scale=self.scale,
            x_range=self.time,
            y_range=Range1d(start=0, end=top, name=f"range-{name}"),
            frame_height=height,
            height=height + AXIS_HEIGHT + TOP,
            sizing_mode="stretch_width",
            min_border_top=TOP,
            min_border_right=14,
            min_border_bottom=AXIS_HEIGHT,
            min_border_left=self.left,
            toolbar_location=None,
            lod_threshold=None,
            background_fill_color=None,  # transparent: the page's background is seen
            border_fill_color=None,
        )
        chart.add_tools(zoom, pan, CrosshairTool(overlay=self.crosshair))
        chart.toolbar.active_scroll = zoom
        chart.toolbar.active_drag = pan
        axis: dict[str, Any] = {"formatter": self.numbers, "major_label_policy": self.labels}
        below = LinearAxis(ticker=self.ticks, **axis)
        chart.add_layout(below, "below")
        left = LinearAxis(ticker=ticker, name=f"axis-{name}", **axis)  # type: ignore[arg-type]
        chart.add_layout(left, "left")
        chart.add_layout(Grid(dimension=0, ticker=self.ticks))
        chart.add_layout(
            Span(
                dimension="height",
                line_width=2,
                level="overlay",
                name=f"cursor-{name}",
                tags=["cursor"],
            )
        )
        return chart

    def _bars(self, chart: Plot, name: str) -> None:
        """Add a renderer per pattern: Bokeh makes a pattern anew for each glyph of a renderer."""
        for place, hatch in enumerate(self.hatches):
            bars = Quad(
                left="left", right="right", bottom="bottom", top="top",
                fill_color="fill", fill_alpha="alpha", line_color="line", line_width=0.7,
                hatch_pattern=hatch or None, hatch_alpha=0.9, hatch_scale=9,
            )  # fmt: skip
            self._add(chart, bars, f"{name}-{place}", BARS)

    def _words(self, chart: Plot, name: str) -> None:
        """Add the glyph of names, which the scripts write into bars with enough room."""
        words = Text(
            x="x", y="y", text="text", text_color="ink", text_font_size="12px",
            text_font_style="bold", text_align="center", text_baseline="middle",
        )  # fmt: skip
        self._add(chart, words, name, ("x", "y", "text", "ink"))

    def _add(self, chart: Plot, glyph: Glyph, name: str, columns: Iterable[str]) -> None:
        """Add `glyph` with an empty source, which the scripts find by its name."""
        empty: dict[str, list[float]] = {column: [] for column in columns}
        source = ColumnDataSource(empty, name=name, selection_policy=self.policy)
        chart.add_glyph(source, glyph, view=CDSView(filter=self.all))
