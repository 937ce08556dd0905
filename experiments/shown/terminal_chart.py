"""The chart of one measure in characters: curves with intervals, bars, or a heat map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from experiments.results.answer import Answer
from experiments.shown.numbers import Scale, scale_of
from experiments.shown.panels import Drawing, Form, NumberAxis, estimates_of, reals_of
from experiments.shown.words import point_values
from experiments.statistics.intervals import Estimate
from report.base.screen import Glyphs
from report.base.tables import cut
from translation import tr

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
    marks = list(_marks(answer, drawing, measure))
    if not marks:
        return []
    low = min(mark.found.low for mark in marks)
    high = max(mark.found.high for mark in marks)
    if high == low:
        low, high = low - abs(low) / 10 - 1e-9, high + abs(high) / 10 + 1e-9
    labels = [scale.text(high - (high - low) * line / (HEIGHT - 1)) for line in range(HEIGHT)]
    left = max(map(len, labels))
    room = max(16, width - left - 3)
    columns = _columns(drawing.x, room)
    grid = _grid(marks, columns, (low, high), room, glyphs.edge)
    shown = {0, HEIGHT // 2, HEIGHT - 1}
    lines = [
        f"{labels[line] if line in shown else '':>{left}} {glyphs.edge}{''.join(row)}".rstrip()
        for line, row in enumerate(grid)
    ]
    lines.append(f"{' ' * (left + 1)}{glyphs.corner}{glyphs.floor * room}")
    lines.append(f"{' ' * (left + 2)}{_ticks(drawing.x, columns, room)}")
    title = drawing.x.title
    lines.append(" " * max(0, left + 2 + room - cell_len(title)) + title)
    return [*lines, *_legend(answer, drawing)]


class _Mark(NamedTuple):
    """A mean in the chart, by its character."""

    x: float
    found: Estimate
    character: str
    is_real: bool


def _marks(answer: Answer, drawing: Drawing, measure: int) -> Iterator[_Mark]:
    """Yield the means of all curves, then those of real runs, which lie over them."""
    assert drawing.x is not None
    several = len(drawing.series) > 1
    for number, series in enumerate(drawing.series):
        for point in series.points:
            each = answer.estimates[measure][point]
            if each is not None:
                yield _Mark(drawing.x.at[point], each, LETTERS[number] if several else "o", False)
    for number, series in enumerate(drawing.series):
        for point in series.points:
            for each in reals_of(answer, measure, point):
                letter = LETTERS[number].lower() if several else "x"
                yield _Mark(drawing.x.at[point], each, letter, True)


def _grid(
    marks: Sequence[_Mark],
    columns: dict[float, int],
    ends: tuple[float, float],
    room: int,
    edge: str,
) -> list[list[str]]:
    """Return the characters of the chart, line by line from the top."""
    low, high = ends
    grid = [[" "] * room for _ in range(HEIGHT)]

    def line_of(value: float) -> int:
        return round((high - value) / (high - low) * (HEIGHT - 1))

    for x, found, character, is_real in marks:
        column = columns[x]
        for line in range(line_of(found.high), line_of(found.low) + 1):
            if grid[line][column] == " " and not is_real:
                grid[line][column] = edge
        grid[line_of(found.mean)][column] = character
    return grid


def _legend(answer: Answer, drawing: Drawing) -> Iterator[str]:
    several = len(drawing.series) > 1
    if several:
        yield "   ".join(f"{LETTERS[at]} {each.name}" for at, each in enumerate(drawing.series))
    if answer.real is not None:
        yield tr("small letters: real runs") if several else tr("o the model   x real runs")
    if drawing.left_out:
        yield tr("{many} further curves are not drawn", many=drawing.left_out)


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
    lines.append(
        tr(
            "{x} to the right, {y} upwards; {ends}",
            x=drawing.x.title,
            y=drawing.y.title,
            ends=ends,
        )
    )
    return lines
