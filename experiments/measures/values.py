"""The value of each measure in a window of a run. None: there is nothing to measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from experiments.measures.names import Measure
from experiments.measures.window import Window
from timeline.comparison.measures import jain, shares
from timeline.memory.occupancy import Occupancy, occupancy, swaps
from timeline.record.jobs import is_missed
from timeline.record.metrics import Mean
from timeline.record.run import ProcessRow

Number = int | float | None


def value_of(measure: Measure, window: Window) -> Number:
    """Return the value of the measure in the window."""
    if measure.about.each:
        return _statistic(measure.statistic, _each(measure, window))
    return _ONE[measure.metric](window, measure.part)


# -- metrics with a value for each process or wake-up ----------------------------------------------


def _each(measure: Measure, window: Window) -> Iterable[int | None]:
    if measure.metric == "wakeup":
        names = window.run.process_names  # also processes that arrived before the window
        whole = Window.of(window.run)
        wanted = {row.name for row in _rows(measure.part, whole)}
        return window.wakeups(lambda process: names[process] in wanted)
    return map(_OF_ROW[measure.metric], _rows(measure.part, window))


def _rows(part: str | None, window: Window) -> Sequence[ProcessRow]:
    return window.rows if part is None else window.of_part(part)


_OF_ROW: dict[str, Callable[[ProcessRow], int | None]] = {
    "turnaround": lambda row: row.turnaround_ns,
    "response": lambda row: row.response_ns,
    "waiting": lambda row: row.waiting_ns,
    "blocked": lambda row: row.blocked_ns,
    "suspended": lambda row: row.suspended_ns,
    "admission": lambda row: None if row.admitted_ns is None else row.admitted_ns - row.arrival_ns,
    "cpu": lambda row: row.cpu_ns,
    "slices": lambda row: row.slices,
    "preemptions": lambda row: row.preemptions,
    "migrations": lambda row: row.migrations,
}


def _statistic(name: str, values: Iterable[int | None]) -> Number:
    """Return the statistic of the values that are there; the mean is rounded half up."""
    there = [value for value in values if value is not None]
    if name == "mean":
        return Mean(sum(there), len(there)).rounded
    if name == "total":
        return sum(there)
    if not there:
        return None
    if name in ("min", "max"):
        return min(there) if name == "min" else max(there)
    there.sort()
    return there[-(-int(name[1:]) * len(there) // 100) - 1]  # nearest rank


# -- metrics that are one number -------------------------------------------------------------------


def _share(window: Window, part: str | None) -> Number:
    total = sum(window.busy)
    rows = Window.of(window.run).of_part(part or "")
    return window.cpu_of(rows) / total if total else None


def _utilization(window: Window, part: str | None) -> Number:
    if part is None:
        span = window.span * len(window.busy)
        return sum(window.busy) / span if span else None
    usage = window.usage(part)
    return usage.busy / usage.span if usage and usage.span else None


def _overhead(window: Window, _part: str | None) -> Number:
    span = window.span * len(window.run.cores)
    return window.overhead() / span if span else None


def _throughput(window: Window, _part: str | None) -> Number:
    return window.completions() * 1e9 / window.span if window.span else None


def _busy(window: Window, _part: str | None) -> Number:
    return window.any_busy() / window.span if window.span else None


def _jobs(window: Window) -> list[bool]:
    """Return for each job with a deadline that is released in the window whether it misses it."""
    end = window.run.makespan_ns
    return [
        is_missed(job, end)
        for row in window.run.processes
        for job in row.jobs or ()
        if window.whole or window.begin <= job["release_ns"] < window.end
    ]


def _missed(window: Window, _part: str | None) -> Number:
    return sum(_jobs(window))


def _missrate(window: Window, _part: str | None) -> Number:
    jobs = _jobs(window)
    return sum(jobs) / len(jobs) if jobs else None


def _fairness(window: Window, _part: str | None) -> Number:
    if window.whole:
        return jain(shares(window.run))
    found = []
    for row in window.rows:
        if row.demand_ns and row.turnaround_ns:
            found.append(row.cpu_ns / row.turnaround_ns)
    return jain(found)


def _of_memory(part: Callable[[Occupancy], float]) -> Callable[[Window, str | None], Number]:
    def value(window: Window, _part: str | None) -> Number:
        means = occupancy(window.run)
        return None if means is None else part(means)

    return value


_ONE: dict[str, Callable[[Window, str | None], Number]] = {
    "share": _share,
    "utilization": _utilization,
    "busy": _busy,
    "overhead": _overhead,
    "throughput": _throughput,
    "switches": lambda window, _: window.switches(),
    "missed": _missed,
    "missrate": _missrate,
    "fairness": _fairness,
    "makespan": lambda window, _: window.run.makespan_ns,
    "internal": _of_memory(lambda means: means.internal_share),
    "external": _of_memory(lambda means: means.external_share),
    "memory": _of_memory(lambda means: means.utilization),
    "degree": _of_memory(lambda means: means.programs),
    "swaps": lambda window, _: len(swaps(window.run)),
}
