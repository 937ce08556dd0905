"""Main memory over time: which program lay where, and how much memory was wasted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from rich.text import Text

from kernel.hardware import Region
from kernel.memory import layout
from kernel.process.memory_steps import EXITCODES
from kernel.units import BYTES_PER, format_rate, format_size
from report.base.axis import brief
from report.base.labels import Labels
from report.base.memory_spans import memory_spans
from report.base.printing import Fact
from report.base.tables import Column, Group, Sheet, counts_column, names_column, times_column
from report.sections.gantt import Frame, place_lines
from timeline.memory.occupancy import moves, occupancy, requests, swapped_bytes, swaps
from timeline.number_formats import size_words
from timeline.record.run import TAKES, Run

MOST_LINES = 24  # lines of the memory map
COARSE = 16  # lines of equal size, if a line for each piece of memory would be too many
MOST_PLACEMENTS = 50  # rows of the table
SCHEMES = {"fixed": "fixed partitions", "variable": "variable partitions", "buddy": "buddy system"}


def _about(run: Run) -> Mapping[str, Any]:
    memory = run.machine.get("memory")
    return memory if isinstance(memory, Mapping) else {}


def memory_size(run: Run) -> int:
    """Return the bytes from the lowest to the highest address, at least 1."""
    given = int(_about(run).get("size", 0))
    return max(1, given, *(event.base + event.size for event in run.memory_events))


def _is_fixed(run: Run) -> bool:
    return bool(_about(run).get("scheme", "fixed") == "fixed")


def places(run: Run) -> list[Region]:
    """Return the place in memory of each line of the memory map, lowest address first.

    With fixed partitions each one has a line. Otherwise a line is a piece of memory between two
    borders of programs; so at any time the whole piece belongs to one program or is free. If there
    are too many such pieces, the lines are pieces of equal size.
    """
    about, held = _about(run), memory_spans(run.memory_events)
    if _is_fixed(run):
        sizes = about.get("partitions", [])
        bases = accumulate(sizes, initial=0)
        cut = {*zip(bases, sizes, strict=False), *((stay.base, stay.size) for stay in held)}
        return [Region(*place) for place in sorted(cut)][:MOST_LINES]
    stretches = layout(about.get("holes") or [about["size"]])
    lain = [*stretches, *(Region(stay.base, stay.size) for stay in held)]
    borders = {border for each in lain for border in (each.base, each.end)}
    pieces = _cut(sorted(borders), stretches)
    if len(pieces) <= MOST_LINES:
        return pieces
    whole = stretches[-1].end
    return _cut([whole * step // COARSE for step in range(COARSE + 1)], stretches)


def _cut(borders: Sequence[int], stretches: Sequence[Region]) -> list[Region]:
    """Return the pieces between neighbouring borders whose middle is not reserved memory."""
    pieces = [Region(low, high - low) for low, high in pairwise(borders)]
    return [
        piece
        for piece in pieces
        if any(each.base <= piece.base + piece.size // 2 < each.end for each in stretches)
    ]


def place_names(run: Run) -> list[str]:
    """Return the names of the lines of the memory map: partition sizes, or addresses."""
    return _names(run, places(run))


def _names(run: Run, found: Sequence[Region]) -> list[str]:
    if _is_fixed(run):
        return [format_size(place.size) for place in found]
    return [f"@{size_words(place.base)}" for place in found]


def memory_lines(run: Run, labels: Labels, frame: Frame) -> list[Text]:
    """Return a line per place, with the program that had the address in the middle of the place."""
    held, found = memory_spans(run.memory_events), places(run)
    rows = [
        [stay for stay in held if 0 <= place.base + place.size // 2 - stay.base < stay.size]
        for place in found
    ]
    cells = place_lines(rows, labels, frame)
    return [frame.line(name, line) for name, line in zip(_names(run, found), cells, strict=True)]


def memory_notes(run: Run) -> list[str]:
    """Return the meaning of the lines' names, if they are addresses."""
    return [] if _is_fixed(run) else ["@ memory from this address up"]


def placement_table(run: Run, unit: str, most: int, ellipsis: str) -> Sheet:
    """Return a table of the places that programs had: address, times, internal fragmentation."""
    found = memory_spans(run.memory_events)[:MOST_PLACEMENTS]
    requested = requests(run)
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


