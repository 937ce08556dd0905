"""How full memory was, over time: lines of digits under the memory map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.text import Text

from report.sections.gantt import DIM, Frame
from timeline.memory.occupancy import MemoryState, memory_states
from timeline.record.run import Run

FULL = "*"  # all of it
MANY = "+"  # more than nine
LEVELS = ("programs", "given out", "unused", "scattered")
_NOTES = {
    "programs": "programs: in memory",
    "given out": "given out: tenths of memory",
    "unused": "unused: tenths of that (internal fragmentation)",
    "scattered": "scattered: tenths of what is free (external fragmentation)",
}


def level_names(run: Run) -> list[str]:
    """Return the names of the lines: those of fragmentation only if there is any."""
    seen = [state for state, _ in _spells(memory_states(run), run.makespan_ns)]
    wasted = any(state.allocated > state.requested for state in seen)
    scattered = any(state.free > state.largest_hole for state in seen)
    return [*LEVELS[:2], *LEVELS[2:3] * wasted, *LEVELS[3:] * scattered]


def level_notes(run: Run) -> list[str]:
    """Return what the lines mean."""
    return [_NOTES[name] for name in level_names(run)]


def level_lines(run: Run, frame: Frame) -> list[Text]:
    """Return a line for each level; each cell shows the mean over its time."""
    sums = _sums(run, frame)
    return [
        frame.line(name, Text("".join(_cell(name, each, frame) for each in sums), DIM))
        for name in level_names(run)
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
    """Return for each cell what each level is the mean of, and of how much, both times time."""
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
    """Each state, and until when it was so."""
    yield from ((state, following.at_ns) for state, following in pairwise(seen))
    if seen and seen[-1].at_ns < end:
        yield seen[-1], end


def _columns(frame: Frame, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the cells of a stretch of time, and how much of each it takes, in 1/cells ns."""
    cells, per = frame.axis.cells, frame.axis.per
    begin, finish = start * cells, min(end, frame.axis.span) * cells
    while begin < finish:
        column = begin // per
        border = min(finish, (column + 1) * per)
        yield column, border - begin
        begin = border
