"""The charts of the page, made with Bokeh: curves with bands, bars with intervals, heat maps."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, LinearColorMapper
from bokeh.models.annotations import Whisker
from bokeh.palettes import Cividis256
from bokeh.plotting import figure

from experiments.results.answer import Answer
from experiments.shown.numbers import Scale, scale_of
from experiments.shown.panels import Drawing, Form, Series, estimates_of, reals_of
from experiments.shown.words import point_words
from experiments.statistics.intervals import Estimate
from report.base.screen import clean
from report.base.style import AGREED, MISSED, colour
from report.base.tables import cut
from translation import tr

HEIGHT = 300  # pixels
MID = "#76808a"  # of axes and their labels: to be read on light and dark paper
TOOLS = "pan,wheel_zoom,box_zoom,reset"
MOST_NAME = 30


def chart(answer: Answer, drawing: Drawing, measure: int) -> Any:
    """Return the chart of one measure."""
    scale = scale_of(answer.measures[measure], answer.estimates[measure])
    draw = {Form.BARS: _bars, Form.HEAT: _heat}.get(drawing.form, _curves)
    return draw(answer, drawing, measure, scale)


def _tip() -> list[tuple[str, str]]:
    """Return what hovering over a point shows."""
    return [("", "@point"), ("", "@words"), (tr("replications"), "@many")]


def _source(
    answer: Answer, series: Series, measure: int, scale: Scale, **columns: Any
) -> ColumnDataSource:
    """Return what the glyphs of a series need, and what hovering shows."""
    found = [
        (place, point, each)
        for place, (point, each) in enumerate(
            zip(series.points, estimates_of(answer, measure, series), strict=True)
        )
        if each is not None
    ]
    data: dict[str, Any] = {
        "y": [each.mean / scale.per for _, _, each in found],
        "low": [each.low / scale.per for _, _, each in found],
        "high": [each.high / scale.per for _, _, each in found],
        "point": [clean(point_words(answer, point)) for _, point, _ in found],
        "words": [f"{scale.within(each)} {scale.unit}".rstrip() for _, _, each in found],
        "many": [each.many for _, _, each in found],
        "index": [point for _, point, _ in found],
    }
    data |= {name: [values[place] for place, _, _ in found] for name, values in columns.items()}
    return ColumnDataSource(data)


def _plot(**how: Any) -> Any:
    """Return an empty chart that is read on light and on dark paper."""
    plot = figure(
        height=HEIGHT, sizing_mode="stretch_width", tools=TOOLS, toolbar_location=None,
        background_fill_color=None, border_fill_color=None, outline_line_color=None, **how,
    )  # fmt: skip
    for axis in plot.axis:
        axis.axis_line_color = axis.major_tick_line_color = MID
        axis.minor_tick_line_color = None
        axis.major_label_text_color = axis.axis_label_text_color = MID
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "13px"
        axis.axis_label_text_font_style = "normal"
    plot.grid.grid_line_color = MID
    plot.grid.grid_line_alpha = 0.25
    return plot


def _curves(answer: Answer, drawing: Drawing, measure: int, scale: Scale) -> Any:
    assert drawing.x is not None
    plot = _plot(x_axis_type="log" if drawing.x.logarithmic else "linear")
    plot.xaxis.axis_label = clean(drawing.x.title)
    if drawing.x.logarithmic:
        few = drawing.x.values[:: max(1, len(drawing.x.values) // 8)]
        plot.xaxis.ticker = FixedTicker(ticks=few)
        plot.xaxis.major_label_overrides = {value: f"{value:g}" for value in few}
    dots, best = [], answer.best(measure)
    for number, series in enumerate(drawing.series):
        x = [drawing.x.at[point] for point in series.points]
        source, hue = _source(answer, series, measure, scale, x=x), colour(number)
        named = {"legend_label": clean(cut(series.name, MOST_NAME, "…"))} if series.name else {}
        if drawing.form is Form.CURVES:
            plot.varea("x", "low", "high", source=source, fill_color=hue, fill_alpha=0.2)
            plot.line("x", "y", source=source, line_color=hue, line_width=2, **named)
        dots.append(plot.scatter("x", "y", source=source, size=7, color=hue))
        _real(plot, answer, drawing, measure, series, scale)
        places = [at for at, point in enumerate(source.data["index"]) if point == best]
        for at in places:
            plot.scatter(
                [source.data["x"][at]], [source.data["y"][at]], size=16, line_color=AGREED,
                line_width=2.5, fill_color=None,
            )  # fmt: skip
    plot.add_tools(HoverTool(tooltips=_tip(), renderers=dots))
    if plot.legend:
        plot.legend.background_fill_alpha = 0
        plot.legend.border_line_color = None
        plot.legend.label_text_color = MID
        plot.legend.click_policy = "hide"
    return plot


def _real(
    plot: Any, answer: Answer, drawing: Drawing, measure: int, series: Series, scale: Scale
) -> None:
    """Draw the points of the real machine as crosses, with their intervals."""
    assert drawing.x is not None
    found = [
        (drawing.x.at[point], each)
        for point in series.points
        for each in reals_of(answer, measure, point)
    ]
    if not found:
        return
    xs = [x for x, _ in found]
    label = f"{series.name} {tr('real runs')}".strip()
    means = [each.mean / scale.per for _, each in found]
    plot.scatter(
        xs, means, marker="x", size=11, line_width=2.5, line_color=MISSED, legend_label=label
    )
    lows, highs = ([end / scale.per for end in ends] for ends in _ends(found))
    plot.segment(xs, lows, xs, highs, line_color=MISSED)


def _ends(found: list[tuple[float, Estimate]]) -> tuple[list[float], list[float]]:
    return [each.low for _, each in found], [each.high for _, each in found]


def _bars(answer: Answer, drawing: Drawing, measure: int, scale: Scale) -> Any:
    series = drawing.series[0]
    names = [clean(cut(point_words(answer, point), MOST_NAME, "…")) for point in series.points]
    if len(set(names)) < len(names):
        names = [f"{at + 1} {name}" for at, name in enumerate(names)]
    best = answer.best(measure)
    hues = [AGREED if point == best else colour(0) for point in series.points]
    source = _source(answer, series, measure, scale, x=names, hue=hues)
    plot = _plot(x_range=source.data["x"])
    bars = plot.vbar("x", top="y", width=0.7, source=source, color="hue", alpha=0.75)
    plot.add_layout(
        Whisker(base="x", lower="low", upper="high", source=source, line_color=MID, line_width=1.5)
    )
    if len(names) > 6:
        plot.xaxis.major_label_orientation = 0.9
    plot.y_range.start = 0
    plot.y_range.end = 1.05 * max([*source.data["high"], 1e-9])
    plot.add_tools(HoverTool(tooltips=_tip(), renderers=[bars]))
    return plot


def _heat(answer: Answer, drawing: Drawing, measure: int, scale: Scale) -> Any:
    assert drawing.x is not None
    assert drawing.y is not None
    xs, ys = ([f"{value:g}" for value in axis.values] for axis in (drawing.x, drawing.y))
    series = drawing.series[0]
    source = _source(
        answer, series, measure, scale,
        x=[f"{drawing.x.at[point]:g}" for point in series.points],
        v=[f"{drawing.y.at[point]:g}" for point in series.points],
    )  # fmt: skip
    plot = _plot(x_range=xs, y_range=ys)
    plot.xaxis.axis_label, plot.yaxis.axis_label = clean(drawing.x.title), clean(drawing.y.title)
    means = source.data["y"] or [0.0]
    mapper = LinearColorMapper(palette=Cividis256, low=min(means), high=max(means))
    cells = plot.rect(
        "x", "v", 1, 1, source=source, line_color=None,
        fill_color={"field": "y", "transform": mapper},
    )  # fmt: skip
    best = answer.best(measure)
    if best is not None:
        plot.scatter(
            [f"{drawing.x.at[best]:g}"], [f"{drawing.y.at[best]:g}"], size=16, line_color="white",
            line_width=2.5, fill_color=None,
        )  # fmt: skip
    plot.add_tools(HoverTool(tooltips=_tip(), renderers=[cells]))
    return plot
