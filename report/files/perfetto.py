"""Runs as one Chrome trace: https://ui.perfetto.dev and chrome://tracing open it.

Each run is a process of the trace, with a track for each core and for each program, counters, and
instants for what takes no time. Times are µs with three decimals, so no nanosecond is lost. The
rules of the format (tests/report/files/chrome_trace.py checks them):
https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

from kernel.files.writing import save
from kernel.process.states import READY, RUNNING, State
from report.sections.run_titles import titles
from timeline.files.tables import labels
from timeline.memory.occupancy import moments
from timeline.record.intervals import Interval
from timeline.record.jobs import missed_deadlines
from timeline.record.run import Run
from timeline.record.tracks import by_core, by_process

Event = dict[str, Any]
"""One entry of `traceEvents`. `ts` and `dur` are ns here, and µs in the file."""

CORES, KERNEL, PROGRAMS = 1_000_000, 2_000_000, 3_000_000
"""Where the numbers of the tracks begin, plus ROOM for each run: all tracks of a trace differ."""
ROOM = 10_000_000
Piece = tuple[int, int, str, str, dict[str, Any]]
"""Of one track: start and end (ns), name, category, and what else is known of it."""
SCOPE = {"s": "t"}  # an instant belongs to its track alone


def save_trace(runs: Sequence[Run], path: Path) -> None:
    """Write the trace to a file. Raises UsageError if that cannot be."""
    save(path, lambda stream: write_trace(runs, stream))


def write_trace(runs: Sequence[Run], stream: TextIO) -> None:
    """All runs on one time axis, from the start of each."""
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


def _line(event: Event) -> str:
    """JSON, its times as exact decimals."""
    times = {key: event.pop(key) for key in ("ts", "dur") if key in event}
    written = "".join(f',"{key}":{ns // 1000}.{ns % 1000:03d}' for key, ns in times.items())
    return json.dumps(event, separators=(",", ":"), default=str)[:-1] + written + "}"


def _events(run: Run, pid: int, name: str) -> Iterator[Event]:
    tracks = by_process(run)
    yield from _names(run, pid, name)
    for core, lane in enumerate(by_core(tracks, len(run.cores))):
        yield from _core(run, pid, core, lane)
    for index, track in enumerate(tracks):
        yield from _program(run, pid, index, track)
    for core, pieces in _kernels_view(run).items():
        yield from _slices(pid, _kernel_track(pid, core), pieces)
    yield from _counters(run, pid)
    yield from _instants(run, pid)


def _kernels_view(run: Run) -> dict[int, list[Piece]]:
    """Who ran on each core between two `sched_switch` records, where the kernel was traced."""
    columns = (run.machine.get("kernel_trace") or {}).get("intervals")
    found: dict[int, list[Piece]] = {}
    if columns is None:
        return found
    rows = zip(*(columns[key] for key in ("start_ns", "end_ns", "process", "core")), strict=True)
    for start, end, process, core in sorted(rows):
        piece: Piece = (start, end, run.process_names[process], "sched_switch", {})
        found.setdefault(core, []).append(piece)
    return found


def _kernel_track(pid: int, core: int) -> int:
    return pid * ROOM + KERNEL + core


def _core_track(pid: int, core: int) -> int:
    return pid * ROOM + CORES + core


def _program_track(pid: int, index: int) -> int:
    return pid * ROOM + PROGRAMS + index


def _names(run: Run, pid: int, name: str) -> Iterator[Event]:
    def tell(what: str, tid: int, **args: object) -> Event:
        return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": args}

    first = _core_track(pid, 0)
    yield tell("process_name", first, name=f"{name.upper()} ({run.scheduler.get('policy')})")
    yield tell("process_sort_index", first, sort_index=pid)
    tids = [(_core_track(pid, core.core), f"core {core.core}") for core in run.cores]
    seen = sorted(_kernels_view(run))
    tids += [(_kernel_track(pid, core), f"core {core}, kernel's trace") for core in seen]
    tids += [(_program_track(pid, index), row.name) for index, row in enumerate(run.processes)]
    for tid, track in tids:
        yield tell("thread_name", tid, name=track)
        yield tell("thread_sort_index", tid, sort_index=tid)


def _core(run: Run, pid: int, core: int, lane: Sequence[Interval]) -> Iterator[Event]:
    """Who ran, and when the core was nobody's."""
    names = run.process_names
    ran: list[Piece] = [
        (row.start, row.end, names[row.process], "running", {"why it ended": row.why})
        for row in lane
    ]
    lost: list[Piece] = [
        (each.start_ns, each.end_ns, each.why, "overhead", {})
        for each in run.overheads
        if each.core == core
    ]
    yield from _slices(
        pid, _core_track(pid, core), sorted([*ran, *lost], key=lambda piece: piece[:2])
    )


def _program(run: Run, pid: int, index: int, track: Sequence[Interval]) -> Iterator[Event]:
    """Its states, one after the other."""
    devices = [*run.device_names, ""]
    pieces: list[Piece] = []
    for row in track:
        args: dict[str, Any] = {"why it ended": row.why}
        if row.core >= 0:
            args["core"] = row.core
        if row.device >= 0:
            args["device"] = devices[row.device]
        pieces.append((row.start, row.end, State(row.state).name.lower(), "state", args))
    yield from _slices(pid, _program_track(pid, index), pieces)


def _slices(pid: int, tid: int, pieces: Sequence[Piece]) -> Iterator[Event]:
    """Pieces of one track by start. A track takes no overlap: the earlier piece gives way.

    Where two real workers saw themselves run at the same time it is by less than they can see.
    """
    for piece, following in pairwise([*pieces, None]):
        assert piece is not None
        start, end, name, kind, args = piece
        if following is not None:
            end = min(end, following[0])
        if end > start:
            yield {
                "ph": "X",
                "name": name,
                "cat": kind,
                "pid": pid,
                "tid": tid,
                "ts": start,
                "dur": end - start,
                "args": args,
            }


def _counters(run: Run, pid: int) -> Iterator[Event]:
    """How many were ready and running; memory where it is modelled."""
    track = _core_track(pid, 0)

    def count(name: str, at: int, **values: int) -> Event:
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
    for moment in moments(run):
        yield count("programs in memory", moment.at_ns, programs=moment.programs)
        yield count("waiting for memory", moment.at_ns, programs=moment.waiting)
        unused = moment.allocated - moment.requested
        yield count("memory", moment.at_ns, used=moment.requested, unused=unused, free=moment.free)


def _sums(changes: dict[int, int]) -> Iterator[tuple[int, int]]:
    """(ns, sum from then on), wherever the sum changes."""
    total, told = 0, -1
    for at, change in sorted(changes.items()):
        total += change
        if total != told:
            yield at, total
            told = total


def _instants(run: Run, pid: int) -> Iterator[Event]:
    """What takes no time, on the track of the program or the core that it happened to."""
    track = {name: _program_track(pid, index) for index, name in enumerate(run.process_names)}

    def instant(name: str, kind: str, tid: int, at: int, args: object) -> Event:
        event: Event = {"ph": "i", "name": name, "cat": kind, "pid": pid, "tid": tid, "ts": at}
        return {**event, **SCOPE, "args": args}

    for memory in run.memory_events:
        where = {"base": memory.base, "size": memory.size} if memory.base >= 0 else {}
        yield instant(memory.event, "memory", track[memory.process], memory.at_ns, where)
    for life in run.life:
        yield instant(life.event, "life", track[life.process], life.at_ns, {"by": life.by})
    for row in run.processes:
        for at in missed_deadlines(row, run):
            yield instant("missed a deadline", "deadline", track[row.name], at, {})
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
