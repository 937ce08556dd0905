"""The picture of an answer: a panel for each measure, for a paper or a slide."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.measures.names import Measure
from experiments.results.answer import Answer
from experiments.shown.numbers import Scale, scale_of
from experiments.shown.panels import (
    Drawing,
    Form,
    NumberAxis,
    Series,
    drawing_of,
    estimates_of,
    reals_of,
)
from experiments.shown.words import plan_words, point_values
from kernel.errors import UsageError
from report.base.screen import UNICODE
from report.base.style import AGREED, colour
from report.base.tables import cut
from report.files.picture import save_figure
from translation import tr, tr_text

WIDTH = 9.0  # inches
PANEL, HEAD, GAP = 2.5, 0.75, 0.75  # inches high: a panel, the title, what is between panels
MARKERS = "osD^vP*X"
BAND = 0.18  # opacity of an interval's band
MOST_NAME = 24  # letters of a name beside a bar


def save_answer_picture(answer: Answer, path: Path, kind: str) -> None:
    """Draw the answer, and save it as `png` or `svg`. Raises UsageError."""
    drawing = drawing_of(answer)
    if drawing is None:
        raise UsageError(tr("{path}: one point makes no picture: vary a key", path=path))
    save_figure(lambda: draw_answer(answer, drawing), path, kind)


def draw_answer(answer: Answer, drawing: Drawing) -> Figure:
    """Return the figure: up to two panels beside each other."""
    many = len(answer.measures)
    columns = 1 if many == 1 else 2
    lines = -(-many // columns)
    bars = len(drawing.series[0].points) if drawing.form is Form.BARS else 0
    panel = max(PANEL, 0.3 * bars)
    total = HEAD + lines * (panel + GAP)
    figure = Figure(figsize=(WIDTH, total))
    for at, measure in enumerate(answer.measures):
        line, column = divmod(at, columns)
        left = (0.8 + column * WIDTH / columns) / WIDTH
        bottom = 1 - (HEAD + (line + 1) * (panel + GAP) - GAP + 0.1) / total
        axes = figure.add_axes(
            (left, bottom, (WIDTH / columns - 1.1) / WIDTH, (panel - 0.1) / total)
        )
        _panel(axes, answer, drawing, at, measure)
    x = 0.3 / WIDTH
    title = cut(tr_text(answer.title), 84, UNICODE.ellipsis)
    figure.text(
        x, 1 - 0.12 / total, title, va="top", fontsize=12, fontweight="bold", parse_math=False
    )
    words = cut(" · ".join(plan_words(answer)), 120, UNICODE.ellipsis)
    figure.text(x, 1 - 0.4 / total, words, va="top", color="0.35", parse_math=False)
    return figure


def _panel(axes: Axes, answer: Answer, drawing: Drawing, at: int, measure: Measure) -> None:
    scale = scale_of(measure, answer.estimates[at])
    unit = f", {scale.unit}" if scale.unit else ""
    axes.set_title(
        f"{measure.name}{unit}", loc="left", fontsize=9, fontweight="bold", parse_math=False
    )
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if drawing.form is Form.BARS:
        _bars(axes, answer, drawing, at, scale)
    elif drawing.form is Form.HEAT:
        _heat(axes, answer, drawing, at, scale)
    else:
        _curves(axes, answer, drawing, at, scale)


def _curves(axes: Axes, answer: Answer, drawing: Drawing, at: int, scale: Scale) -> None:
    assert drawing.x is not None
    best = answer.best(at)
    for number, series in enumerate(drawing.series):
        found = [
            (drawing.x.at[point], each, point)
            for point, each in zip(series.points, estimates_of(answer, at, series), strict=True)
            if each is not None
        ]
        xs = [x for x, _, _ in found]
        means = [each.mean / scale.per for _, each, _ in found]
        hue = colour(number)
        if any(each.half for _, each, _ in found) and drawing.form is Form.CURVES:
            lows = [each.low / scale.per for _, each, _ in found]
            highs = [each.high / scale.per for _, each, _ in found]
            axes.fill_between(xs, lows, highs, color=hue, alpha=BAND, linewidth=0)
        line = "-" if drawing.form is Form.CURVES else ""
        axes.plot(
            xs, means, line, marker=MARKERS[number], markersize=3.5, color=hue, lw=1.3,
            label=series.name or (tr("model") if answer.real is not None else None),
        )  # fmt: skip
        for x, each, point in found:
            if point == best and answer.real is None:
                _mark(axes, x, each.mean / scale.per)
        _real(axes, answer, drawing, at, series, scale)
    reals = (each for point in range(len(answer.points)) for each in reals_of(answer, at, point))
    drawn = [*answer.estimates[at], *reals]
    least = min((each.mean for each in drawn if each is not None), default=0)
    if least >= 0 and axes.get_ylim()[0] < 0:  # an interval may reach below 0, a time does not
        axes.set_ylim(bottom=0)
    _number_axis(axes, drawing.x)
    axes.grid(visible=True, color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(drawing.series) > 1 or answer.real is not None:
        axes.legend(fontsize=7, frameon=False)


def _real(
    axes: Axes, answer: Answer, drawing: Drawing, at: int, series: Series, scale: Scale
) -> None:
    """Draw the points of the real machine, with their intervals if there are several runs."""
    assert drawing.x is not None
    found = [
        (drawing.x.at[point], each)
        for point in series.points
        for each in reals_of(answer, at, point)
    ]
    if found:
        axes.errorbar(
            [x for x, _ in found],
            [each.mean / scale.per for _, each in found],
            yerr=[(each.half or 0) / scale.per for _, each in found],
            fmt="x", color="black", markersize=6, lw=0, elinewidth=1, zorder=4,
            label=f"{series.name} {tr('real runs')}".strip(),
        )  # fmt: skip


def _mark(axes: Axes, x: float, y: float) -> None:
    """Mark the best point."""
    axes.plot([x], [y], "o", markersize=9, markerfacecolor="none", markeredgecolor=AGREED)
    axes.annotate(
        tr("best"), (x, y), xytext=(5, 6), textcoords="offset points", fontsize=7, color=AGREED
    )


def _number_axis(axes: Axes, axis: NumberAxis) -> None:
    axes.set_xlabel(axis.title, labelpad=1, parse_math=False)
    if axis.logarithmic:
        axes.set_xscale("log")
        few = axis.values if len(axis.values) <= 10 else axis.values[:: len(axis.values) // 8]
        axes.set_xticks(few, [f"{value:g}" for value in few])
        axes.minorticks_off()


def _bars(axes: Axes, answer: Answer, drawing: Drawing, at: int, scale: Scale) -> None:
    points, best = list(drawing.series[0].points), answer.best(at)
    for place, point in enumerate(points):
        each = answer.estimates[at][point]
        if each is not None:
            half = (each.half or 0) / scale.per
            axes.barh(
                -place, each.mean / scale.per, 0.7, xerr=half or None, color=colour(0),
                alpha=1.0 if point == best else 0.55, error_kw={"lw": 1, "capsize": 2.5},
            )  # fmt: skip
    names = [cut(point_values(answer, point), MOST_NAME, UNICODE.ellipsis) for point in points]
    if best in points:
        names[points.index(best)] += " *"
    axes.set_yticks([-place for place in range(len(points))])
    axes.set_yticklabels(names, parse_math=False, fontsize=7.5)
    axes.set_ylim(-len(points) + 0.5, 0.5)
    axes.tick_params(axis="y", length=0)


def _heat(axes: Axes, answer: Answer, drawing: Drawing, at: int, scale: Scale) -> None:
    assert drawing.x is not None
    assert drawing.y is not None
    place_x = {value: place for place, value in enumerate(drawing.x.values)}
    place_y = {value: place for place, value in enumerate(drawing.y.values)}
    cells = [[math.nan] * len(place_x) for _ in place_y]
    for point, each in enumerate(answer.estimates[at]):
        if each is not None:
            row = cells[place_y[drawing.y.at[point]]]
            row[place_x[drawing.x.at[point]]] = each.mean / scale.per
    image = axes.imshow(cells, origin="lower", aspect="auto", cmap="cividis")
    figure = axes.figure
    figure.colorbar(image, ax=axes, pad=0.02)
    for values, ticks in (
        (place_x, axes.set_xticks),
        (place_y, axes.set_yticks),
    ):
        few = list(values.items())[:: max(1, len(values) // 8)]
        ticks([place for _, place in few], [f"{value:g}" for value, _ in few])
    axes.set_xlabel(drawing.x.title, labelpad=1, parse_math=False)
    axes.set_ylabel(drawing.y.title, labelpad=1, parse_math=False)
    best = answer.best(at)
    if best is not None:
        axes.plot(
            [place_x[drawing.x.at[best]]], [place_y[drawing.y.at[best]]], "o", markersize=9,
            markerfacecolor="none", markeredgecolor="white", mew=1.5,
        )  # fmt: skip
