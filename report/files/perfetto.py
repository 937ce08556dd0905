"""Runs as one Chrome trace, which https://ui.perfetto.dev and chrome://tracing can open.

Each run is a process of the trace. It has a track for each core and each program, counters, and an
instant for each event that takes no time. Times are µs with three decimals, so they are exact to
the ns. The rules of the format (tests/report/files/chrome_trace.py checks them):
https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from kernel.files.writing import save
from kernel.process.states import READY, RUNNING, State
from report.base.chart import NO_PROCESS, Chart, Span
from report.sections.run_titles import titles
from timeline.files.tables import labels
from timeline.memory.occupancy import memory_states
from timeline.record.run import Run
from translation import in_english

TraceEvent = dict[str, Any]
"""One entry of `traceEvents`. `ts` and `dur` are ns here, and µs in the file."""

CORES, KERNEL, PROGRAMS = 1_000_000, 2_000_000, 3_000_000
"""The first track number of each kind; to the tracks of run n, n times ROOM is added."""
ROOM = 10_000_000
SCOPE = {"s": "t"}  # an instant is drawn on its own track only


def save_trace(runs: Sequence[Run], path: Path) -> None:
    """Write the trace to a file. Raises UsageError if it cannot be written."""
    save(path, lambda stream: write_trace(runs, stream))


def write_trace(runs: Sequence[Run], stream: TextIO) -> None:
    """Write all runs on one time axis; each run starts at 0."""
    with in_english():
        names = titles(*runs) if len(runs) == 2 else labels(runs)
    stream.write('{"traceEvents":[')
    separator = "\n"
    for number, (run, name) in enumerate(zip(runs, names, strict=True), start=1):
        for event in _events(run, number, name):
            stream.write(separator + _line(event))
            separator = ",\n"
    stream.write('\n],"displayTimeUnit":"ns","otherData":')
    scenario = {key: str(runs[0].scenario.get(key, "")) for key in ("title", "file", "sha256")}
    stream.write(json.dumps(scenario) + "}\n")


def _line(event: TraceEvent) -> str:
    """Return an entry as JSON; its times in µs are exact decimals."""
    times = {key: event.pop(key) for key in ("ts", "dur") if key in event}
    written = "".join(f',"{key}":{ns // 1000}.{ns % 1000:03d}' for key, ns in times.items())
    return json.dumps(event, separators=(",", ":"), default=str)[:-1] + written + "}"


def _events(run: Run, pid: int, name: str) -> Iterator[TraceEvent]:
    chart = Chart(run)
    kernel = _kernel_slices(run)
    yield from _names(run, pid, name, sorted(kernel))
    for core, spans in enumerate(_by_lane(chart.core_spans(), len(run.cores))):
        yield from _slices(pid, _core_track(pid, core), [_core_slice(span, run) for span in spans])
    for index, spans in enumerate(_by_lane(chart.state_spans(), len(run.processes))):
        track = _program_track(pid, index)
        yield from _slices(pid, track, [_state_slice(span, run) for span in spans])
    for core, slices in kernel.items():
        yield from _slices(pid, _kernel_track(pid, core), slices)
    yield from _counters(run, pid)
    yield from _instants(chart, pid)


def _by_lane(spans: Iterable[Span], lanes: int) -> list[list[Span]]:
    """Return the spans of each lane, sorted by start and then by end."""
    found: list[list[Span]] = [[] for _ in range(lanes)]
    for span in spans:
        if 0 <= span.lane < lanes:
            found[span.lane].append(span)
    for each in found:
        each.sort(key=attrgetter("start", "end"))
    return found


class TraceSlice(NamedTuple):
    """A slice of one track: its times in ns, name, category, and further facts in `args`."""

    start: int
    end: int
    name: str
    category: str
    args: dict[str, Any]


def _core_slice(span: Span, run: Run) -> TraceSlice:
    """Return the slice of a core's track: the process that ran, or an overhead."""
    if span.process == NO_PROCESS:
        return TraceSlice(span.start, span.end, span.why, "overhead", {})
    name, args = run.process_names[span.process], {"why it ended": span.why}
    return TraceSlice(span.start, span.end, name, "running", args)


def _state_slice(span: Span, run: Run) -> TraceSlice:
    """Return the slice of a program's track: the state, with the core or the device."""
    args: dict[str, Any] = {"why it ended": span.why}
    if span.core >= 0:
        args["core"] = span.core
    if span.device >= 0:
        args["device"] = run.device_names[span.device]
    return TraceSlice(span.start, span.end, State(span.state).name.lower(), "state", args)


def _kernel_slices(run: Run) -> dict[int, list[TraceSlice]]:
    """Return for each core the running intervals between `sched_switch` events of the kernel."""
    columns = (run.machine.get("kernel_trace") or {}).get("intervals")
    found: dict[int, list[TraceSlice]] = {}
    if columns is None:
        return found
    rows = zip(*(columns[key] for key in ("start_ns", "end_ns", "process", "core")), strict=True)
    for start, end, process, core in sorted(rows):
        each = TraceSlice(start, end, run.process_names[process], "sched_switch", {})
        found.setdefault(core, []).append(each)
    return found


