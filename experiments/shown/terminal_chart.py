"""The chart of one measure in characters: curves with intervals, bars, or a heat map."""

from __future__ import annotations

import math

from rich.cells import cell_len

from experiments.results.answer import Answer
from experiments.shown.numbers import Scale, scale_of
from experiments.shown.panels import Drawing, Form, NumberAxis, estimates_of, real_of
from experiments.shown.words import point_values
from report.base.screen import Glyphs
from report.base.tables import cut

HEIGHT = 12  # lines of curves
SHADES = " .:-=+*#%@"
LETTERS = "ABCDEFGH"


def chart_lines(
    answer: Answer, drawing: Drawing, measure: int, width: int, glyphs: Glyphs
) -> list[str]:
    """Return the lines of the chart, at most `width` columns wide."""
    scale = scale_of(answer.measures[measure], answer.estimates[measure])
    if drawing.form is Form.BARS:
        return _bars(answer, drawing, measure, width, glyphs, scale)
    if drawing.form is Form.HEAT:
        return _heat(answer, drawing, measure, width, scale)
    return _curves(answer, drawing, measure, width, glyphs, scale)


def _bars(
    answer: Answer, drawing: Drawing, measure: int, width: int, glyphs: Glyphs, scale: Scale
) -> list[str]:
    points = [
        point for point in drawing.series[0].points if answer.estimates[measure][point] is not None
    ]
    found = [each for each in estimates_of(answer, measure, drawing.series[0]) if each is not None]
    most = max((each.high for each in found), default=0)
    if most <= 0:
        return []
    names = [cut(point_values(answer, point), width // 3, glyphs.ellipsis) for point in points]
    left = max(map(cell_len, names))
    texts = [scale.within(each) for each in found]
    room = max(10, width - left - max(map(len, texts)) - 4)
    lines = []
    for name, each, text in zip(names, found, texts, strict=True):
        low, mean, high = (
            round(room * max(0.0, end) / most) for end in (each.low, each.mean, each.high)
        )
        bar = glyphs.running * mean
        if high > low:
            end = glyphs.floor * (high - max(low, 0))
            bar = (bar[:low] + end).ljust(high)
        lines.append(
            f"{name}{' ' * (left - cell_len(name))} {glyphs.edge}{bar.ljust(room)}  {text}"
        )
    return lines


def _curves(
    answer: Answer, drawing: Drawing, measure: int, width: int, glyphs: Glyphs, scale: Scale
) -> list[str]:
    assert drawing.x is not None
    found = [
        each
        for series in drawing.series
        for each in estimates_of(answer, measure, series)
        if each is not None
    ]
    if not found:
        return []
    found += [
        each
        for series in drawing.series
        for point in series.points
        if (each := real_of(answer, measure, point)) is not None
    ]
    low, high = min(each.low for each in found), max(each.high for each in found)
    if high == low:
        low, high = low - abs(low) / 10 - 1e-9, high + abs(high) / 10 + 1e-9
    labels = [scale.text(high - (high - low) * line / (HEIGHT - 1)) for line in range(HEIGHT)]
    left = max(map(len, labels))
    room = max(16, width - left - 3)
    grid = [[" "] * room for _ in range(HEIGHT)]

    def line_of(value: float) -> int:
        return round((high - value) / (high - low) * (HEIGHT - 1))

    columns = _columns(drawing.x, room)
    several = len(drawing.series) > 1
    for number, series in enumerate(drawing.series):
        for point, each in zip(series.points, estimates_of(answer, measure, series), strict=True):
            if each is None:
                continue
            column = columns[drawing.x.at[point]]
            for line in range(line_of(each.high), line_of(each.low) + 1):
                if grid[line][column] == " ":
                    grid[line][column] = glyphs.edge
            grid[line_of(each.mean)][column] = LETTERS[number] if several else "o"
        for point in series.points:
            each = real_of(answer, measure, point)
            if each is not None and low <= each.mean <= high:
                mark = LETTERS[number].lower() if several else "x"
                grid[line_of(each.mean)][columns[drawing.x.at[point]]] = mark
    shown = {0, HEIGHT // 2, HEIGHT - 1}
    lines = [
        f"{labels[line] if line in shown else '':>{left}} {glyphs.edge}{''.join(row)}".rstrip()
        for line, row in enumerate(grid)
    ]
    lines.append(f"{' ' * (left + 1)}{glyphs.corner}{glyphs.floor * room}")
    lines.append(f"{' ' * (left + 2)}{_ticks(drawing.x, columns, room)}")
    lines.append(f"{drawing.x.title:>{left + 2 + room}}")
    if several:
        names = (f"{LETTERS[at]} {each.name}" for at, each in enumerate(drawing.series))
        lines.append("   ".join(names))
    if answer.real is not None:
        lines.append("small letters: real runs" if several else "o the model   x real runs")
    if drawing.left_out:
        lines.append(f"{drawing.left_out} further curves are not drawn")
    return lines


def _columns(axis: NumberAxis, room: int) -> dict[float, int]:
    """Return the column of each value of the axis."""
    of = math.log if axis.logarithmic else float
    least, most = of(axis.values[0]), of(axis.values[-1])
    span = (most - least) or 1.0
    return {value: round((of(value) - least) / span * (room - 1)) for value in axis.values}


def _ticks(axis: NumberAxis, columns: dict[float, int], room: int) -> str:
    """Return the values under their columns, as many as have room."""
    line = ""
    for value in axis.values:
        label = f"{value:g}"
        start = max(0, min(columns[value] - (len(label) - 1) // 2, room - len(label)))
        if not line or start >= len(line) + 1:
            line = line.ljust(start) + label
    return line


def _heat(answer: Answer, drawing: Drawing, measure: int, width: int, scale: Scale) -> list[str]:
    """Return a cell for each pair of values: the darker, the larger."""
    assert drawing.x is not None
    assert drawing.y is not None
    found = {
        (drawing.x.at[point], drawing.y.at[point]): each.mean
        for point, each in enumerate(answer.estimates[measure])
        if each is not None
    }
    if not found:
        return []
    low, high = min(found.values()), max(found.values())
    labels = [f"{value:g}" for value in drawing.y.values]
    left = max(map(len, labels))
    cell = max(1, min(6, (width - left - 2) // len(drawing.x.values)))

    def shade(x: float, y: float) -> str:
        if (x, y) not in found:
            return " " * cell
        share = (found[x, y] - low) / (high - low) if high > low else 0.0
        return SHADES[min(int(share * len(SHADES)), len(SHADES) - 1)] * cell

    lines = [
        f"{label:>{left}} |{''.join(shade(x, y) for x in drawing.x.values)}"
        for label, y in reversed(list(zip(labels, drawing.y.values, strict=True)))
    ]
    starts = {value: at * cell for at, value in enumerate(drawing.x.values)}
    lines.append(f"{' ' * (left + 2)}{_ticks(drawing.x, starts, cell * len(drawing.x.values))}")
    ends = f"'{SHADES[0]}' {scale.with_unit(low)}, '{SHADES[-1]}' {scale.with_unit(high)}"
    lines.append(f"{drawing.x.title} to the right, {drawing.y.title} upwards; {ends}")
    return lines
