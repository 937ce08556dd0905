"""What a picture is made of: panels over one time axis, drawn with matplotlib.

Lanes are drawn as on the page and the terminal: a lane per core shows who ran, a lane per program
its states, each state with its own height and pattern (`report/base/style.py`), so that a print in
grey can be read. A panel of memory shows addresses upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from rich.cells import cell_len

from kernel.process.states import RUNNING, State
from kernel.units import BYTES_PER, NS_PER, format_size
from report.base.cells import stays
from report.base.labels import Labels
from report.base.screen import UNICODE, clean
from report.base.style import MISSED, OVERHEAD, STATE_STYLES, colour, ink
from report.base.tables import cut
from report.sections.memory import memory_size
from timeline.memory.occupancy import requests
from timeline.record.jobs import missed_deadlines
from timeline.record.run import Run

EDGE = "white"
MOST_EDGED = 400  # pieces of a panel; more have no edges, which would cover them
LETTER = 0.072  # inches that a letter of a label needs, and as much before and behind it
LABEL = 7.5  # points
FAINT = 0.35  # the least opacity of what has no pattern
MOST_LETTERS = 15  # of a name beside its lane
THIN = 0.2  # of a lane
CORE_HEIGHT = 0.8  # of a lane
UNUSED = 0.2, "\\\\"
"""Opacity and pattern of memory that a program was given beyond its wish."""


class Piece(NamedTuple):
    """A rectangle: from `start` to `end` ns, from `low` to `high` in the panel's own unit."""

    start: int
    end: int
    low: float
    high: float
    process: int


@dataclass(frozen=True, slots=True)
class Scale:
    """What panels share: the axis, the labels, how wide (inches) they are."""

    span: int  # ns
    unit: str
    width: float
    labels: Labels

    def at(self, ns: int) -> float:
        """A time on the axis."""
        return ns / NS_PER[self.unit]

    def inches(self, ns: int) -> float:
        """How long a duration is on paper."""
        return ns / self.span * self.width


def draw_cores(axes: Axes, run: Run, scale: Scale) -> None:
    """A lane per core, core 0 at the top: who ran there."""
    where = _places(run, scale)
    low = (1 - CORE_HEIGHT) / 2
    lanes = len(run.cores)
    columns = run.intervals
    pieces = [
        _in_lane(start, end, lanes - 1 - core, low, CORE_HEIGHT, where[process])
        for process, state, start, end, core in zip(
            columns.process, columns.state, columns.start, columns.end, columns.core, strict=True
        )
        if state == RUNNING
    ]
    lost = [
        _in_lane(each.start_ns, each.end_ns, lanes - 1 - each.core, low, CORE_HEIGHT, 0)
        for each in run.overheads
    ]
    _fill(axes, lost, scale, OVERHEAD)
    for process, mine in _by_process(pieces).items():
        _fill(axes, mine, scale, colour(process), edged=len(pieces) <= MOST_EDGED)
    if len(pieces) <= MOST_EDGED:
        _label(axes, pieces, scale)
    _lanes(axes, [f"core {core.core}" for core in run.cores])


def draw_states(axes: Axes, runs: Sequence[Run], scale: Scale) -> None:
    """A lane per program, the first at the top: its states. Two runs share it, the first above."""
    names, share = scale.labels.names, 1 / len(runs)
    for number, run in enumerate(runs):
        where = _places(run, scale)
        floor = 1 - (number + 1) * share
        pieces: dict[tuple[State, int], list[Piece]] = {}
        columns = run.intervals
        for process, state, start, end in zip(
            columns.process, columns.state, columns.start, columns.end, strict=True
        ):
            lane, look = len(names) - 1 - where[process], STATE_STYLES[State(state)]
            gap = share * 0.08
            piece = _in_lane(
                start, end, lane, floor + gap, look.height * (share - gap), where[process]
            )
            pieces.setdefault((State(state), where[process]), []).append(piece)
        for (state, process), mine in pieces.items():
            look = STATE_STYLES[state]
            if len(columns) > MOST_EDGED:  # a pattern has no room: the height tells the state
                _fill(axes, mine, scale, colour(process), max(look.opacity, FAINT), edged=False)
            elif look.hatch:
                _fill(axes, mine, scale, colour(process), look.opacity, look.hatch)
            else:
                _fill(axes, mine, scale, colour(process))
        for row in run.processes:
            lane = len(names) - 1 - names.index(row.name)
            for at in missed_deadlines(row, run):
                x = scale.at(at)
                axes.plot([x, x], [lane + floor, lane + floor + share], color=MISSED, lw=1.4)
    _lanes(axes, names)
    if len(runs) > 1:
        for lane in range(len(names)):
            for number, word in enumerate(("simulated", "real")):
                y = lane + 1 - (number + 0.5) * share
                axes.annotate(
                    word,
                    (1, y),
                    xytext=(4, 0),
                    textcoords="offset points",
                    xycoords=axes.get_yaxis_transform(),
                    va="center",
                    fontsize=6.5,
                    color="0.35",
                )
        for lane in range(1, len(names)):
            axes.axhline(lane, color="0.85", lw=0.6, zorder=0)


