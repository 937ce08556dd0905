"""Main memory over time: the partitions in address order, who lay there, and what was wasted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from rich.text import Text

from kernel.units import format_size
from report.cells import stays
from report.gantt import Frame, partition_lines
from report.labels import Labels
from report.tables import Column, Group, Sheet, counts_column, names_column, times_column
from timeline.run import Run

MOST_LINES = 24  # partitions drawn
MOST_STAYS = 50  # rows of the table


def partitions(run: Run) -> list[tuple[int, int]]:
    """(base, size) of every fixed partition and of every place that was ever given out."""
    memory = run.machine.get("memory")
    sizes = memory.get("partitions", []) if isinstance(memory, Mapping) else []
    bases = accumulate(sizes, initial=0)
    placed = {(stay.base, stay.size) for stay in stays(run.memory_events)}
    return sorted({*zip(bases, sizes, strict=False), *placed})


def partition_names(run: Run) -> list[str]:
    """What the lines of the memory chart are called: the sizes."""
    return [format_size(size) for _, size in partitions(run)]


def memory_lines(run: Run, labels: Labels, frame: Frame) -> list[Text]:
    """A line per partition, lowest address first, drawn like a core."""
    places = partitions(run)[:MOST_LINES]
    cells = partition_lines(stays(run.memory_events), labels, frame)
    empty = Text(frame.glyphs.idle * frame.axis.width, "dim")
    return [frame.line(format_size(size), cells.get((base, size), empty)) for base, size in places]


def placements(run: Run, unit: str, most: int, ellipsis: str) -> Sheet:
    """A row per placement: who, where, when, and the internal fragmentation."""
    found = stays(run.memory_events)[:MOST_STAYS]
    requested = {row.name: row.memory.requested for row in run.processes if row.memory}
    asked = [requested.get(stay.process, stay.size) for stay in found]
    unused = [stay.size - size for stay, size in zip(found, asked, strict=True)]
    return Sheet(
        names_column("process", [stay.process for stay in found], most, ellipsis),
        [
            Group([sizes_column("at", [stay.base for stay in found])]),
            Group([sizes_column("partition", [stay.size for stay in found])]),
            Group([times_column("from", [stay.since for stay in found], unit, 3)]),
            Group([times_column("until", [stay.until for stay in found], unit, 3)]),
            Group([sizes_column("requested", asked)]),
            Group([sizes_column("unused", unused)]),
        ],
    )


def sizes_column(heading: str, sizes: Sequence[int]) -> Column:
    """Sizes as a scenario would write them."""
    return counts_column(heading, [format_size(size) if size else "0" for size in sizes])


def memory_words(run: Run) -> str:
    """The scheme in force: `fixed partitions, first fit, fifo admission`."""
    memory = run.machine.get("memory")
    about = memory if isinstance(memory, Mapping) else {}
    named = (("scheme", "partitions"), ("fit", "fit"), ("admission", "admission"))
    return ", ".join(f"{about[key]} {name}" for key, name in named if about.get(key))


def fragmentation(run: Run) -> str:
    """How much of the memory that was given out nobody had asked for; nothing if none was."""
    held = stays(run.memory_events)
    requested = {row.name: row.memory.requested for row in run.processes if row.memory}
    size = sum(stay.size for stay in held)
    unused = size - sum(requested.get(stay.process, stay.size) for stay in held)
    if not size:
        return ""
    share = f"{100 * unused / size:.0f} %"
    return (
        f"Internal fragmentation: {format_size(unused)} of {format_size(size)} given out ({share})"
    )
