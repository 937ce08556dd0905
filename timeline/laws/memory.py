"""Laws of memory: which program holds which bytes when, and what it does in them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping

from kernel.process.memory_steps import EXITCODES
from kernel.process.states import State
from kernel.units import format_size
from timeline.record.run import LEAVES, PARTITION_EVENTS, TAKES, MemoryEvent, Run
from timeline.record.sorted_run import Breach, SortedRun, text_of


def partitions_apart(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield programs that hold the same byte at the same time, or are not within memory."""
    size = _memory_size(sorted_run.run)
    held: dict[str, MemoryEvent] = {}
    bases: list[tuple[int, str]] = []  # of the partitions held, sorted
    for event in sorted(sorted_run.run.memory_events, key=lambda event: event.at_ns):
        if event.event in TAKES and event.process in held:
            yield memory_breach(event, f"is {event.event}, but it has a partition already")
            continue
        if event.event in ("moved", *LEAVES):
            gone = held.pop(event.process, None)
            if (
                gone is None
                or gone.size != event.size
                or (event.event != "moved" and gone.base != event.base)
            ):
                yield memory_breach(event, f"is {event.event}, but was not held")
            if gone is not None:
                bases.remove((gone.base, gone.process))
        if event.event in ("moved", *TAKES):
            place = (event.base, event.process)
            at = bisect_left(bases, place)
            for _, other in bases[max(at - 1, 0) : at + 1]:
                if _overlap(held[other], event):
                    yield memory_breach(event, f"overlaps the partition of {other}")
            if event.base < 0 or (size is not None and event.base + event.size > size):
                yield memory_breach(event, "does not lie within memory")
            insort(bases, place)
            held[event.process] = event


def _overlap(one: MemoryEvent, other: MemoryEvent) -> bool:
    return one.base < other.base + other.size and other.base < one.base + one.size


def _memory_size(run: Run) -> int | None:
    memory = run.machine.get("memory")
    size = memory.get("size") if isinstance(memory, Mapping) else memory
    return None if size is None else int(size)


def memory_breach(event: MemoryEvent, what: str) -> Breach:
    """Return the breach of a memory event. `what` says what is wrong with the event."""
    where = f"{format_size(event.size)} at {event.base}"
    text = f"the partition of {event.process} ({where}) {what}, at {text_of(event.at_ns)}"
    return text, event.at_ns, event.process, None


def program_fits(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield programs whose partition is smaller than what they requested."""
    for row in sorted_run.run.processes:
        if row.memory is not None and row.memory.requested > row.memory.size:
            text = f"{row.name} needs {format_size(row.memory.requested)}"
            text = f"{text}, but lies in a partition of {format_size(row.memory.size)}"
            yield text, row.admitted_ns or 0, row.name, None


def kept_in_its_partition(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield memory steps that succeed outside the partition, or fail and do not end the program.

    A fault within the partition is yielded, too.
    """
    rows = {row.name: row for row in sorted_run.run.processes if row.memory}
    bases: dict[str, int] = {}  # of the partition of each program, in bytes
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
            # a signal may kill the program while it exits with the code of the failed step
            killed = sorted_run.has_lifecycle and wanted > 0 > (row.exitcode or 0)
            if row.completion_ns is not None and row.exitcode != wanted and not killed:
                text = f"{what}, but ends with exit code {row.exitcode} and not {wanted}"
                yield text, event.at_ns, event.process, None
        elif not inside:
            yield f"{what} outside its partition", event.at_ns, event.process, None
        if event.event == "fault" and inside:
            yield f"{what} within its partition", event.at_ns, event.process, None


def runs_in_memory(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield programs that run or are ready while they are swapped out."""
    out: dict[str, int] = {}  # since when (ns) each program is swapped out
    absent: dict[str, list[tuple[int, int]]] = {}
    for event in sorted_run.run.memory_events:
        if event.event == "swapped-out":
            out[event.process] = event.at_ns
        elif event.event in ("swapped-in", "withdrawn") and event.process in out:
            since = out.pop(event.process)
            absent.setdefault(event.process, []).append((since, event.at_ns))
    for name, since in out.items():
        absent.setdefault(name, []).append((since, sorted_run.run.makespan_ns))
    for row, track in sorted_run.rows_with_tracks:
        for since, until in absent.get(row.name, ()):
            for each in track:
                absent_or_dead = each.state in (State.SUSPENDED, State.ZOMBIE)
                if not absent_or_dead and each.start < until and since < each.end:
                    state = State(each.state).name.lower()
                    text = f"{row.name} is {state} at {text_of(max(each.start, since))}"
                    yield f"{text}, while it is swapped out", each.start, row.name, each.core
