"""Laws of the cores: each has one process at a time, its books add up, none is idle for nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from kernel.process import READY
from timeline.book import Book, Breach, text_of
from timeline.tracks import after_interruption


def one_process_a_core(book: Book) -> Iterator[Breach]:
    """No two processes run on one core at a time, but for less than a real worker can see."""
    names = book.run.process_names
    for core, lane in enumerate(book.lanes):
        for before, row in pairwise(lane):
            overlap = min(before.end, row.end) - row.start
            if overlap > book.resolution and before.process != row.process:
                yield (
                    f"{names[before.process]} and {names[row.process]} both run on core {core} "
                    f"for {text_of(overlap)} from {text_of(row.start)}",
                    row.start,
                    names[row.process],
                    core,
                )


def cores_add_up(book: Book) -> Iterator[Breach]:
    """busy + idle + overhead = makespan on each core, and busy is what ran there."""
    makespan = book.run.makespan_ns
    for row, lane in zip(book.run.cores, book.lanes, strict=True):
        total = row.busy_ns + row.idle_ns + row.overhead_ns
        ran = sum(interval.end - interval.start for interval in lane)
        if total != makespan:
            yield _core_breach(row.core, "busy, idle and overhead", total, makespan)
        if row.busy_ns != ran:
            yield _core_breach(row.core, "the busy time", row.busy_ns, ran)
        if row.idle_ns < -book.resolution * len(lane):
            yield _core_breach(row.core, "the idle time", row.idle_ns, 0)


def _core_breach(core: int, what: str, got: int, wanted: int) -> Breach:
    got_text, wanted_text = text_of(got), text_of(wanted)
    return f"core {core}: {what} is {got_text}, but should be {wanted_text}", 0, None, core


Stretch = tuple[int, int]
"""From start to before end, ns."""


def no_idle_core_while_ready(book: Book) -> Iterator[Breach]:
    """Work conservation: no core stands idle for longer than a dispatch takes while one is ready.

    A core and a ready process are together for more than the slack exactly if both stretches, cut
    by the slack at their end, still intersect. With one queue a core (`queues`) it is no law.
    """
    if book.run.scheduler.get("queues", "global") != "global":
        return
    slack = book.slack
    waiting = _waiting(book)
    for core in range(len(book.lanes)):
        idle = [(start, end - slack) for start, end in _idle(book, core) if end - start > slack]
        for cores, rows in waiting.items():
            if cores is not None and core not in cores:
                continue
            for start, end, name in _meetings(idle, rows):
                text = f"core {core} is idle for {text_of(end - start + slack)} from "
                text = f"{text}{text_of(start)} while {name} is ready"
                yield f"{text} (allowed: {text_of(slack)})", start, name, core


def _waiting(book: Book) -> dict[frozenset[int] | None, list[tuple[int, int, str]]]:
    """Ready stretches longer than the slack, cut by it, by start; for each set of allowed cores.

    A hole in a real slice is no wait for the dispatcher: an outsider had the core.
    """
    found: dict[frozenset[int] | None, list[tuple[int, int, str]]] = defaultdict(list)
    for row, track in book.lives:
        cores = None if row.affinity is None else frozenset(row.affinity)
        for interval, hole in zip(track, after_interruption(track), strict=True):
            if interval.state == READY and not hole and interval.end - interval.start > book.slack:
                found[cores].append((interval.start, interval.end - book.slack, row.name))
    for rows in found.values():
        rows.sort()
    return found


def _idle(book: Book, core: int) -> Iterator[Stretch]:
    """When nothing had the core. Dead time of a real switch is idle: the slack is its measure."""
    taken = [(row.start, row.end) for row in book.lanes[core]]
    taken += (
        (row.start_ns, row.end_ns)
        for row in book.run.overheads
        if row.core == core and (book.simulated or row.why != "switch")
    )
    at = 0
    for start, end in sorted(taken):
        if start > at:
            yield at, start
        at = max(at, end)
    if at < book.run.makespan_ns:
        yield at, book.run.makespan_ns


def _meetings(
    idle: Iterable[Stretch], rows: list[tuple[int, int, str]]
) -> Iterator[tuple[int, int, str]]:
    """The first meeting of each idle stretch with a row. Both are by start, idle ones disjoint."""
    at, latest = 0, (0, 0, "")  # of the rows begun so far the one that ends last
    for start, end in idle:
        while at < len(rows) and rows[at][0] <= start:
            latest = max(latest, rows[at], key=lambda row: row[1])
            at += 1
        if latest[1] > start:
            yield start, min(end, latest[1]), latest[2]
        elif at < len(rows) and rows[at][0] < end:
            yield rows[at][0], min(end, rows[at][1]), rows[at][2]
