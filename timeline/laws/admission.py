"""Laws of admission: in which order programs are let into memory, and how many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from operator import attrgetter

from kernel.process.states import State
from kernel.scheduling.conventions import name_order
from kernel.units import LARGEST, format_size
from timeline.memory.admission_queue import BoundedAdmission, admission_queue_of
from timeline.memory.free_space import free_space_of
from timeline.memory.occupancy import given_sizes, requests
from timeline.record.sorted_run import Breach, SortedRun, text_of


def first_come_first_admitted(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield programs that enter memory, under fifo admission, before one that waits for longer."""
    memory = sorted_run.run.machine.get("memory")
    if not isinstance(memory, Mapping) or memory.get("admission") != "fifo":
        return
    tenants = {event.process for event in sorted_run.run.memory_events}
    tenants -= {row.name for row in sorted_run.run.processes if row.admitted_ns is None} & {
        event.process for event in sorted_run.run.memory_events if event.event == "withdrawn"
    }
    rows = [row for row in sorted_run.run.processes if row.name in tenants]
    asked: dict[str, int] = {}  # the order of requests at one instant, if processes start others
    for number, event in enumerate(
        sorted_run.run.memory_events if sorted_run.has_lifecycle else ()
    ):
        asked.setdefault(event.process, number)
    drawn = sorted_run.run.scheduler.get("draws") == "name"
    if drawn:
        rows.sort(key=lambda row: name_order(row.name))
    rows.sort(key=lambda row: (row.arrival_ns, asked.get(row.name, 0)))  # stable: file order
    for before, row in pairwise(rows):
        late = before.admitted_ns is None or before.admitted_ns > (row.admitted_ns or 0)
        if row.admitted_ns is not None and late:
            text = f"{row.name} is admitted at {text_of(row.admitted_ns)}, before"
            text = f"{text} {before.name}, which arrived first ({text_of(before.admitted_ns)})"
            yield text, row.admitted_ns, row.name, None


def none_waits_beside_free_space(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield programs that still wait after an instant, though there is a place for them.

    A program must wait if it fits nowhere, or is behind a program that fits nowhere. If memory is
    compacted when needed, a program must wait only if it would not fit after compaction either. If
    the number of programs is limited, programs that may not be let in yet are behind all that may.
    """
    memory = sorted_run.run.machine.get("memory") or {}
    free_space = free_space_of(memory)
    if free_space is None:
        return
    queue = BoundedAdmission(admission_queue_of(memory, free_space), memory.get("max_resident"))
    asked, limits = requests(sorted_run.run), given_sizes(sorted_run.run)
    for at, events in groupby(sorted_run.run.memory_events, key=attrgetter("at_ns")):
        for event in events:
            # the record does not have the size of a program that never got a place, so it is
            # taken as the largest: it fits nowhere, and blocks the programs behind it
            size = asked.get(event.process, LARGEST)
            queue.see(event, size, limits.get(event.process, LARGEST))
            free_space.see(event)
        name = queue.queue.neglected()
        if name is not None and not _is_rearranged(sorted_run, at):
            text = f"{name} ({format_size(asked[name])}) waits for memory at {text_of(at)}"
            yield f"{text}, though there is a place for it", at, name, None


def degree_within_its_bound(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield a program that is let in although `max_resident` programs are in and have not ended."""
    most = (sorted_run.run.machine.get("memory") or {}).get("max_resident")
    inside: set[str] = set()
    if most is None:
        return
    for event in sorted_run.run.memory_events:
        if event.event == "placed":
            inside.add(event.process)
        elif event.event in ("freed", "withdrawn"):
            inside.discard(event.process)
        if len(inside) > most:
            text = f"{event.process} is let in at {text_of(event.at_ns)}, as number {len(inside)}"
            yield f"{text} of at most {most} programs", event.at_ns, event.process, None
            return


def _is_rearranged(sorted_run: SortedRun, at: int) -> bool:
    """Return whether memory is being rearranged at `at` (ns), so that a hole may not exist yet.

    This is so while a move takes time, and while a program is swapped if memory is also compacted.
    """
    memory = sorted_run.run.machine.get("memory") or {}
    swaps = "swap" in memory and memory.get("compaction") == "when-needed"
    if not sorted_run.moving_costs and not swaps:
        return False
    costs = sorted_run.run.machine["costs"]
    # a move begins only when a switch that is under way is over
    switch = sum(ns for name, ns in costs.items() if name != "copy_per_mib")
    return any(
        row.state == State.SUSPENDED and row.start - switch <= at < row.end
        for track in sorted_run.tracks
        for row in track
    )