def draw_memory(axes: Axes, run: Run, scale: Scale) -> None:
    """Addresses upwards: who lay where; what a program was given beyond its wish is hatched."""
    asked = requests(run)
    index = {name: place for place, name in enumerate(scale.labels.names)}
    size = memory_size(run)
    unit = max((u for u in ("B", "KiB", "MiB", "GiB") if BYTES_PER[u] <= size), key=BYTES_PER.get)  # type: ignore[arg-type]
    scaled = BYTES_PER[unit]
    held, unused = [], []
    for stay in stays(run.memory_events):
        until = scale.span if stay.until is None else stay.until
        wish = min(asked.get(stay.process, stay.size), stay.size)
        low, middle, high = (
            each / scaled for each in (stay.base, stay.base + wish, stay.base + stay.size)
        )
        held.append(Piece(stay.since, until, low, middle, index[stay.process]))
        if high > middle:
            unused.append(Piece(stay.since, until, middle, high, index[stay.process]))
    for process, mine in _by_process(held).items():
        _fill(axes, mine, scale, colour(process))
    for process, mine in _by_process(unused).items():
        _fill(axes, mine, scale, colour(process), *UNUSED)
    if len(held) <= MOST_EDGED:
        _label(axes, held, scale)
    axes.set_ylim(0, size / scaled)
    axes.set_ylabel(f"memory, {unit}")
    for border in _borders(run):
        axes.axhline(border / scaled, color="0.45", lw=0.7, zorder=3)
    axes.set_title(f"Main memory, {format_size(size)} ({run.backend})", **HEADING)


HEADING: dict[str, Any] = {"loc": "left", "fontsize": 9, "fontweight": "bold", "pad": 3}


def _borders(run: Run) -> Iterable[int]:
    """Of fixed partitions."""
    at = 0
    memory = run.machine.get("memory") or {}
    for size in memory.get("partitions", ())[:-1]:
        at += size
        yield at


def _places(run: Run, scale: Scale) -> list[int]:
    """Each process's place among all that are drawn, which has its colour."""
    index = {name: place for place, name in enumerate(scale.labels.names)}
    return [index[name] for name in run.process_names]


def _in_lane(start: int, end: int, lane: int, floor: float, height: float, process: int) -> Piece:
    return Piece(start, end, lane + floor, lane + floor + height, process)


def _by_process(pieces: Iterable[Piece]) -> dict[int, list[Piece]]:
    found: dict[int, list[Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.process, []).append(piece)
    return found


def _fill(
    axes: Axes,
    pieces: Sequence[Piece],
    scale: Scale,
    hue: str,
    opacity: float = 1.0,
    hatch: str = "",
    *,
    edged: bool = True,
) -> None:
    """Draw pieces of one colour and pattern, as a single outline: twenty thousand take a second."""
    corners = [
        corner
        for p in pieces
        for a, b in [(scale.at(p.start), scale.at(p.end))]
        for corner in ((a, p.low), (a, p.high), (b, p.high), (b, p.low), (a, p.low))
    ]
    if not corners:
        return
    thin = pieces[0].high - pieces[0].low < THIN  # white edges would leave nothing of it
    outline = PathPatch(
        Outline(corners, len(pieces) * RECTANGLE),
        facecolor=to_rgba(hue, opacity),
        edgecolor=hue if hatch or thin else EDGE,
        linewidth=0.5 if edged else 0,
        hatch=3 * hatch or None,
        antialiased=edged,  # many thin ones would fade into the paper
    )
    axes.add_artist(outline)


RECTANGLE = [Outline.MOVETO, *3 * [Outline.LINETO], Outline.CLOSEPOLY]


def _label(axes: Axes, pieces: Iterable[Piece], scale: Scale) -> None:
    """Write into each piece whose it is, as far as there is room."""
    for piece in pieces:
        room = scale.inches(min(piece.end, scale.span) - piece.start) / LETTER - 1
        name = clean(scale.labels.names[piece.process])
        text = name if cell_len(name) <= room else scale.labels.label(piece.process)
        if cell_len(text) <= room:
            axes.text(
                scale.at(piece.start + min(piece.end, scale.span)) / 2,
                (piece.low + piece.high) / 2,
                text,
                ha="center",
                va="center_baseline",
                fontsize=LABEL,
                color=ink(piece.process),
                clip_on=True,
                parse_math=False,
            )


def _lanes(axes: Axes, names: Sequence[str]) -> None:
    """Names on the left, the first at the top."""
    axes.set_ylim(0, len(names))
    axes.set_yticks([len(names) - 0.5 - lane for lane in range(len(names))])
    axes.set_yticklabels(
        [cut(name, MOST_LETTERS, UNICODE.ellipsis) for name in names], parse_math=False
    )
    axes.tick_params(axis="y", length=0)
