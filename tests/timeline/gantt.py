"""Small runs for tests, drawn as text: a line for each process, a character for each millisecond.

    A 0001110     runs 3 ms on core 0, then on core 1, then on core 0
    B ..00--0     is ready for 2 ms, runs, waits for I/O, runs
    C   ww.0      arrives at 2 ms, waits for memory, is ready, runs
    D 00x00       (real) a program outside the run has its core for a millisecond

The reason why an interval ends is found from the next interval, and the metrics from all intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

from kernel.process.states import BLOCKED, NEW, READY, RUNNING, State
from kernel.units import ms
from timeline.record.intervals import Interval, Intervals
from timeline.record.metrics import mean
from timeline.record.run import (
    REAL,
    SIMULATED,
    Allocation,
    Averages,
    CoreRow,
    MemoryEvent,
    Overhead,
    Run,
)
from timeline.record.run import ProcessRow as Row

_STATES = {".": READY, "x": READY, "-": BLOCKED, "w": NEW}


def gantt(
    text: str,
    *,
    backend: str = SIMULATED,
    unit: int = ms(1),
    machine: Mapping[str, Any] | None = None,
    scheduler: Mapping[str, Any] | None = None,
    overheads: Sequence[Overhead] = (),
    stopped: str | None = None,
) -> Run:
    """Return the run that `text` draws. Each character is `unit` ns."""
    lines = [line.strip() for line in text.strip("\n").splitlines() if line.strip()]
    names = [line.split(maxsplit=1)[0] for line in lines]
    tracks = [_track(i, line[line.index(" ") + 1 :], unit, stopped) for i, line in enumerate(lines)]
    defaults = {
        "cores": 1 + max((max(0, row.core) for track in tracks for row in track), default=0)
    }
    return make(
        names,
        [row for track in tracks for row in track],
        backend=backend,
        machine={**defaults, "devices": {"disk": {"units": 1}}, "memory": None, **(machine or {})},
        scheduler={"policy": "rr", "quantum": 3 * unit, **(scheduler or {})},
        overheads=overheads,
        stopped=stopped,
    )


def _track(process: int, line: str, unit: int, stopped: str | None) -> list[Interval]:
    cells = [(cell, len(list(group))) for cell, group in groupby(line.rstrip())]
    rows, at = [], 0
    for i, (cell, length) in enumerate(cells):
        following = cells[i + 1][0] if i + 1 < len(cells) else ""
        end = at + length * unit
        if cell != " ":
            state = _STATES.get(cell, RUNNING)
            core = int(cell) if state is RUNNING else -1
            ended = why(cell, following, stopped)
            rows.append(Interval(process, state, at, end, core, -1, ended))
        at = end
    return rows


def why(cell: str, following: str, stopped: str | None = None) -> str:
    """Return why the interval of `cell` ends if that of `following` comes next."""
    if not following:
        return "stopped" if stopped else "ended"
    if cell in ".x":
        return "dispatched" if cell == "." else "resumed"
    if cell in "-w":
        return "woke" if cell == "-" else "admitted"
    return {"-": "blocked", "x": "interrupted"}.get(following, "expired")


def make(
    names: Sequence[str],
    rows: Iterable[Interval],
    *,
    backend: str = SIMULATED,
    machine: Mapping[str, Any],
    scheduler: Mapping[str, Any],
    overheads: Sequence[Overhead] = (),
    memory_events: Sequence[MemoryEvent] = (),
    stopped: str | None = None,
) -> Run:
    """Return a run of these rows, with metrics computed from them."""
    intervals = Intervals()
    tracks: list[list[Interval]] = [[] for _ in names]
    for row in sorted(rows, key=lambda row: (row.end, row.start)):
        intervals.add(row)
        tracks[row.process].append(row)
    processes = [_process(name, track) for name, track in zip(names, tracks, strict=True)]
    makespan = max(intervals.end, default=0)
    done = [row for row in processes if row.completion_ns is not None]
    busy = sum(row.end - row.start for row in intervals if row.state == RUNNING)
    return Run(
        backend=backend,
        scenario={"title": "t", "file": "t.yaml", "sha256": "5e", "seed": 7, "overrides": []},
        scheduler=scheduler,
        machine=machine,
        makespan_ns=makespan,
        cores=_cores(intervals, int(machine["cores"]), makespan, overheads),
        processes=processes,
        averages=Averages(
            turnaround_ns=mean(row.turnaround_ns for row in processes),
            response_ns=mean(row.response_ns for row in processes),
            waiting_ns=mean(row.waiting_ns for row in processes),
            throughput_per_s=len(done) * 1e9 / makespan if makespan else 0.0,
            cpu_utilization=busy / (makespan * int(machine["cores"])) if makespan else 0.0,
        ),
        intervals=intervals,
        overheads=list(overheads),
        memory_events=list(memory_events),
        stopped=stopped,
    )


def _process(name: str, track: Sequence[Interval]) -> Row:
    spent = {state: sum(r.end - r.start for r in track if r.state == state) for state in State}
    runs = [row for row in track if row.state == RUNNING]
    arrival = track[0].start
    admitted = next((row.start for row in track if row.state != NEW), None)
    completion = None if track[-1].why == "stopped" else track[-1].end
    first_run = runs[0].start if runs else None
    slices = [row for i, row in enumerate(runs) if not i or runs[i - 1].why != "interrupted"]
    return Row(
        name=name,
        pid=None,
        parent=None,
        arrival_ns=arrival,
        admitted_ns=admitted,
        first_run_ns=first_run,
        completion_ns=completion,
        turnaround_ns=None if completion is None else completion - arrival,
        response_ns=None if first_run is None else first_run - arrival,
        waiting_ns=spent[READY],
        blocked_ns=spent[BLOCKED],
        cpu_ns=spent[RUNNING],
        demand_ns=spent[RUNNING],
        slices=len(slices),
        preemptions=sum(row.why in ("expired", "preempted") for row in runs),
        migrations=sum(a.core != b.core for a, b in pairwise(slices)),
        exitcode=None,
    )


def _cores(
    intervals: Intervals, cores: int, makespan: int, overheads: Sequence[Overhead]
) -> list[CoreRow]:
    rows = [CoreRow(core) for core in range(cores)]
    for row in intervals:
        if row.state == RUNNING:
            rows[row.core].busy_ns += row.end - row.start
    for overhead in overheads:
        rows[overhead.core].overhead_ns += overhead.end_ns - overhead.start_ns
    for core in rows:
        core.idle_ns = makespan - core.busy_ns - core.overhead_ns
    return rows


def remade(run: Run, rows: Iterable[Interval] | None = None, **changes: Any) -> Run:
    """Return the run with other rows (and new metrics), or with other arguments of `make`."""
    given: dict[str, Any] = {
        "backend": run.backend,
        "machine": run.machine,
        "scheduler": run.scheduler,
        "overheads": run.overheads,
        "memory_events": run.memory_events,
        "stopped": run.stopped,
        **changes,
    }
    made = make(run.process_names, run.intervals if rows is None else rows, **given)
    for row, old in zip(made.processes, run.processes, strict=True):
        row.demand_ns, row.memory = old.demand_ns, old.memory
    return made


def as_real(run: Run, *, lateness: float = 0.004, **machine: Any) -> Run:
    """Return the run as a real machine records it: all times are later by the share `lateness`.

    The programs receive the CPU time that they ask for. All must arrive at 0.
    """

    def later(ns: int) -> int:
        return round(ns * (1 + lateness))

    rows = [row._replace(start=later(row.start), end=later(row.end)) for row in run.intervals]
    measured = {"resolution_ns": 100_000, "dispatch": {"slack_ns": ms(1)}, "steal_ns": 0}
    made = remade(run, rows, backend=REAL, machine={**run.machine, **measured, **machine})
    for row, old in zip(made.processes, run.processes, strict=True):
        row.cpu_ns = old.cpu_ns
        row.arrival_ns = old.arrival_ns
        track = [r for r in rows if run.process_names[r.process] == row.name]
        assert not track or track[0].start == row.arrival_ns, "let everything arrive at 0"
    return made


def change(run: Run, at: int, **fields: Any) -> Run:
    """Return the run with the fields of row number `at` changed. The metrics stay the same."""
    rows = list(run.intervals)
    rows[at] = rows[at]._replace(**fields)
    intervals = Intervals()
    for row in rows:
        intervals.add(row)
    return replace(run, intervals=intervals)


def with_memory(run: Run, admission: str = "fifo", **places: tuple[int, int, int]) -> Run:
    """Return the run with memory: each named process holds (base, size, requested), in bytes.

    It holds this partition from its admission to its completion.
    """
    events = []
    for row in run.processes:
        if row.name not in places or row.admitted_ns is None:
            continue
        base, size, requested = places[row.name]
        row.memory = Allocation(base, size, requested)
        events.append(MemoryEvent(row.admitted_ns, "placed", row.name, base, size))
        if row.completion_ns is not None:
            events.append(MemoryEvent(row.completion_ns, "freed", row.name, base, size))
    events.sort(key=lambda event: (event.at_ns, event.event == "placed"))
    memory = {"size": 100, "scheme": "fixed", "admission": admission}
    return replace(run, memory_events=events, machine={**run.machine, "memory": memory})
