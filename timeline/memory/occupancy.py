"""How full memory was: what was placed where, what was wasted, how many programs were in it.

Internal fragmentation is the memory that programs were given beyond what they asked for. External
fragmentation is the memory that was free but not in the largest hole. Means are over time, from 0
to the makespan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from timeline.memory.free_space import FreeSpace, free_space_of
from timeline.record.run import PARTITION_EVENTS, TAKES, MemoryEvent, ProcessRow, Run


class Placement(NamedTuple):
    """A program got a place. Base and sizes in bytes.

    `hole` is the size of the partition, block or hole that was chosen for it.
    """

    process: str
    base: int
    size: int
    hole: int


class MemoryState(NamedTuple):
    """Memory after all decisions of the instant `at_ns`. Sizes in bytes."""

    at_ns: int
    allocated: int
    requested: int
    free: int
    largest_hole: int
    programs: int  # in memory
    waiting: int  # for memory
    swapped_out: int  # programs


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Means over time. Bytes, and shares from 0 to 1."""

    total: int  # bytes that the scheme hands out
    utilization: float  # share of the total that programs in memory had asked for
    internal: float  # bytes
    internal_share: float  # of what was allocated
    external: float  # bytes
    external_share: float  # of what was free
    largest_hole: float  # bytes
    programs: float  # the degree of multiprogramming
    waiting: float  # programs
    swapped_out: float  # programs

    def to_json(self) -> dict[str, Any]:
        """Return `memory.means` of the run document, without the total."""
        return {name: value for name, value in asdict(self).items() if name != "total"}


def requests(run: Run) -> dict[str, int]:
    """Return how many bytes each program asked for. Only programs that got a place are in it."""
    return {row.name: row.memory.requested for row in run.processes if row.memory}


def given_sizes(run: Run) -> dict[str, int]:
    """Return the size (bytes) of each program's first place, of programs that got a place."""
    return {row.name: row.memory.size for row in run.processes if row.memory}


def placements(run: Run) -> list[Placement]:
    """Return the placements in the order of the decisions.

    `hole` is 0 if the scheme has no such place, or the layout of memory is not recorded.
    """
    free_space, found = free_space_of(run.machine.get("memory")), []
    for event in run.memory_events:
        hole = free_space.see(event) if free_space is not None else None
        if event.event == "placed":
            found.append(Placement(event.process, event.base, event.size, hole or 0))
    return found


def moves(run: Run) -> list[MemoryEvent]:
    """Return the moves of compaction, in their order."""
    return [event for event in run.memory_events if event.event == "moved"]


def swaps(run: Run) -> list[MemoryEvent]:
    """Return the events in which programs were swapped out or in, in their order."""
    return [event for event in run.memory_events if event.event.startswith("swapped")]


def swapped_bytes(run: Run) -> int:
    """Return how many bytes were written to the swap device and read from it, in total."""
    sizes = given_sizes(run)
    return sum(sizes[event.process] for event in swaps(run))


def arrangement(run: Run) -> list[MemoryEvent]:
    """Return the events in which a program got a place, was moved or was swapped out."""
    changes = (*TAKES, "moved", "swapped-out")
    return [event for event in run.memory_events if event.event in changes]


def waiters(run: Run) -> list[str]:
    """Return the programs that waited for admission, in the order in which they began to wait."""
    found, seen = [], set()
    for event in run.memory_events:
        if event.event == "waits" and event.process not in seen:
            found.append(event.process)
        if event.event in PARTITION_EVENTS:
            seen.add(event.process)
    return found


def memory_states(run: Run) -> list[MemoryState]:
    """Return memory at 0 and after each instant with a change; empty if memory is not modelled."""
    free_space = free_space_of(run.machine.get("memory"))
    return [] if free_space is None else list(_states(run, free_space))


def _states(run: Run, free_space: FreeSpace) -> Iterator[MemoryState]:
    asked = requests(run)
    requested, programs, outside, swapped = 0, 0, set(), set()
    if not run.memory_events or run.memory_events[0].at_ns > 0:
        yield MemoryState(0, 0, 0, free_space.free, free_space.largest, 0, 0, 0)
    changes = (event for event in run.memory_events if event.event in PARTITION_EVENTS)
    for at, events in groupby(changes, key=attrgetter("at_ns")):
        for event in events:
            free_space.see(event)
            if event.event == "waits":
                outside.add(event.process)
                continue
            if event.event == "moved":
                continue
            outside.discard(event.process)
            swapped.discard(event.process)
            if event.event == "withdrawn":
                continue
            change = 1 if event.event in TAKES else -1
            programs += change
            requested += change * asked.get(event.process, event.size)
            if event.event == "swapped-out":
                swapped.add(event.process)
        allocated = free_space.total - free_space.free
        yield MemoryState(
            *(
                at,
                allocated,
                requested,
                free_space.free,
                free_space.largest,
                programs,
                len(outside),
                len(swapped),
            )
        )


def occupancy(run: Run) -> Occupancy | None:
    """Return the means; None if memory is not modelled or the makespan is 0."""
    return _means(memory_states(run), run.makespan_ns)


def _means(seen: Sequence[MemoryState], end: int) -> Occupancy | None:
    """Return the means from 0 to `end`, ns."""
    if not seen or not end:
        return None
    names = MemoryState._fields[1:]
    sums = dict.fromkeys((*names, "external"), 0)  # bytes (or programs) multiplied by ns
    for state, until in zip(seen, [*(each.at_ns for each in seen[1:]), end], strict=True):
        lasted = max(0, min(until, end) - state.at_ns)
        for name in names:
            sums[name] += lasted * getattr(state, name)
        sums["external"] += lasted * (state.free - state.largest_hole)
    internal = sums["allocated"] - sums["requested"]
    total = seen[0].allocated + seen[0].free
    return Occupancy(
        total=total,
        utilization=sums["requested"] / (total * end),
        internal=internal / end,
        internal_share=_share(internal, sums["allocated"]),
        external=sums["external"] / end,
        external_share=_share(sums["external"], sums["free"]),
        largest_hole=sums["largest_hole"] / end,
        programs=sums["programs"] / end,
        waiting=sums["waiting"] / end,
        swapped_out=sums["swapped_out"] / end,
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def to_json(run: Run) -> dict[str, Any] | None:
    """Return `memory` of the run document: means, moves, swaps, and memory over time in columns.

    Return None if memory is not modelled or the makespan is 0.
    """
    seen = memory_states(run)
    means = _means(seen, run.makespan_ns)
    if means is None:
        return None
    columns = zip(*seen, strict=True)
    return {
        "total": means.total,
        "means": means.to_json(),
        "moves": len(moved := moves(run)),
        "moved_bytes": sum(event.size for event in moved),
        "swaps": len(swaps(run)),
        "swapped_bytes": swapped_bytes(run),
        "series": dict(zip(MemoryState._fields, map(list, columns), strict=True)),
    }


def is_refused(row: ProcessRow, run: Run) -> bool:
    """Return whether a program found no place in memory at its arrival, and so never ran."""
    memory = run.machine.get("memory")
    refuses = isinstance(memory, Mapping) and memory.get("on_full") == "refuse"
    return refuses and run.stopped is None and row.admitted_ns is None
