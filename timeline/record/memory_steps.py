"""When the memory steps of the programs happened, computed from their running intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kernel.process.memory_steps import EXITCODES, Effect, effects
from kernel.process.program import CPU
from kernel.process.spec import ProcessSpec
from kernel.process.states import WHYS, State
from kernel.workload import Workload
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import PARTITION_EVENTS, MemoryEvent

_RUNNING = int(State.RUNNING)
_GOES_ON = frozenset({"expired", "preempted", "interrupted", "yielded"})
"""Why a running interval ends in the middle of a burst."""
BurstIntervals = list[tuple[int, int]]
"""The running intervals of one burst: start and end, ns."""


def with_memory_steps(
    workload: Workload,
    intervals: Intervals,
    facts: Sequence[ProcessFacts],
    events: Iterable[MemoryEvent],
) -> list[MemoryEvent]:
    """Return the events of partitions with those of memory steps inserted, by time.

    Memory steps at the time of a program's end come before the event that frees its partition.
    """
    events = list(events)
    with_steps = [spec for spec in workload.processes if spec.program.memory_steps]
    if not with_steps:
        return events
    bursts = _bursts(intervals, frozenset(spec.index for spec in with_steps))
    last: dict[str, list[MemoryEvent]] = {}  # by process, the events at the time of its end
    for spec in with_steps:
        fact = facts[spec.index]
        for event in _events(spec, fact, bursts[spec.index]):
            ends = event.at_ns == fact.completion
            (last.setdefault(spec.name, []) if ends else events).append(event)
    events.sort(key=lambda event: event.at_ns)
    return list(_at_their_bases(_before_freed(events, last)))


def _before_freed(
    events: Iterable[MemoryEvent], last: Mapping[str, list[MemoryEvent]]
) -> Iterator[MemoryEvent]:
    for event in events:
        if event.event == "freed":
            yield from last.get(event.process, ())
        yield event


def _at_their_bases(events: Iterable[MemoryEvent]) -> Iterator[MemoryEvent]:
    """Yield the events, with the addresses of memory steps made absolute.

    Before, the address of a memory step is relative to the base of the partition.
    """
    bases: dict[str, int] = {}
    for event in events:
        if event.event in PARTITION_EVENTS:
            bases[event.process] = event.base
            yield event
        else:
            yield event._replace(base=bases[event.process] + event.base)


def _bursts(intervals: Intervals, processes: frozenset[int]) -> Mapping[int, list[BurstIntervals]]:
    """Return the bursts of each of these processes, in order. The last one may be unfinished."""
    found: dict[int, list[BurstIntervals]] = {process: [[]] for process in processes}
    columns = intervals.process, intervals.state, intervals.start, intervals.end, intervals.why
    for process, state, start, end, why in zip(*columns, strict=True):
        if state == _RUNNING and process in processes:
            found[process][-1].append((start, end))
            if WHYS[why] not in _GOES_ON:
                found[process].append([])
    return found


def _events(
    spec: ProcessSpec, fact: ProcessFacts, bursts: Sequence[BurstIntervals]
) -> Iterator[MemoryEvent]:
    """Yield the memory steps of a process, with addresses relative to its base."""
    if fact.region is None:
        return
    limit = fact.region.size
    number_of = _burst_numbers(spec)
    for effect in effects(spec.program.memory_steps, spec.memory, limit):
        number = number_of[effect.memory_step.step]
        at = _time_of(bursts[number], effect) if number < len(bursts) else None
        if at is None:  # the run was stopped before this memory step
            return
        yield MemoryEvent(at, effect.event, spec.name, effect.address, effect.size)


def _burst_numbers(spec: ProcessSpec) -> dict[int, int]:
    """Return for each CPU step of the program the number of its burst, from 0."""
    bursts = (step for step, place in enumerate(spec.program.places) if place == CPU)
    return {step: number for number, step in enumerate(bursts)}


def _time_of(intervals: BurstIntervals, effect: Effect) -> int | None:
    """Return when (ns) the burst had received the CPU time at which the memory step happens.

    It is at most the end of the burst. A memory step that ends its program happens when its last
    burst ends. Return None if the burst has not begun.
    """
    if not intervals:
        return None
    left = effect.memory_step.offset
    if effect.event not in EXITCODES:
        for start, end in intervals:
            if start + left <= end:
                return start + left
            left -= end - start
    return intervals[-1][1]
