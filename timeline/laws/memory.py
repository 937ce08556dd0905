"""Laws of memory: who holds which bytes when, and who is let in before whom."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import attrgetter

from kernel.errors import InvariantError
from kernel.hardware import MemorySpec, Region
from kernel.memory import Allocator, FixedPartitions, VariablePartitions, make_allocator
from kernel.process.memory_steps import EXITCODES
from kernel.process.states import State
from kernel.units import LARGEST, format_size
from timeline.memory.admission_queue import BoundedAdmission, admission_queue_of
from timeline.memory.free_space import free_space_of, memory_spec
from timeline.memory.occupancy import requests
from timeline.record.run import LEAVES, PARTITION_EVENTS, TAKES, MemoryEvent, Run
from timeline.record.sorted_run import Breach, SortedRun, text_of


def first_come_first_admitted(sorted_run: SortedRun) -> Iterator[Breach]:
    """Under fifo admission nobody enters memory before one who arrived earlier and waits for it."""
    memory = sorted_run.run.machine.get("memory")
    if not isinstance(memory, Mapping) or memory.get("admission") != "fifo":
        return
    tenants = {event.process for event in sorted_run.run.memory_events}
    tenants -= {row.name for row in sorted_run.run.processes if row.admitted_ns is None} & {
        event.process for event in sorted_run.run.memory_events if event.event == "withdrawn"
    }
    rows = [row for row in sorted_run.run.processes if row.name in tenants]
    asked: dict[str, int] = {}  # at one instant: in which order, where some are started by others
    for number, event in enumerate(sorted_run.run.memory_events if sorted_run.living else ()):
        asked.setdefault(event.process, number)
    rows.sort(key=lambda row: (row.arrival_ns, asked.get(row.name, 0)))  # stable: file order
    for before, row in pairwise(rows):
        late = before.admitted_ns is None or before.admitted_ns > (row.admitted_ns or 0)
        if row.admitted_ns is not None and late:
            text = f"{row.name} is admitted at {text_of(row.admitted_ns)}, before"
            text = f"{text} {before.name}, which arrived first ({text_of(before.admitted_ns)})"
            yield text, row.admitted_ns, row.name, None


def partitions_apart(sorted_run: SortedRun) -> Iterator[Breach]:
    """No two programs hold the same byte at the same time, and all of them lie within memory."""
    size = _memory_size(sorted_run.run)
    held: dict[str, MemoryEvent] = {}
    bases: list[tuple[int, str]] = []  # of those held, sorted
    for event in sorted(sorted_run.run.memory_events, key=lambda event: event.at_ns):
        if event.event in TAKES and event.process in held:
            yield _memory_breach(event, f"is {event.event}, but it has a partition already")
            continue
        if event.event in ("moved", *LEAVES):
            gone = held.pop(event.process, None)
            if (
                gone is None
                or gone.size != event.size
                or (event.event != "moved" and gone.base != event.base)
            ):
                yield _memory_breach(event, f"is {event.event}, but was not held")
            if gone is not None:
                bases.remove((gone.base, gone.process))
        if event.event in ("moved", *TAKES):
            place = (event.base, event.process)
            at = bisect_left(bases, place)
            for _, other in bases[max(at - 1, 0) : at + 1]:
                if _overlap(held[other], event):
                    yield _memory_breach(event, f"overlaps the partition of {other}")
            if event.base < 0 or (size is not None and event.base + event.size > size):
                yield _memory_breach(event, "does not lie within memory")
            insort(bases, place)
            held[event.process] = event


def _overlap(one: MemoryEvent, other: MemoryEvent) -> bool:
    return one.base < other.base + other.size and other.base < one.base + one.size


def _memory_size(run: Run) -> int | None:
    memory = run.machine.get("memory")
    size = memory.get("size") if isinstance(memory, Mapping) else memory
    return None if size is None else int(size)


def _memory_breach(event: MemoryEvent, what: str) -> Breach:
    where = f"{format_size(event.size)} at {event.base}"
    text = f"the partition of {event.process} ({where}) {what}, at {text_of(event.at_ns)}"
    return text, event.at_ns, event.process, None


def program_fits(sorted_run: SortedRun) -> Iterator[Breach]:
    """A program's partition is at least as large as what it requested."""
    for row in sorted_run.run.processes:
        if row.memory is not None and row.memory.requested > row.memory.size:
            text = f"{row.name} needs {format_size(row.memory.requested)}"
            text = f"{text}, but lies in a partition of {format_size(row.memory.size)}"
            yield text, row.admitted_ns or 0, row.name, None


