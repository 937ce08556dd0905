"""The use of memory over time, as lines of digits below the memory map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.text import Text

from report.sections.gantt import DIM, Frame
from timeline.memory.occupancy import MemoryState, memory_states
from timeline.record.run import Run
from translation import mark, tr

FULL = "*"  # ten tenths
MANY = "+"  # more than nine
LEVELS = (mark("programs"), mark("given out"), mark("unused"), mark("scattered"))
_NOTES = {
    "programs": mark("programs: in memory"),
    "given out": mark("given out: tenths of memory"),
    "unused": mark("unused: tenths of the memory given out (internal fragmentation)"),
    "scattered": mark("scattered: tenths of the free memory (external fragmentation)"),
}


def level_names(run: Run) -> list[str]:
    """Return the names of the lines, as they are shown; see `_levels`."""
    return [tr(name) for name in _levels(run)]


def _levels(run: Run) -> list[str]:
    """Return the lines' levels. Internal or external fragmentation has a line if it occurs."""
    seen = [state for state, _ in _spells(memory_states(run), run.makespan_ns)]
    wasted = any(state.allocated > state.requested for state in seen)
    scattered = any(state.free > state.largest_hole for state in seen)
    return [*LEVELS[:2], *LEVELS[2:3] * wasted, *LEVELS[3:] * scattered]


def level_notes(run: Run) -> list[str]:
    """Return the meaning of each line."""
    return [tr(_NOTES[name]) for name in _levels(run)]


def level_lines(run: Run, frame: Frame) -> list[Text]:
    """Return a line for each level, in which each cell shows the mean over the cell's time."""
    sums = _sums(run, frame)
    return [
        frame.line(tr(name), Text("".join(_cell(name, each, frame) for each in sums), DIM))
        for name in _levels(run)
    ]


def _cell(name: str, sums: dict[str, int], frame: Frame) -> str:
    part, whole = sums[name], sums[f"of {name}"]
    if not whole:
        return " " if name == "programs" else frame.glyphs.idle
    tenths = (part * 2 + whole) // (2 * whole)
    if not tenths:
        return frame.glyphs.idle
    most = MANY if name == "programs" else FULL
    return str(tenths) if tenths < 10 else most


def _sums(run: Run, frame: Frame) -> list[dict[str, int]]:
    """Return for each cell, level by level, the numerator and denominator of the level's mean.

    Their keys are `name` and `of name`; each is an integral over the cell's time, in 1/cells ns.
    """
    keys = [f"{of}{name}" for name in LEVELS for of in ("", "of ")]
    cells = [dict.fromkeys(keys, 0) for _ in range(frame.axis.width)]
    for state, until in _spells(memory_states(run), run.makespan_ns):
        free, used = state.free, state.allocated
        parts = {
            "programs": (state.programs, 1),
            "given out": (10 * used, used + free),
            "unused": (10 * (used - state.requested), used),
            "scattered": (10 * (free - state.largest_hole), free),
        }
        for column, lasted in _columns(frame, state.at_ns, until):
            for name, (part, whole) in parts.items():
                cells[column][name] += part * lasted
                cells[column][f"of {name}"] += whole * lasted
    return cells


def _spells(seen: Sequence[MemoryState], end: int) -> Iterator[tuple[MemoryState, int]]:
    """Yield each state of memory, and the time (ns) until which it lasted."""
    yield from ((state, following.at_ns) for state, following in pairwise(seen))
    if seen and seen[-1].at_ns < end:
        yield seen[-1], end


def _columns(frame: Frame, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield each cell in which the time from `start` to `end` lies, and its part, in 1/cells ns."""
    cells, per = frame.axis.cells, frame.axis.per
    begin, finish = start * cells, min(end, frame.axis.span) * cells
    while begin < finish:
        column = begin // per
        border = min(finish, (column + 1) * per)
        yield column, border - begin
        begin = border
