"""A run as a notebook shows it: its charts as one picture, and the table of its processes.

The picture is SVG, written here, since a notebook need not have matplotlib; the look is that of
all others (`report/base/style.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from rich.cells import cell_len

from kernel.process.states import RUNNING, State
from report.base.axis import Axis, unit_for
from report.base.cells import span_of
from report.base.labels import Labels
from report.base.screen import UNICODE, clean
from report.base.style import OVERHEAD, PALETTE, STATE_STYLES, colour, ink
from report.base.tables import Column, Sheet, cut
from report.sections.processes import cut_words, process_table
from report.sections.sentences import machine_words, policy_words, totals
from timeline.record.run import Run

GUTTER, CHART = 110, 760  # px
LANE, CORE = 18, 26  # px high
GAP = 8
MOST_STATES = 40  # programs; more have no lanes of their own
MOST_PIECES = 20_000  # intervals; of longer runs there is the table alone
LETTER = 6.6  # px that a letter needs
STYLE = (
    "font:12px system-ui,sans-serif;color:currentColor;max-width:900px;"
    "font-variant-numeric:tabular-nums"
)
PATTERNS = {
    "/": 'patternTransform="rotate(45)"><path d="M0 0V5" stroke="{hue}" stroke-width="1.6"/>',
    ".": '><circle cx="2.5" cy="2.5" r="1" fill="{hue}"/>',
    "x": '><path d="M0 0L5 5M5 0L0 5" stroke="{hue}" stroke-width=".8"/>',
    "|": '><path d="M2.5 0V5" stroke="{hue}" stroke-width="1"/>',
}
"""How the patterns of states are drawn."""
CELL = "padding:1px 7px;text-align:right;font:12px system-ui,sans-serif"


def show_runs(runs: Sequence[Run]) -> str:
    """HTML of these runs, one below the other on one axis."""
    span = max(map(span_of, runs), default=0)
    scenario = runs[0].scenario
    title = _escaped(str(scenario.get("title") or scenario.get("file") or "Untitled"))
    names = list(dict.fromkeys(name for run in runs for name in run.process_names))
    parts = [f'<div style="{STYLE}"><b style="font-size:14px">{title}</b>']
    for run in runs:
        unit = unit_for(span)
        words = " · ".join([*machine_words(run), policy_words(run.scheduler)])
        parts.append(f"<div>{_escaped(words)}</div>")
        if span and len(run.intervals) <= MOST_PIECES:
            parts.append(_chart(run, Labels(names), span))
        parts.append(_table(process_table(run, unit, 40, "…"), unit))
        parts.append(f"<div>{_escaped(' · '.join(totals(run, unit)))}</div>")
        if left_out := cut_words(run, unit):
            parts.append(f"<div>{_escaped(left_out)}</div>")
    return "".join(parts) + "</div>"


def _escaped(text: str) -> str:
    """`text` for HTML and SVG, without control characters: XML forbids them."""
    return escape(clean(text))


def _chart(run: Run, labels: Labels, span: int) -> str:
    detailed = len(run.processes) <= MOST_STATES
    height = CORE * len(run.cores) + GAP + (LANE * len(run.processes) if detailed else 0) + 22
    lines = [
        f'<svg role="img" viewBox="0 0 {GUTTER + CHART + 20} {height}" '
        f'width="{GUTTER + CHART + 20}" style="max-width:100%;display:block">',
        f"<title>{_escaped(str(run.scenario.get('title', '')))}, {run.backend}</title>",
        "<defs>",
        *_patterns(len(labels.names)),
        "</defs>",
        *_cores(run, labels, span),
    ]
    top = CORE * len(run.cores) + GAP
    if detailed:
        lines += _states(run, labels, span, top)
        top += LANE * len(run.processes)
    return "".join([*lines, *_axis(span, top), "</svg>"])


def _patterns(processes: int) -> Iterator[str]:
    for place, drawn in enumerate(PATTERNS.values()):
        for index in range(min(len(PALETTE), processes)):
            name = f'<pattern id="{_pattern(place, index)}" width="5" height="5" '
            rest = f'patternUnits="userSpaceOnUse" {drawn.format(hue=colour(index))}</pattern>'
            yield name + rest


def _pattern(place: int, process: int) -> str:
    """Unique in a page of many notebooks' cells: equal ones look equal."""
    return f"multiprog-{place}-{process % len(PALETTE)}"


