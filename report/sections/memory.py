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
from timeline.record.run import TAKES, MemoryEvent, Run
from translation import mark, tr, tr_n

MOST_LINES = 24  # lines of the memory map
COARSE = 16  # lines of equal size, if a line for each piece of memory would be too many
MOST_PLACEMENTS = 50  # rows of the table
SCHEMES = {
    "fixed": mark("fixed partitions"),
    "variable": mark("variable partitions"),
    "buddy": mark("buddy system"),
}


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
    return [] if _is_fixed(run) else [tr("@ memory from this address up")]


def placement_table(run: Run, unit: str, most: int, ellipsis: str) -> Sheet:
    """Return a table of the places that programs had: address, times, internal fragmentation."""
    found = memory_spans(run.memory_events)[:MOST_PLACEMENTS]
    requested = requests(run)
    asked = [requested.get(stay.process, stay.size) for stay in found]
    unused = [stay.size - size for stay, size in zip(found, asked, strict=True)]
    return Sheet(
        names_column(tr("process"), [stay.process for stay in found], most, ellipsis),
        [
            Group([sizes_column(tr("address"), [stay.base for stay in found])]),
            Group([sizes_column(tr("partition"), [stay.size for stay in found])]),
            Group([times_column(tr("from"), [stay.since for stay in found], unit, 3)]),
            Group([times_column(tr("until"), [stay.until for stay in found], unit, 3)]),
            Group([sizes_column(tr("requested"), asked)]),
            Group([sizes_column(tr("unused"), unused)]),
        ],
    )


_ENDINGS = {
    "fault": mark("touches its address {address}, and its limit is {limit}"),
    "refused": mark("asks for {size} more, and holds {address} of its {limit}"),
    "misfreed": mark("gives back {size}, and has allocated {allocated}"),
}


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
        words = tr(
            _ENDINGS[event],
            address=size_words(base - start),
            limit=size_words(mine.size),
            size=size_words(size),
            allocated=size_words(base - start - mine.requested),
        )
        text = tr(
            "{time} {unit}: {words} (exit code {code})",
            time=brief(at, unit),
            unit=unit,
            words=words,
            code=EXITCODES[event],
        )
        yield name, text


def sizes_column(heading: str, sizes: Sequence[int]) -> Column:
    """Return a column of sizes, as a scenario would write them."""
    return counts_column(heading, [size_words(size) for size in sizes])


_FITS = {
    "first": mark("first fit"),
    "next": mark("next fit"),
    "best": mark("best fit"),
    "worst": mark("worst fit"),
}


def memory_words(memory: Mapping[str, Any]) -> str:
    """Return the memory scheme in words, like `fixed partitions, first fit, fifo admission`."""
    scheme = str(memory.get("scheme", ""))
    words = [tr(SCHEMES.get(scheme, scheme))]
    if memory.get("holes"):
        words.append(tr("{n} holes", n=len(memory["holes"])))
    if memory.get("queues") == "per-partition":
        words.append(tr("a queue for each"))
    if memory.get("min_block"):
        words.append(tr("blocks from {size}", size=format_size(memory["min_block"])))
    fit = tr(_FITS.get(str(memory.get("fit")), f"{memory.get('fit')} fit"))
    if memory.get("next_from") == "hole":
        fit = tr("{fit} from behind the hole used last", fit=fit)
    words += [fit] if memory.get("fit") else []
    if memory.get("admission"):
        words.append(tr("{order} admission", order=memory["admission"]))
    if memory.get("on_full") == "refuse":
        words.append(tr("a program that finds no place is refused"))
    if memory.get("compaction") == "when-needed":
        words.append(tr("compaction when needed"))
    if swap := memory.get("swap"):
        words.append(
            tr(
                "swapping ({order} first, {device}, {rate})",
                order=swap["out"],
                device=swap["device"],
                rate=format_rate(swap["rate"]),
            )
        )
    if most := memory.get("max_resident"):
        words.append(tr("at most {n} programs", n=most))
    return tr(", ").join(words)


def memory_facts(run: Run) -> Iterator[Fact]:
    """Yield the means over time of the use of memory; nothing if memory is not modelled."""
    means = occupancy(run)
    if means is None:
        return
    words = tr(
        "{share} of {memory}, held by programs that asked for it",
        share=_percent(means.utilization),
        memory=format_size(means.total),
    )
    yield tr("utilisation"), words
    size, share = _about_size(means.internal), _percent(means.internal_share)
    words = tr("{size}, {share} of the memory given out", size=size, share=share)
    yield tr("internal fragmentation"), words
    size, share = _about_size(means.external), _percent(means.external_share)
    words = tr("{size}, {share} of the free memory", size=size, share=share)
    yield tr("external fragmentation"), words
    yield tr("largest hole"), _about_size(means.largest_hole)
    words = tr("{n:.2f} programs (degree of multiprogramming)", n=means.programs)
    yield tr("in memory"), words
    if means.waiting:
        yield tr("waiting for memory"), tr("{n:.2f} programs", n=means.waiting)
    if moved := moves(run):
        size = _about_size(sum(event.size for event in moved))
        words = tr_n("{n} move, {size} copied", "{n} moves, {size} copied", len(moved), size=size)
        yield tr("compaction"), words
    if swapped := swaps(run):
        yield from _swapping(run, swapped, means.swapped_out)


def _swapping(run: Run, swapped: Sequence[MemoryEvent], mean: float) -> Iterator[Fact]:
    out = sum(event.event == "swapped-out" for event in swapped)
    words = tr(
        "{out} out, {back} in, {size} written and read",
        out=out,
        back=len(swapped) - out,
        size=_about_size(swapped_bytes(run)),
    )
    yield tr("swapping"), words
    yield tr("swapped out"), tr("{n:.2f} programs", n=mean)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _about_size(size: float) -> str:
    """Return a size in bytes with its unit, rounded to a tenth of the unit."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= BYTES_PER[unit]:
            return f"{size / BYTES_PER[unit]:.1f} {unit}"
    return f"{size:.1f} B" if size else "0"
