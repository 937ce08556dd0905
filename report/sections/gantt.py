"""The charts of the terminal: a line per core, process or partition, all on one time axis."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.style import Style
from rich.text import Text

from report.base.axis import Axis
from report.base.cells import EMPTY, STATES, TO_COME, ChartCell, Tally
from report.base.chart import Chart
from report.base.labels import ALPHABET, Labels
from report.base.memory_spans import MemorySpan
from report.base.screen import Glyphs, clean, glyphs
from report.base.style import STATE_STYLES
from translation import tr

MARGIN = len(" 100%")  # columns for the remark to the right of a chart
DIM = Style(dim=True)
PLAIN = Style()
MISSED = Style(color="red", bold=True)
EXPLAINED = tuple(look.words for look in STATE_STYLES.values())
"""The name of each state for a reader, in the order of STATES."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What charts below each other share: time axis, gutter, characters."""

    axis: Axis
    gutter: int  # columns for the names of the lines
    glyphs: Glyphs

    @classmethod
    def fit(cls, console: Console, span: int, names: Iterable[str]) -> Frame:
        """Return a frame that fits `console`; the names of lines get at most a quarter of it."""
        longest = max(map(cell_len, names), default=0)
        gutter = min(longest, max(8, console.width // 4))
        width = max(8, console.width - gutter - MARGIN - 3)
        return cls(Axis.fit(span, width), gutter, glyphs(console))

    def line(self, name: str, cells: Text, margin: str = "") -> Text:
        """Return one line of a chart: its name, its cells between two edges, and `margin`."""
        text = Text(f"{fit_name(name, self.gutter, self.glyphs)} {self.glyphs.edge}")
        text.append_text(cells).append(self.glyphs.edge)
        return text.append(margin.rjust(MARGIN)) if margin else text

    def ticks(self) -> Text:
        """Return the line below a chart, with a tick at each labelled time."""
        floor = [self.glyphs.floor] * self.axis.width
        for column, _ in self.axis.ticks():
            if column < self.axis.width:
                floor[column] = self.glyphs.tick
        line = self.glyphs.corner + "".join(floor) + self.glyphs.end
        return Text(" " * (self.gutter + 1) + line, DIM)

    def times(self) -> Text:
        """Return the line with the times of the ticks, which is below the lowest line of ticks."""
        labels = self.axis.labels(self.axis.width + 1)
        return Text(f"{' ' * (self.gutter + 2)}{labels} {self.axis.unit}")


def fit_name(name: str, width: int, alphabet: Glyphs) -> str:
    """Return `name` in exactly `width` columns; a longer name is cut at its end."""
    name = clean(name).replace("\n", " ")
    if cell_len(name) > width:
        name = set_cell_size(name, width - 1) + alphabet.ellipsis
    return set_cell_size(name, width)


def _text(cells: Iterable[tuple[str, Style]]) -> Text:
    """Return cells as one text, in which neighbours of equal style are joined."""
    text = Text()
    for style, group in groupby(cells, key=lambda cell: cell[1]):
        text.append("".join(character for character, _ in group), style)
    return text


def core_lines(chart: Chart, rows: Sequence[Sequence[ChartCell]], frame: Frame) -> list[Text]:
    """Return a line per core: which process ran there, and its share of busy time."""
    run = chart.run
    return [
        frame.line(
            name,
            _text(_core_cell(cell, chart.labels, frame.glyphs) for cell in row),
            f"{_share(core.busy_ns, run.makespan_ns)}%",
        )
        for name, core, row in zip(chart.core_names, run.cores, rows, strict=True)
    ]


def _core_cell(cell: ChartCell, labels: Labels, alphabet: Glyphs) -> tuple[str, Style]:
    if cell.key == TO_COME:
        return " ", PLAIN
    if cell.key == EMPTY:
        return alphabet.idle, DIM
    if cell.key == len(labels.names):
        return alphabet.overhead, DIM
    return labels.label(cell.key, cell.partial), labels.filled(cell.key)


def _share(part: int, whole: int) -> int:
    """Return `part` of `whole` in per cent, rounded half up; 0 if `whole` is 0."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def state_lines(
    rows: Sequence[Sequence[ChartCell]],
    missed: Sequence[Collection[int]],
    labels: Labels,
    frame: Frame,
) -> list[Text]:
    """Return a line per process: its states, and a mark in each cell in `missed`."""
    characters = _state_characters(frame.glyphs)
    mark = frame.glyphs.missed, MISSED
    return [
        frame.line(
            name,
            _text(
                mark if at in marks else _state_cell(c, characters, labels.plain(i), frame.glyphs)
                for at, c in enumerate(row)
            ),
        )
        for i, (name, row, marks) in enumerate(zip(line_names(labels), rows, missed, strict=True))
    ]


def _state_characters(alphabet: Glyphs) -> tuple[str, ...]:
    return (
        alphabet.running,
        alphabet.ready,
        alphabet.blocked,
        alphabet.new,
        alphabet.suspended,
        alphabet.zombie,
    )


def _state_cell(
    cell: ChartCell, characters: Sequence[str], running: Style, alphabet: Glyphs
) -> tuple[str, Style]:
    if cell.key == EMPTY:
        return " ", PLAIN
    if cell.key == 0:
        return (alphabet.briefly if cell.partial else alphabet.running), running
    return characters[cell.key], DIM


def line_names(labels: Labels) -> list[str]:
    """Return the names of the lines of states: the label, then the name unless both are equal."""
    return [
        name if name == character else f"{character} {name}"
        for name, character in zip(labels.names, labels.characters, strict=True)
    ]


def place_lines(rows: Sequence[Sequence[MemorySpan]], labels: Labels, frame: Frame) -> list[Text]:
    """Return a line of cells for each place in memory, which show the program in that place."""
    process = {name: index for index, name in enumerate(labels.names)}
    tally = Tally(frame.axis, len(process) + 1)
    tally.add(
        (
            row,
            process[stay.process],
            stay.since,
            frame.axis.span if stay.until is None else stay.until,
        )
        for row, held in enumerate(rows)
        for stay in held
    )
    return [
        _text(_core_cell(cell, labels, frame.glyphs) for cell in cells)
        for cells in tally.rows(len(rows), range(len(process)))
    ]


def core_notes(rows: Sequence[Sequence[ChartCell]], labels: Labels, alphabet: Glyphs) -> list[str]:
    """Return the meaning of each special character that occurs in these lines of cores."""
    cells = {cell for row in rows for cell in row}
    keys = {cell.key for cell in cells}
    notes = []
    if EMPTY in keys:
        notes.append(f"{alphabet.idle} {tr('idle')}")
    if len(labels.names) in keys:
        notes.append(f"{alphabet.overhead} {tr('switching')}")
    if any(cell.partial for cell in cells):
        if labels.can_shrink:
            notes.append(tr("lower case: more processes ran than the cell can show"))
        else:
            notes.append(tr("crowded cells: more processes ran than the cell can show"))
    return notes


def state_notes(rows: Sequence[Sequence[ChartCell]], alphabet: Glyphs) -> list[str]:
    """Return the meaning of each character that occurs in these lines of states."""
    cells = {cell for row in rows for cell in row}
    keys = {cell.key for cell in cells}
    characters = _state_characters(alphabet)
    notes = [f"{characters[key]} {tr(EXPLAINED[key])}" for key in range(len(STATES)) if key in keys]
    if any(cell.partial for cell in cells):
        notes.insert(1, f"{alphabet.briefly} {tr('ran briefly')}")
    return notes


def legend(labels: Labels, alphabet: Glyphs) -> list[str]:
    """Return label and name of each process, like `A editor`; none if all names are labels."""
    if labels.explain_themselves:
        return []
    named = line_names(labels)
    if not labels.repeat:
        return named
    last = named[len(ALPHABET) - 1]
    return [*named[:3], f"{alphabet.ellipsis} {last}", tr("then from A again")]
