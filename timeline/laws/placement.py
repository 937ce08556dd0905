"""The law of the memory scheme: each program is where the scheme places it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from kernel.errors import InvariantError
from kernel.hardware import MemorySpec, Region
from kernel.memory import Allocator, FixedPartitions, VariablePartitions, make_allocator
from timeline.laws.memory import memory_breach
from timeline.memory.free_space import memory_spec
from timeline.memory.occupancy import given_sizes, requests
from timeline.record.run import LEAVES, TAKES, MemoryEvent
from timeline.record.sorted_run import Breach, SortedRun


def placed_by_the_scheme(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield a program that is not where its scheme places it, given the events before.

    Compaction must move each program to the address to which it slides it. Memory is compacted only
    for a program that finds no place: first come all the moves, then the placement of that program.
    If moves take time, other programs may end meanwhile, so each program slides down as far as it
    can at the time of its move.
    """
    spec = memory_spec(sorted_run.run.machine.get("memory"))
    if spec is None:
        return
    asked, limits = requests(sorted_run.run), given_sizes(sorted_run.run)
    allocator = make_allocator(spec)
    place, free = _placing(spec, allocator)
    compacted = None
    if isinstance(allocator, VariablePartitions) and spec.compaction == "when-needed":
        compacted = allocator
    moves: deque[tuple[Region, int]] = deque()  # moves of a compaction that must still come
    lies: dict[str, Region] = {}
    for number, event in enumerate(sorted_run.run.memory_events):
        where = Region(event.base, event.size)
        if event.event == "moved":
            if compacted and sorted_run.moving_costs:
                moves = _slide(compacted, lies.get(event.process))
            elif compacted and not moves:
                moves = _compaction(compacted, sorted_run.run.memory_events[number:], asked, limits)
            if not compacted or not moves or where != (moves[0][1], moves[0][0].size):
                yield memory_breach(event, "is moved, which compaction does not do now")
                return
            compacted.move(*moves.popleft())
        elif event.event in TAKES and event.process in asked:
            wants = _asks(event, asked, limits)
            region = None if moves or wants > allocator.largest_program else place(wants)
            if region != where:
                wanted = "nowhere" if region is None else f"at {region.base}"
                yield memory_breach(event, f"belongs {wanted} by the rules of the scheme")
                return  # all later places follow from this one
        elif event.event in LEAVES:
            try:
                free(where)
            except InvariantError:
                return  # `partitions_apart` reports it
        lies[event.process] = where


def _asks(event: MemoryEvent, asked: Mapping[str, int], limits: Mapping[str, int]) -> int:
    """Return how many bytes a program asks for. If it is swapped in, it asks for what it had."""
    return (asked if event.event == "placed" else limits).get(event.process, 0)


def _compaction(
    memory: VariablePartitions,
    events: Sequence[MemoryEvent],
    asked: Mapping[str, int],
    limits: Mapping[str, int],
) -> deque[tuple[Region, int]]:
    """Return all moves of a compaction now; none if there is a place for the next program already.

    `events` are the memory events from now on.
    """
    wanted = next((_asks(event, asked, limits) for event in events if event.event in TAKES), 0)
    return deque(memory.moves() if wanted > memory.largest_hole else ())


def _slide(memory: VariablePartitions, region: Region | None) -> deque[tuple[Region, int]]:
    """Return the move of the program in `region`; none if there is no hole below it."""
    if region is None or region not in memory.allocated():
        return deque()
    base = memory.below(region)
    return deque() if base is None else deque([(region, base)])


def _placing(
    spec: MemorySpec, allocator: Allocator
) -> tuple[Callable[[int], Region | None], Callable[[Region], None]]:
    """Return two functions of the scheme: place a program of so many bytes, and free its place."""
    if spec.queues != "per-partition":
        return allocator.allocate, allocator.free
    assert isinstance(allocator, FixedPartitions)
    return lambda size: allocator.take(allocator.home(size), size), allocator.free
