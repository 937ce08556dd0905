"""What ran on each core: the Gantt chart of a run as a list of stretches, as a person draws it."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.units import format_duration
from timeline.record.run import Run
from timeline.record.tracks import by_core, by_process

Stretch = tuple[str, int, int]
"""A process, and the time from which and up to which it runs, ns."""
Lane = list[Stretch]
"""The stretches of one core, in order."""


def core_chart(run: Run) -> list[Lane]:
    """Return for each core what ran there. Intervals that touch, of one process, are one stretch.

    Intervals of 0 ns are left out: a chart cannot show them.
    """
    names = run.process_names
    return [
        joined((names[row.process], row.start, row.end) for row in lane)
        for lane in by_core(by_process(run), len(run.cores))
    ]


def joined(stretches: Iterable[Stretch]) -> Lane:
    """Return the stretches without those of 0 ns, neighbours of one process joined."""
    lane: Lane = []
    for name, start, end in stretches:
        if lane and lane[-1][0] == name and lane[-1][2] == start:
            lane[-1] = name, lane[-1][1], end
        elif end > start:
            lane.append((name, start, end))
    return lane


def chart_words(lane: Lane) -> str:
    """Return a lane as text, like `A 0-20ms, B 20ms-50ms`."""
    return (
        ", ".join(
            f"{name} {format_duration(start)}-{format_duration(end)}" for name, start, end in lane
        )
        or "idle"
    )
