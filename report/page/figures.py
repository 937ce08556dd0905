"""The page's charts, empty: axes, tools and what is to be drawn. The page's scripts fill them.

All of them share one range of time, so that they zoom and pan as one. They hold no words of the
scenario: names come with the record. Times on the axis are in the unit that the page says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bokeh.embed import components
from bokeh.models import (
    BasicTicker,
    BasicTickFormatter,
    ColumnDataSource,
    CrosshairTool,
    FixedTicker,
    Model,
    PanTool,
    Range1d,
    WheelZoomTool,
)
from bokeh.models.annotations import Span
from bokeh.plotting import figure

from kernel.units import NS_PER
from report import look
from timeline.run import REAL, Run

CURVES = {
    "ready": "ready queue",
    "programs": "programs in memory",
    "busy": "CPU busy",
}
"""Name of a curve to what stands beside it."""
CURVE_HEIGHT = 74  # pixels inside the frame
MEMORY_HEIGHT = 150
AXIS_HEIGHT = 34
TOP = 8
LONGEST = 16  # characters of a name at a lane; the scripts cut longer ones

HATCHES = (*dict.fromkeys(state.hatch for state in look.STATES.values() if state.hatch), "")
BARS = ("left", "right", "bottom", "top", "fill", "line", "alpha")


class Figures(NamedTuple):
    """A script that draws, and for each chart the element it is drawn in."""

    script: str
    elements: dict[str, str]


def lane_height(lanes: int) -> int:
    """Pixels of a lane: fewer, the more there are."""
    return 30 if lanes <= 8 else 24 if lanes <= 16 else 17


def figures(runs: Sequence[Run], span: int, unit: str) -> Figures:
    """A chart of lanes for each run, curves, and maps of memory where it is modelled."""
    build = _Build(runs, span / NS_PER[unit])
    charts: dict[str, Model] = {f"lanes-{at}": build.lanes(at, run) for at, run in enumerate(runs)}
    charts |= {f"curve-{name}": build.curve(name) for name in CURVES}
    charts |= {
        f"memory-{at}": build.memory(at) for at, run in enumerate(runs) if run.machine.get("memory")
    }
    script, elements = components(charts)
    return Figures(script, elements)


class _Build:
    """What the charts have in common."""

    def __init__(self, runs: Sequence[Run], end: float) -> None:
        self.runs = runs
        margin = end * 0.01 or 1.0
        self.time = Range1d(
            start=-margin,
            end=end + margin,
            bounds=(-margin, end + margin),
            min_interval=max(end * 1e-7, 1e-6),
            name="time",
        )
        names = [name for run in runs for name in run.process_names]
        longest = min(LONGEST, max([6, *map(len, names)]))
        self.left = 26 + 8 * longest
        self.crosshair = Span(dimension="height", line_dash="dotted", line_width=1)

    def lanes(self, at: int, run: Run) -> figure:
        """Cores above, processes below; a lane is one unit high, the lowest from 0 to 1."""
        lanes = len(run.cores) + len(run.processes)
        chart = self._chart(f"lanes-{at}", max(lanes, 1) * lane_height(lanes), max(lanes, 1))
        chart.yaxis.ticker = FixedTicker(ticks=[])  # the scripts know the names
        chart.yaxis.major_tick_line_color = None
        self._bars(chart, f"bars-{at}")
        chart.scatter(
            "x", "y", marker="inverted_triangle", size=9, color=look.MISSED, name=f"missed-{at}",
            source=ColumnDataSource({"x": [], "y": []}, name=f"missed-{at}"),
        )  # fmt: skip
        self._words(chart, f"words-{at}")
        chart.add_layout(self._cursor(f"lanes-{at}"))
        return chart

    def memory(self, at: int) -> figure:
        """Addresses upwards."""
        chart = self._chart(f"memory-{at}", MEMORY_HEIGHT, 1)
        chart.yaxis.ticker = FixedTicker(ticks=[])
        self._bars(chart, f"stays-{at}")
        self._words(chart, f"stay-words-{at}")
        chart.add_layout(self._cursor(f"memory-{at}"))
        return chart

    def curve(self, name: str) -> figure:
        """One number over time, a line for each run: the real one dashed."""
        chart = self._chart(f"curve-{name}", CURVE_HEIGHT, 1)
        chart.yaxis.ticker = BasicTicker(desired_num_ticks=3, mantissas=[1, 2, 5])
        for at, run in enumerate(self.runs):
            chart.line(
                "x", "y",
                source=ColumnDataSource({"x": [], "y": []}, name=f"{name}-{at}"),
                line_width=2 if run.backend == REAL else 1.6,
                line_dash=look.REAL_LINE if run.backend == REAL else look.SIMULATED_LINE,
                name=f"line-{name}-{at}",
            )  # fmt: skip
        chart.add_layout(self._cursor(f"curve-{name}"))
        return chart

    def _chart(self, name: str, height: int, top: float) -> figure:
        zoom = WheelZoomTool(dimensions="width", modifiers={"ctrl": True}, zoom_on_axis=False)
        pan = PanTool(dimensions="width")
        chart = figure(
            name=name,
            x_range=self.time,
            y_range=Range1d(start=0, end=top, name=f"range-{name}"),
            frame_height=height,
            height=height + AXIS_HEIGHT + TOP,
            sizing_mode="stretch_width",
            min_border_top=TOP,
            min_border_left=self.left,
            min_border_right=14,
            toolbar_location=None,
            tools=[zoom, pan, CrosshairTool(overlay=self.crosshair)],
            active_scroll=zoom,
            active_drag=pan,
            output_backend="canvas",
            lod_threshold=None,
        )
        chart.xaxis.formatter = BasicTickFormatter(use_scientific=False)
        chart.ygrid.visible = False
        chart.yaxis.name = f"axis-{name}"
        chart.yaxis.minor_tick_line_color = None
        return chart

    def _bars(self, chart: figure, name: str) -> None:
        """A renderer for each pattern, as Bokeh draws it anew for every bar otherwise; the plain
        bars are last, in front of the others."""
        for place, hatch in enumerate(HATCHES):
            chart.quad(
                left="left", right="right", bottom="bottom", top="top",
                fill_color="fill", fill_alpha="alpha", line_color="line", line_width=0.7,
                hatch_pattern=hatch or None, hatch_alpha=0.9, hatch_scale=9,
                source=ColumnDataSource({column: [] for column in BARS}, name=f"{name}-{place}"),
            )  # fmt: skip

    def _words(self, chart: figure, name: str) -> None:
        """Names inside of bars that have room."""
        columns: dict[str, list[float]] = {"x": [], "y": [], "text": [], "ink": []}
        chart.text(
            "x", "y", text="text", text_color="ink", text_align="center", text_baseline="middle",
            text_font_size="12px", text_font_style="bold",
            source=ColumnDataSource(columns, name=name),
        )  # fmt: skip

    def _cursor(self, chart: str) -> Span:
        """Where the step-through is."""
        return Span(dimension="height", line_width=2, name=f"cursor-{chart}", tags=["cursor"])