def _kernel_track(pid: int, core: int) -> int:
    return pid * ROOM + KERNEL + core


def _core_track(pid: int, core: int) -> int:
    return pid * ROOM + CORES + core


def _program_track(pid: int, index: int) -> int:
    return pid * ROOM + PROGRAMS + index


def _names(run: Run, pid: int, name: str, traced: Sequence[int]) -> Iterator[TraceEvent]:
    def tell(what: str, tid: int, **args: object) -> TraceEvent:
        return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": args}

    first = _core_track(pid, 0)
    yield tell("process_name", first, name=f"{name.upper()} ({run.scheduler.get('policy')})")
    yield tell("process_sort_index", first, sort_index=pid)
    tids = [(_core_track(pid, core.core), f"core {core.core}") for core in run.cores]
    tids += [(_kernel_track(pid, core), f"core {core}, kernel's trace") for core in traced]
    tids += [(_program_track(pid, index), row.name) for index, row in enumerate(run.processes)]
    for tid, track in tids:
        yield tell("thread_name", tid, name=track)
        yield tell("thread_sort_index", tid, sort_index=tid)


def _slices(pid: int, tid: int, slices: Sequence[TraceSlice]) -> Iterator[TraceEvent]:
    """Yield the slices of one track. Slices must not overlap there, so the earlier one is cut.

    In a record, two real workers may seem to run at the same time, for less than they can measure.
    """
    for each, following in zip_longest(slices, slices[1:]):
        end = each.end if following is None else min(each.end, following.start)
        if end > each.start:
            yield {
                "ph": "X",
                "name": each.name,
                "cat": each.category,
                "pid": pid,
                "tid": tid,
                "ts": each.start,
                "dur": end - each.start,
                "args": each.args,
            }


def _counters(run: Run, pid: int) -> Iterator[TraceEvent]:
    """Yield the numbers of ready and of running processes, and memory if it is modelled."""
    track = _core_track(pid, 0)

    def count(name: str, at: int, **values: int) -> TraceEvent:
        return {"ph": "C", "name": name, "pid": pid, "tid": track, "ts": at, "args": values}

    columns = run.intervals
    for name, state in (("ready queue", READY), ("busy cores", RUNNING)):
        changes: dict[int, int] = {0: 0}
        for its, start, end in zip(columns.state, columns.start, columns.end, strict=True):
            if its == state:
                changes[start] = changes.get(start, 0) + 1
                changes[end] = changes.get(end, 0) - 1
        for at, now in _sums(changes):
            yield count(name, at, processes=now)
    for memory in memory_states(run):
        yield count("programs in memory", memory.at_ns, programs=memory.programs)
        yield count("waiting for memory", memory.at_ns, programs=memory.waiting)
        unused = memory.allocated - memory.requested
        yield count("memory", memory.at_ns, used=memory.requested, unused=unused, free=memory.free)


def _sums(changes: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield (ns, sum from then on) at each change of the sum."""
    total, told = 0, -1
    for at, change in sorted(changes.items()):
        total += change
        if total != told:
            yield at, total
            told = total


def _instants(chart: Chart, pid: int) -> Iterator[TraceEvent]:
    """Yield each event that takes no time, on the track of its program or its core."""
    run = chart.run
    track = {name: _program_track(pid, index) for index, name in enumerate(run.process_names)}

    def instant(name: str, kind: str, tid: int, at: int, args: object) -> TraceEvent:
        event: TraceEvent = {"ph": "i", "name": name, "cat": kind, "pid": pid, "tid": tid, "ts": at}
        return {**event, **SCOPE, "args": args}

    for memory in run.memory_events:
        where = {"base": memory.base, "size": memory.size} if memory.base >= 0 else {}
        yield instant(memory.event, "memory", track[memory.process], memory.at_ns, where)
    for life in run.lifecycle:
        yield instant(life.event, "life", track[life.process], life.at_ns, {"by": life.by})
    for process, at in chart.missed():
        yield instant("missed a deadline", "deadline", _program_track(pid, process), at, {})
    for each in run.observations:
        said = each.value if isinstance(each.value, dict) else {"value": each.value}
        yield instant(
            each.name, "observation", track.get(each.process, _core_track(pid, 0)), each.at_ns, said
        )
    for decision in run.decisions or ():
        ready = [f"{name} {_keys(keys)}".rstrip() for name, keys in decision.ready]
        why = {"rule": decision.rule, "ready": "; ".join(ready)}
        words = f"{decision.event} {decision.process}"
        yield instant(words, "decision", _core_track(pid, decision.core), decision.at_ns, why)


def _keys(keys: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in keys.items())