def endings(run: Run, unit: str) -> Iterator[Fact]:
    """Yield each program that ended by a memory step of its own, and why; times in `unit`."""
    parts = {row.name: row.memory for row in run.processes if row.memory}
    starts: dict[str, int] = {}  # base address of each program
    shown = 0
    for at, event, name, base, size in run.memory_events:
        if event in ("moved", *TAKES):
            starts[name] = base
        mine = parts.get(name)
        if event not in EXITCODES or mine is None or shown == MOST_PLACEMENTS:
            continue
        shown += 1
        start = starts.get(name, mine.base)
        address, limit = size_words(base - start), size_words(mine.size)
        words = {
            "fault": f"touches its address {address}, and its limit is {limit}",
            "refused": f"asks for {size_words(size)} more, and holds {address} of its {limit}",
            "misfreed": f"gives back {size_words(size)}, and has allocated "
            f"{size_words(base - start - mine.requested)}",
        }
        code = EXITCODES[event]
        yield name, f"{brief(at, unit)} {unit}: {words[event]} (exit code {code})"


def sizes_column(heading: str, sizes: Sequence[int]) -> Column:
    """Return a column of sizes, as a scenario would write them."""
    return counts_column(heading, [size_words(size) for size in sizes])


def memory_words(memory: Mapping[str, Any]) -> str:
    """Return the memory scheme in words, like `fixed partitions, first fit, fifo admission`."""
    scheme = str(memory.get("scheme", ""))
    words = [SCHEMES.get(scheme, scheme)]
    if memory.get("holes"):
        words.append(f"{len(memory['holes'])} holes")
    if memory.get("queues") == "per-partition":
        words.append("a queue for each")
    if memory.get("min_block"):
        words.append(f"blocks from {format_size(memory['min_block'])}")
    fit = f"{memory.get('fit')} fit"
    if memory.get("next_from") == "hole":
        fit = f"{fit} from behind the hole used last"
    words += [fit] if memory.get("fit") else []
    words += [f"{memory['admission']} admission"] if memory.get("admission") else []
    if memory.get("on_full") == "refuse":
        words.append("a program that finds no place is refused")
    if memory.get("compaction") == "when-needed":
        words.append("compaction when needed")
    if swap := memory.get("swap"):
        words.append(
            f"swapping ({swap['out']} first, {swap['device']}, {format_rate(swap['rate'])})"
        )
    if most := memory.get("max_resident"):
        words.append(f"at most {most} programs")
    return ", ".join(words)


def memory_facts(run: Run) -> Iterator[Fact]:
    """Yield the means over time of the use of memory; nothing if memory is not modelled."""
    means = occupancy(run)
    if means is None:
        return
    used = f"{_percent(means.utilization)} of {format_size(means.total)}"
    yield "utilisation", f"{used}, held by programs that asked for it"
    internal = f"{_about_size(means.internal)}, {_percent(means.internal_share)}"
    yield "internal fragmentation", f"{internal} of what was given out"
    external = f"{_about_size(means.external)}, {_percent(means.external_share)}"
    yield "external fragmentation", f"{external} of what was free"
    yield "largest hole", _about_size(means.largest_hole)
    yield "in memory", f"{means.programs:.2f} programs (degree of multiprogramming)"
    if means.waiting:
        yield "waiting for memory", f"{means.waiting:.2f} programs"
    if moved := moves(run):
        size = _about_size(sum(event.size for event in moved))
        yield "compaction", f"{len(moved)} {'move' if len(moved) == 1 else 'moves'}, {size} copied"
    if swapped := swaps(run):
        out = sum(event.event == "swapped-out" for event in swapped)
        size = _about_size(swapped_bytes(run))
        yield "swapping", f"{out} out, {len(swapped) - out} in, {size} written and read"
        yield "swapped out", f"{means.swapped_out:.2f} programs"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _about_size(size: float) -> str:
    """Return a size in bytes with its unit, rounded to a tenth of the unit."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= BYTES_PER[unit]:
            return f"{size / BYTES_PER[unit]:.1f} {unit}"
    return f"{size:.1f} B" if size else "0"
