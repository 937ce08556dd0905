"""The kernel's trace of the switches on a run's cores, as it is in the run document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from timeline.record.run import ProcessRow

MOST_OTHERS = 10
"""How many threads outside the scenario are named at most: those with most time on the cores."""


class ThreadOnCore(NamedTuple):
    """A stretch in which a thread had a core. Times are ns from the start of the run.

    A stretch may begin before the start of the run, or end after its end.
    """

    pid: int
    name: str
    core: int
    start: int
    end: int


class ThreadWoken(NamedTuple):
    """A thread was woken at `at`, and ran at `ran`; ns from the start of the run."""

    pid: int
    at: int
    ran: int


@dataclass(frozen=True, slots=True)
class TraceFacts:
    """What a trace of the kernel's switches holds, in the order of time."""

    switches: int
    lost: int  # events that the kernel had no room for
    threads: Sequence[ThreadOnCore]
    wakeups: Sequence[ThreadWoken] = ()


def describe_trace(
    trace: TraceFacts, processes: Sequence[ProcessRow], makespan_ns: int
) -> dict[str, Any]:
    """Return `machine.kernel_trace`: intervals and wake-ups of the processes, other threads."""
    process_of = {row.pid: at for at, row in enumerate(processes) if row.pid is not None}
    columns: dict[str, list[int]] = {"process": [], "start_ns": [], "end_ns": [], "core": []}
    others: dict[tuple[int, str], int] = {}
    for each in trace.threads:
        start, end = max(0, each.start), min(each.end, makespan_ns)
        if end <= start:
            continue
        process = process_of.get(each.pid)
        if process is None:
            thread = each.pid, each.name
            others[thread] = others.get(thread, 0) + end - start
        else:
            row = process, start, end, each.core
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    named = sorted(others.items(), key=lambda each: -each[1])[:MOST_OTHERS]
    return {
        "switches": trace.switches,
        "lost": trace.lost,
        "intervals": columns,
        "wakeups": _wakeups(trace, process_of, makespan_ns),
        "others": [{"pid": pid, "name": name, "ns": ns} for (pid, name), ns in named],
    }


def _wakeups(
    trace: TraceFacts, process_of: Mapping[int, int], makespan_ns: int
) -> dict[str, list[int]]:
    """Return when each process was woken within the run, and when it ran then, as columns."""
    rows = [
        (process_of[each.pid], each.at, each.ran)
        for each in trace.wakeups
        if each.pid in process_of and each.at >= 0 and each.ran <= makespan_ns
    ]
    names = ("process", "woken_ns", "ran_ns")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}
