"""A run at one instant as lines for a terminal: its charts up to the instant, and its state.

`--live` draws one scene after the other while time passes, `--step` draws one for each key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.style import Style
from rich.text import Text

from kernel.units import format_size
from report.base.axis import brief
from report.base.cells import EMPTY, TO_COME, ChartCell, Piece, Tally, core_cells, state_cells
from report.base.chart import Chart, shared_labels
from report.base.labels import Labels
from report.base.printing import BOLD
from report.base.screen import clean, wrap
from report.replay.instant import Instant, Replay, WaitingProcess
from report.sections.gantt import (
    DIM,
    MARGIN,
    Frame,
    core_lines,
    core_notes,
    line_names,
    state_lines,
    state_notes,
)
from report.sections.memory import memory_size
from timeline.record.run import Run
from translation import mark, tr

LEAST_STATES = 3  # lines of states; with less room there are none
MOST_LINES = 2  # lines that tell what has happened
SUSPENDED = mark("suspended")
WORDS = (
    mark("now"),
    mark("runs"),
    mark("ready"),
    mark("blocked"),
    mark("no room"),
    mark("memory"),
)
"""The words at the beginning of the lines of facts."""


@dataclass(frozen=True, slots=True)
class RunView:
    """The parts of one run's picture: its replay, an instant (ns), a heading, what has happened."""

    replay: Replay
    at: int
    heading: str
    words: str | None = None  # what has just happened; None: the picture does not say it


def drawing_console() -> Console:
    """Return a console for pictures that fill the terminal. It follows the terminal's size."""
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


def full_picture(
    title: str, views: Sequence[RunView], span: int, foot: str, console: Console, height: int
) -> list[Text]:
    """Return a scene between a title and a line about the keys, in at most `height` lines."""
    above, below = Text(clean(title), BOLD), Text(foot, DIM)
    for line in (above, below):
        line.truncate(console.width)
    return [above, *scene(views, span, console, height - 2), below]


