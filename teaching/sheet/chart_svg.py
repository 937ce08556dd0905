"""A chart as SVG, for questions and answer sheets: no script runs where they are shown.

It has the same lanes, spans, colours and labels as all outputs (`report/base/chart.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from kernel.process.states import State
from report.base.axis import Axis
from report.base.chart import NO_PROCESS, Chart, Span
from report.base.html import text as html_text
from report.base.screen import UNICODE
from report.base.style import OVERHEAD, PALETTE, STATE_STYLES, colour
from report.base.tables import cut
from timeline.number_formats import duration
from translation import tr

GUTTER, WIDTH = 110, 760  # px
LANE, CORE = 18, 26  # px high
GAP, AXIS = 8, 22  # px between cores and processes, and for the labels of the axis
MOST_LANES = 40  # processes; with more, only the cores are drawn
LETTER = 6.6  # px that a letter needs
MOST_LETTERS = 16  # characters of a name beside its lane
PATTERNS = {
    "/": 'patternTransform="rotate(45)"><path d="M0 0V5" stroke="{hue}" stroke-width="1.6"/>',
    ".": '><circle cx="2.5" cy="2.5" r="1" fill="{hue}"/>',
    "x": '><path d="M0 0L5 5M5 0L0 5" stroke="{hue}" stroke-width=".8"/>',
    "|": '><path d="M2.5 0V5" stroke="{hue}" stroke-width="1"/>',
}
"""The SVG of each pattern of `STATE_STYLES`."""


def chart_svg(chart: Chart, span: int, *, states: bool = True) -> str:
    """Return the lanes of cores, and with `states` of processes, from 0 to `span` ns, above 0."""
    many = len(chart.run.processes)
    lanes = many if states and many <= MOST_LANES else 0
    top = CORE * len(chart.run.cores) + GAP
    floor = top + LANE * lanes
    width, height = GUTTER + WIDTH + 20, floor + AXIS
    title = f"{chart.run.scenario.get('title', '')}, {tr(chart.run.backend)}"
    parts = [
        f'<svg role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" style="max-width:100%;display:block">',
        f"<title>{html_text(title)}</title>",
        "<defs>",
        *_patterns(chart),
        "</defs>",
        *_cores(chart, span),
    ]
    if lanes:
        parts += _states(chart, span, top)
    return "".join([*parts, *_axis(span, floor), "</svg>"])


def _patterns(chart: Chart) -> Iterator[str]:
    hues = {chart.labels.colour(process) for process in range(len(chart.run.processes))}
    for place, drawn in enumerate(PATTERNS.values()):
        for index in range(len(PALETTE)):
            if colour(index) in hues:
                name = f'<pattern id="{_pattern(place, index)}" width="5" height="5" '
                rest = f'patternUnits="userSpaceOnUse" {drawn.format(hue=colour(index))}</pattern>'
                yield name + rest


def _pattern(place: int, process: int) -> str:
    """Return the id of a pattern in a colour. On one page equal ids mean equal patterns."""
    return f"multiprog-{place}-{process % len(PALETTE)}"


def _x(ns: int, span: int) -> float:
    return round(GUTTER + ns / span * WIDTH, 2)


def _box(drawn: Span, span: int, top: float, height: float, fill: str, words: str) -> str:
    """Return a rectangle that shows `words` when the pointer is on it."""
    x = _x(drawn.start, span)
    width = max(0.3, round(_x(drawn.end, span) - x, 2))
    return (
        f'<rect x="{x}" y="{top:g}" width="{width}" height="{height:g}" fill={fill}>'
        f"<title>{html_text(words)}</title></rect>"
    )


def _text(x: float, y: float, text: str, anchor: str, fill: str = "currentColor") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="11" text-anchor="{anchor}" fill="{fill}">'
        f"{html_text(text)}</text>"
    )


def _cores(chart: Chart, span: int) -> Iterator[str]:
    labels = chart.labels
    for core, name in enumerate(chart.core_names):
        yield _text(GUTTER - 6, CORE * core + 16, name, "end")
    for each in chart.core_spans():
        top = CORE * each.lane + 2
        if each.process == NO_PROCESS:
            yield _box(each, span, top, CORE - 4, f'"{OVERHEAD}"', tr(each.why))
            continue
        words = f"{labels.names[each.process]}, {_times(each)}, {tr(each.why)}"
        yield _box(each, span, top, CORE - 4, f'"{labels.colour(each.process)}"', words)
        room = (each.end - each.start) / span * WIDTH / LETTER - 1
        if text := labels.fitting(each.process, room):
            middle = _x((each.start + each.end) // 2, span)
            yield _text(middle, top + 15, text, "middle", labels.ink(each.process))


def _states(chart: Chart, span: int, top: int) -> Iterator[str]:
    labels = chart.labels
    for lane, name in enumerate(labels.names):
        short = cut(name, MOST_LETTERS, UNICODE.ellipsis)
        yield _text(GUTTER - 6, top + LANE * lane + 13, short, "end")
    for each in chart.state_spans():
        style, hue = STATE_STYLES[State(each.state)], labels.colour(each.process)
        height = style.height * (LANE - 3)
        fill = f'"{hue}"'
        if style.hatch:
            place = list(PATTERNS).index(style.hatch)
            pattern = _pattern(place, labels.places[each.process])
            fill = f'"url(#{pattern})" stroke="{hue}" stroke-width=".6"'
        words = f"{labels.names[each.process]} {tr(style.words)}, {_times(each)}"
        floor = top + LANE * (each.lane + 1) - 2
        yield _box(each, span, floor - height, height, fill, words)


def _times(each: Span) -> str:
    return tr("{start} to {end}", start=duration(each.start), end=duration(each.end))


def _axis(span: int, top: int) -> Iterator[str]:
    yield f'<path d="M{GUTTER} {top + 2}h{WIDTH}" stroke="currentColor" stroke-width=".7"/>'
    axis = Axis.exact(span, 80)
    ticks = axis.ticks()
    step = axis.step()
    for number, (_, label) in enumerate(ticks):
        x = _x(number * step, span)
        unit = f" {axis.unit}" if number == len(ticks) - 1 else ""
        yield f'<path d="M{x} {top + 2}v4" stroke="currentColor" stroke-width=".7"/>'
        yield _text(x, top + 18, label + unit, "middle")
