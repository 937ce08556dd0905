"""Small runs made by hand, for looking at."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console

from kernel.process import State
from timeline.intervals import Intervals
from timeline.run import SIMULATED, Averages, CoreRow, ProcessRow, Run

MS = 1_000_000
Row = tuple[str, str, float, float]
"""(process, state, start ms, end ms) on core 0; a state like `running1` is on core 1."""


def make_run(rows: Iterable[Row], names: Sequence[str] = (), **changes: Any) -> Run:
    """A run of these intervals. Processes are in the order of `names`, then of appearance."""
    rows = list(rows)
    names = list(dict.fromkeys([*names, *(row[0] for row in rows)]))
    intervals = Intervals()
    cores = 1
    for at, (name, state, start, end) in enumerate(rows):
        word, core = state.rstrip("0123456789"), state.lstrip("abcdefghijklmnopqrstuvwxyz")
        place = int(core or 0) if word == "running" else -1
        cores = max(cores, place + 1)
        times = round(start * MS), round(end * MS)
        code = State[word.upper()]
        intervals.add((names.index(name), int(code), *times, place, -1, _why(at, rows)))
    makespan = max(intervals.end, default=0)
    run = Run(
        backend=SIMULATED,
        scenario={"title": "A title", "about": "Look here.", "file": "x.yaml", "seed": 7},
        scheduler={"policy": "rr", "quantum": 20 * MS, "ties": "arrival-first"},
        machine={"cores": cores, "memory": None, "devices": {}, "costs": {}},
        makespan_ns=makespan,
        cores=[_core(intervals, core, makespan) for core in range(cores)],
        processes=[_process(name, rows) for name in names],
        averages=Averages(None, None, None, 1.0, 0.5),
        intervals=intervals,
    )
    for key, value in changes.items():
        setattr(run, key, value)
    return run


def _why(at: int, rows: Sequence[Row]) -> str:
    """Why interval `at` ended: what the next one of its process says."""
    name, state = rows[at][:2]
    following = next((row[1] for row in rows[at + 1 :] if row[0] == name), "")
    if not following:
        return "ended"
    if state.startswith("running"):
        return "blocked" if following == "blocked" else "expired"
    return {"ready": "dispatched", "blocked": "woke", "new": "admitted"}[state]


def _core(intervals: Intervals, core: int, makespan: int) -> CoreRow:
    busy = sum(row.end - row.start for row in intervals if row.core == core)
    return CoreRow(core, busy, makespan - busy)


def _process(name: str, rows: Sequence[Row]) -> ProcessRow:
    own = [row for row in rows if row[0] == name]
    arrival = round(min((row[2] for row in own), default=0) * MS)
    end = round(max((row[3] for row in own), default=0) * MS)

    runs = [row for row in own if row[1].startswith("running")]
    first_run = round(runs[0][2] * MS) if runs else None

    def time_in(state: str) -> int:
        return round(sum(row[3] - row[2] for row in own if row[1].startswith(state)) * MS)

    return ProcessRow(
        name=name,
        pid=None,
        parent=None,
        arrival_ns=arrival,
        admitted_ns=arrival,
        first_run_ns=first_run,
        completion_ns=end,
        turnaround_ns=end - arrival,
        response_ns=None if first_run is None else first_run - arrival,
        waiting_ns=time_in("ready"),
        blocked_ns=time_in("blocked"),
        cpu_ns=time_in("running"),
        demand_ns=time_in("running"),
        slices=len(runs),
        preemptions=sum(_why(rows.index(row), rows) == "expired" for row in runs),
        migrations=0,
        exitcode=0,
    )


def alternating(count: int, length: float = 10) -> Run:
    """`count` processes, one after another on one core, named job-1, job-2, …"""
    rows: list[Row] = []
    for i in range(count):
        rows += [
            (f"job-{i + 1}", "ready", 0, i * length),
            (f"job-{i + 1}", "running", i * length, (i + 1) * length),
        ]
    return make_run([row for row in rows if row[3] > row[2]])


class _File(io.StringIO):
    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def piped(width: int = 80, encoding: str = "utf-8") -> Console:
    """A console like that of a pipe."""
    return Console(file=_File(encoding), width=width, color_system=None, force_terminal=False)


def printed(console: Console) -> str:
    """What was printed on it."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()