def kept_in_its_partition(sorted_run: SortedRun) -> Iterator[Breach]:
    """Memory steps that succeed lie within the partition, and those that do not end the program."""
    rows = {row.name: row for row in sorted_run.run.processes if row.memory}
    bases: dict[str, int] = {}  # where each lies
    for event in sorted_run.run.memory_events:
        if event.event in ("moved", *TAKES):
            bases[event.process] = event.base
        row = rows.get(event.process)
        if row is None or row.memory is None or event.event in PARTITION_EVENTS:
            continue
        start = event.base - bases.get(event.process, row.memory.base)
        inside = start >= 0 and start + event.size <= row.memory.size
        what = f"{event.process} does its {event.event} at {text_of(event.at_ns)}"
        if event.event in EXITCODES:
            wanted = EXITCODES[event.event]
            killed = sorted_run.living and wanted > 0 > (row.exitcode or 0)  # at its exit
            if row.completion_ns is not None and row.exitcode != wanted and not killed:
                text = f"{what}, but ends with exit code {row.exitcode} and not {wanted}"
                yield text, event.at_ns, event.process, None
        elif not inside:
            yield f"{what} outside its partition", event.at_ns, event.process, None
        if event.event == "fault" and inside:
            yield f"{what} within its partition", event.at_ns, event.process, None


def placed_by_the_scheme(sorted_run: SortedRun) -> Iterator[Breach]:
    """Every program lies where its scheme puts it, given who came and went before it.

    It is moved where compaction slides it, and memory is compacted only for a program that finds
    no place: all the moves, and then its placement. (If moves take time, others end meanwhile, and
    each slides down as far as it can then.)
    """
    spec = memory_spec(sorted_run.run.machine.get("memory"))
    if spec is None:
        return
    asked, limits = requests(sorted_run.run), _limits(sorted_run.run)
    allocator = make_allocator(spec)
    place, free = _placing(spec, allocator)
    compacted = None
    if isinstance(allocator, VariablePartitions) and spec.compaction == "when-needed":
        compacted = allocator
    moves: deque[tuple[Region, int]] = deque()  # that are left of a compaction
    lies: dict[str, Region] = {}
    for number, event in enumerate(sorted_run.run.memory_events):
        where = Region(event.base, event.size)
        if event.event == "moved":
            if compacted and sorted_run.moving_costs:
                moves = _slide(compacted, lies.get(event.process))
            elif compacted and not moves:
                moves = _compaction(compacted, sorted_run.run.memory_events[number:], asked, limits)
            if not compacted or not moves or where != (moves[0][1], moves[0][0].size):
                yield _memory_breach(event, "is moved, which compaction does not do now")
                return
            compacted.move(*moves.popleft())
        elif event.event in TAKES and event.process in asked:
            wants = _asks(event, asked, limits)
            region = None if moves or wants > allocator.largest_program else place(wants)
            if region != where:
                wanted = "nowhere" if region is None else f"at {region.base}"
                yield _memory_breach(event, f"belongs {wanted} by the rules of the scheme")
                return  # all that follows is another layout
        elif event.event in LEAVES:
            try:
                free(where)
            except InvariantError:
                return  # told by `partitions_apart`
        lies[event.process] = where


def _limits(run: Run) -> dict[str, int]:
    """The sizes of the partitions that programs were given first, bytes."""
    return {row.name: row.memory.size for row in run.processes if row.memory}


def _asks(event: MemoryEvent, asked: Mapping[str, int], limits: Mapping[str, int]) -> int:
    """How many bytes it asked for: who comes back, for as many as it had."""
    return (asked if event.event == "placed" else limits).get(event.process, 0)