def scene(views: Sequence[RunView], span: int, console: Console, height: int) -> list[Text]:
    """Return the runs, one below the other on one axis, in at most `height` lines.

    The axis has at least `span` ns. If there is not enough room, the states of programs are left
    out first, then facts.
    """
    labels = shared_labels([view.replay.run for view in views])
    gutter = [tr("core {core}", core=core.core) for view in views for core in view.replay.run.cores]
    if any(view.replay.run.machine.get("memory") for view in views):
        gutter.append(tr(SUSPENDED))
    names = [*gutter, *line_names(labels), *map(tr, WORDS)]
    frame = Frame.fit(console, max(1, span), names)
    # each run has a heading and a line of ticks; all runs share the times and the notes
    fixed = sum(2 + len(view.replay.run.cores) for view in views) + 2
    facts = [_facts(view, labels, frame, console.width) for view in views]
    room = height - fixed - sum(map(len, facts))
    lines: list[Text] = []
    notes: list[str] = []
    for view, words in zip(views, facts, strict=True):
        instant = view.replay.at(view.at)
        lines.append(Text(_cut(view.heading, console.width, frame), BOLD))
        chart = Chart(view.replay.run, labels).until(view.at)
        rows = _core_cells(chart, frame)
        lines += core_lines(chart, rows, frame)
        states, said = _states(chart, instant, frame, room // len(views))
        lines += states
        notes += [*said, *core_notes(rows, chart.labels, frame.glyphs)]
        lines.append(frame.ticks())
        if view is views[-1]:
            lines.append(frame.times())
        lines += words
    legend = _legend(list(dict.fromkeys(notes)), console.width)
    return [*lines[: max(1, height - 1)], Text(legend, DIM)][:height]


def _core_cells(chart: Chart, frame: Frame) -> list[list[ChartCell]]:
    """Return the cells of the cores. An empty cell after the instant is TO_COME, not idle."""
    reached = frame.axis.column(chart.run.makespan_ns)
    return [
        [
            ChartCell(TO_COME, False) if column >= reached and cell.key == EMPTY else cell
            for column, cell in enumerate(row)
        ]
        for row in core_cells(chart, frame.axis)
    ]


def _states(
    chart: Chart, instant: Instant, frame: Frame, room: int
) -> tuple[list[Text], list[str]]:
    """Return at most `room` lines of states, and their notes.

    Processes that run or wait at the instant are chosen before the others.
    """
    labels = chart.labels
    if room < min(LEAST_STATES, len(labels.names)):
        return [], []
    busy = {name for name in instant.running if name}
    waiting = [*instant.ready, *instant.blocked, *instant.outside, *instant.suspended]
    there = busy | {each.process for each in waiting}
    shown = range(len(labels.names))
    left = len(shown) - room
    if left > 0:
        by_worth = sorted(shown, key=lambda i: (labels.names[i] not in there, i))
        shown = sorted(by_worth[: room - 1])  # type: ignore[assignment]
    rows = state_cells(chart, frame.axis)
    some = labels.only([labels.names[index] for index in shown])
    chosen = [rows[index] for index in shown]
    lines = state_lines(chosen, [()] * len(chosen), some, frame)
    if left > 0:
        more = tr("and {n} more programs", n=len(labels.names) - len(chosen))
        lines.append(Text(f"{frame.glyphs.ellipsis} {more}", DIM))
    return lines, state_notes(chosen, frame.glyphs)


def _facts(view: RunView, labels: Labels, frame: Frame, width: int) -> list[Text]:
    """Return the facts at the instant: which processes run, are ready and wait, and memory."""
    instant = view.replay.at(view.at)
    found: list[Text] = []
    if view.words is not None:
        found += _fact(tr("now"), view.words, frame, width, MOST_LINES)
    found += _fact(tr("runs"), _who_runs(instant), frame, width)
    found += _fact(tr("ready"), _queue(instant.ready) or tr("no process"), frame, width)
    for word, line in (
        (tr("blocked"), instant.blocked),
        (tr("no room"), instant.outside),
        (tr(SUSPENDED), instant.suspended),
    ):
        if line:
            found += _fact(word, _queue(line), frame, width)
    if view.replay.run.memory_events:
        found.append(_memory(view.replay.run, instant, labels, frame))
    return found


def _who_runs(instant: Instant) -> str:
    """Return which process runs on each core, like `A on core 0; core 1 idle`."""
    return "; ".join(
        tr("{process} on core {core}", process=name, core=core)
        if name
        else tr("core {core} idle", core=core)
        for core, name in enumerate(instant.running)
    )


def _queue(line: Iterable[WaitingProcess]) -> str:
    """Return the processes in their order, like `B (remaining 20ms); C`."""
    return "; ".join(each.process + (f" ({each.what})" if each.what else "") for each in line)


def _fact(word: str, text: str, frame: Frame, width: int, most: int = 1) -> list[Text]:
    """Return a fact as at most `most` lines of `width` columns; a longer text is cut."""
    gap = 2
    room = width - frame.gutter - gap
    lines = wrap(clean(text).replace("\n", " "), room) if most > 1 else [text]
    if len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    found = []
    for number, line in enumerate(lines):
        start = Text(set_cell_size("" if number else word, frame.gutter + gap), BOLD)
        found.append(start.append(_cut(line, room, frame), Style(bold=False)))
    return found


def _memory(run: Run, instant: Instant, labels: Labels, frame: Frame) -> Text:
    """Return memory at the instant as a bar as wide as the charts, with address 0 at the left."""
    size = memory_size(run)
    axis = type(frame.axis).exact(size, frame.axis.width)
    tally = Tally(axis, len(labels.names))
    index = {name: place for place, name in enumerate(labels.names)}
    pieces: list[Piece] = [
        (0, index[stay.process], stay.base, stay.base + stay.size) for stay in instant.memory
    ]
    tally.add(pieces)
    bar = Text()
    cells = tally.rows(1, range(len(labels.names)))[0]
    for cell, group in groupby(cells):
        count = len(list(group))
        if cell.key == EMPTY:
            bar.append(frame.glyphs.idle * count, DIM)
        else:
            bar.append(labels.label(cell.key, cell.partial) * count, labels.filled(cell.key))
    words = format_size(size)
    name = tr("memory")
    line = frame.line(name, bar, words if len(words) <= MARGIN else "")
    line.stylize(BOLD, 0, len(name))
    return line


def _legend(notes: Sequence[str], width: int) -> str:
    """Return the first notes, as many as one line of `width` columns holds."""
    line = ""
    for note in notes:
        longer = f"{line}   {note}" if line else note
        if cell_len(longer) > width:
            break
        line = longer
    return line


def _cut(text: str, width: int, frame: Frame) -> str:
    """Return `text` as one line, cut to at most `width` columns."""
    text = clean(text).replace("\n", " ")
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(1, width - 1)).rstrip() + frame.glyphs.ellipsis


def time_words(ns: int, unit: str, most: int = 3) -> str:
    """Return a time with its unit, like `12.5 ms`, with at most `most` decimals."""
    return f"{brief(ns, unit, most)} {unit}"