def _x(ns: int, span: int) -> float:
    return round(GUTTER + ns / span * CHART, 2)


def _box(
    start: int, end: int, span: int, top: float, height: float, fill: str, more: str, words: str
) -> str:
    """A rectangle that says what it is when it is pointed at."""
    x = _x(start, span)
    width = max(0.3, round(_x(end, span) - x, 2))
    return (
        f'<rect x="{x}" y="{top:g}" width="{width}" height="{height:g}" fill="{fill}"{more}>'
        f"<title>{_escaped(words)}</title></rect>"
    )


def _text(x: float, y: float, text: str, anchor: str, fill: str = "currentColor") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="11" text-anchor="{anchor}" fill="{fill}">'
        f"{_escaped(text)}</text>"
    )


def _cores(run: Run, labels: Labels, span: int) -> Iterator[str]:
    where = [labels.names.index(name) for name in run.process_names]
    for core in run.cores:
        yield _text(GUTTER - 6, CORE * core.core + 16, f"core {core.core}", "end")
    for lost in run.overheads:
        top = CORE * lost.core + 2
        yield _box(lost.start_ns, lost.end_ns, span, top, CORE - 4, OVERHEAD, "", lost.why)
    for row in run.intervals:
        if row.state != RUNNING:
            continue
        name, index = run.process_names[row.process], where[row.process]
        top = CORE * row.core + 2
        words = f"{name}, {_times(row.start, row.end)}, {row.why}"
        yield _box(row.start, row.end, span, top, CORE - 4, colour(index), "", words)
        room = (row.end - row.start) / span * CHART / LETTER - 1
        text = name if cell_len(name) <= room else labels.label(index)
        if cell_len(text) <= room:
            middle = _x((row.start + row.end) // 2, span)
            yield _text(middle, top + 15, text, "middle", ink(index))


def _states(run: Run, labels: Labels, span: int, top: int) -> Iterator[str]:
    where = [labels.names.index(name) for name in run.process_names]
    for lane, name in enumerate(run.process_names):
        yield _text(GUTTER - 6, top + LANE * lane + 13, cut(name, 16, UNICODE.ellipsis), "end")
    for row in run.intervals:
        look, index = STATE_STYLES[State(row.state)], where[row.process]
        height = look.height * (LANE - 3)
        floor = top + LANE * (row.process + 1) - 2
        fill, more = colour(index), ""
        if look.hatch:
            fill = f"url(#{_pattern(list(PATTERNS).index(look.hatch), index)})"
            more = f' stroke="{colour(index)}" stroke-width=".6"'
        words = f"{run.process_names[row.process]} {look.words}, {_times(row.start, row.end)}"
        yield _box(row.start, row.end, span, floor - height, height, fill, more, words)


def _times(start: int, end: int) -> str:
    from timeline.comparison.criteria import duration

    return f"{duration(start)} to {duration(end)}"


def _axis(span: int, top: int) -> Iterator[str]:
    yield f'<path d="M{GUTTER} {top + 2}h{CHART}" stroke="currentColor" stroke-width=".7"/>'
    axis = Axis.exact(span, 80)
    ticks = axis.ticks()
    step = axis.step()
    for number, (_, label) in enumerate(ticks):
        x = _x(number * step, span)
        unit = f" {axis.unit}" if number == len(ticks) - 1 else ""
        yield f'<path d="M{x} {top + 2}v4" stroke="currentColor" stroke-width=".7"/>'
        yield _text(x, top + 18, label + unit, "middle")


def _table(sheet: Sheet, unit: str) -> str:
    columns = [sheet.names, *(column for group in sheet.groups for column in group.columns)]
    heads = "".join(
        f'<th style="{CELL};font-weight:600">{_escaped(_heading(column))}</th>'
        for column in columns
    )
    rows = "".join(
        "<tr>" + "".join(f'<td style="{CELL}">{_escaped(cell)}</td>' for cell in cells) + "</tr>"
        for cells in zip(*(column.cells for column in columns), strict=True)
    )
    return (
        f'<table style="border-collapse:collapse;margin:6px 0">'
        f'<caption style="{CELL};text-align:left">times in {unit}</caption>'
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _heading(column: Column) -> str:
    """In one line: `turn-/around` is a word."""
    return column.heading.replace("-\n", "").replace("\n", " ")
