"""The measures of one run as a row of numbers, by which policies are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from timeline.record.jobs import Misses, misses
from timeline.record.run import Run
from timeline.record.sorted_run import SortedRun

PERCENTILE = 95


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures of a run of one policy. Times in ns; None: there is nothing to measure."""

    turnaround_ns: int | None  # mean
    response_ns: int | None  # mean
    waiting_ns: int | None  # mean
    turnaround_p95_ns: int | None
    waiting_p95_ns: int | None
    fairness: float | None  # 1/n to 1
    switches: int  # how often a core went from one process to another
    preemptions: int
    throughput_per_s: float
    makespan_ns: int
    misses: Misses | None


def measures(run: Run) -> Measures:
    """Return the measures of a run."""
    return Measures(
        turnaround_ns=run.averages.turnaround_ns,
        response_ns=run.averages.response_ns,
        waiting_ns=run.averages.waiting_ns,
        turnaround_p95_ns=percentile(row.turnaround_ns for row in run.processes),
        waiting_p95_ns=percentile(row.waiting_ns for row in run.processes),
        fairness=jain(shares(run)),
        switches=switches(SortedRun(run)),
        preemptions=sum(row.preemptions for row in run.processes),
        throughput_per_s=run.averages.throughput_per_s,
        makespan_ns=run.makespan_ns,
        misses=misses(run),
    )


def median(values: Sequence[float]) -> float | None:
    """Return the middle value, or the mean of the two in the middle; None for no values."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(values: Iterable[int | None]) -> int | None:
    """Return the least value that 95 % of the values do not exceed (nearest rank), without None."""
    there = sorted(value for value in values if value is not None)
    return there[-(-PERCENTILE * len(there) // 100) - 1] if there else None


def shares(run: Run) -> list[float]:
    """Return the share of a core that each process received while present: CPU / turnaround.

    Processes that ask for no CPU are left out. A process that has not ended is present until the
    end of the run.
    """
    found = []
    for row in run.processes:
        end = run.makespan_ns if row.completion_ns is None else row.completion_ns
        if row.demand_ns and end > row.arrival_ns:
            found.append(row.cpu_ns / (end - row.arrival_ns))
    return found


def jain(values: Sequence[float]) -> float | None:
    """Return Jain's fairness index (Σx)² / (n Σx²): 1 if all are equal, 1/n if one has everything.

    R. Jain, D. Chiu, W. Hawe, A Quantitative Measure of Fairness and Discrimination for Resource
    Allocation in Shared Computer Systems, DEC Research Report TR-301, 1984.
    """
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else None


def switches(sorted_run: SortedRun) -> int:
    """Count the context switches: how often a core runs another process than it ran before."""
    return sum(
        before.process != row.process for lane in sorted_run.lanes for before, row in pairwise(lane)
    )