def _compaction(
    memory: VariablePartitions,
    events: Sequence[MemoryEvent],
    asked: Mapping[str, int],
    limits: Mapping[str, int],
) -> deque[tuple[Region, int]]:
    """All moves of a compaction now; none if the next program to be placed has a place already."""
    wanted = next((_asks(event, asked, limits) for event in events if event.event in TAKES), 0)
    return deque(memory.moves() if wanted > memory.largest_hole else ())


def _slide(memory: VariablePartitions, region: Region | None) -> deque[tuple[Region, int]]:
    """The move of one that lies there, if it is allocated and there is a hole below it."""
    if region is None or region not in memory.allocated():
        return deque()
    base = memory.below(region)
    return deque() if base is None else deque([(region, base)])


def _placing(
    spec: MemorySpec, allocator: Allocator
) -> tuple[Callable[[int], Region | None], Callable[[Region], None]]:
    """How a scheme gives a place to a program of so many bytes, and takes it back."""
    if spec.queues != "per-partition":
        return allocator.allocate, allocator.free
    assert isinstance(allocator, FixedPartitions)
    return lambda size: allocator.take(allocator.home(size), size), allocator.free


def who_waits_has_no_place(sorted_run: SortedRun) -> Iterator[Breach]:
    """Whoever is left waiting after an instant fits nowhere, or may not pass who fits nowhere.

    Where memory is compacted when needed: nor would it fit after that. Where the number of programs
    is limited, who may not be let in yet stands behind those who may.
    """
    memory = sorted_run.run.machine.get("memory") or {}
    free_space = free_space_of(memory)
    if free_space is None:
        return
    queue = BoundedAdmission(admission_queue_of(memory, free_space), memory.get("max_resident"))
    asked, limits = requests(sorted_run.run), _limits(sorted_run.run)
    for at, events in groupby(sorted_run.run.memory_events, key=attrgetter("at_ns")):
        for event in events:
            # who never got a place: nobody knows how much it asked for, and it blocks the others
            size = asked.get(event.process, LARGEST)
            queue.see(event, size, limits.get(event.process, LARGEST))
            free_space.see(event)
        name = queue.queue.neglected()
        if name is not None and not _is_rearranged(sorted_run, at):
            text = f"{name} ({format_size(asked[name])}) waits for memory at {text_of(at)}"
            yield f"{text}, though there is a place for it", at, name, None


def degree_within_its_bound(sorted_run: SortedRun) -> Iterator[Breach]:
    """No more programs have been let in, and have not ended, than `max_resident` says."""
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


def runs_in_memory(sorted_run: SortedRun) -> Iterator[Breach]:
    """A program that has been swapped out neither runs nor is ready until it is back."""
    out: dict[str, int] = {}  # since when
    absent: dict[str, list[tuple[int, int]]] = {}
    for event in sorted_run.run.memory_events:
        if event.event == "swapped-out":
            out[event.process] = event.at_ns
        elif event.event in ("swapped-in", "withdrawn") and event.process in out:
            since = out.pop(event.process)
            absent.setdefault(event.process, []).append((since, event.at_ns))
    for name, since in out.items():
        absent.setdefault(name, []).append((since, sorted_run.run.makespan_ns))
    for row, track in sorted_run.lives:
        for since, until in absent.get(row.name, ()):
            for each in track:
                absent_or_dead = each.state in (State.SUSPENDED, State.ZOMBIE)
                if not absent_or_dead and each.start < until and since < each.end:
                    state = State(each.state).name.lower()
                    text = f"{row.name} is {state} at {text_of(max(each.start, since))}"
                    yield f"{text}, while it is swapped out", each.start, row.name, each.core


def _is_rearranged(sorted_run: SortedRun, at: int) -> bool:
    """Is somebody moved, and that takes time, or swapped where memory is compacted?

    Then nobody is placed where there is no hole yet, or none at all.
    """
    memory = sorted_run.run.machine.get("memory") or {}
    swaps = "swap" in memory and memory.get("compaction") == "when-needed"
    if not sorted_run.moving_costs and not swaps:
        return False
    costs = sorted_run.run.machine["costs"]
    switch = sum(ns for name, ns in costs.items() if name != "copy_per_mib")  # waited for
    return any(
        row.state == State.SUSPENDED and row.start - switch <= at < row.end
        for track in sorted_run.tracks
        for row in track
    )
