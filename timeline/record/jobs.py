"""The jobs of processes with deadlines: when each is released, due and done, and which are missed.

A periodic process releases job k (from 0) at its arrival + k periods, or at the times that the
scenario lists. A process with a deadline and neither is one job. Liu and Layland, Scheduling
Algorithms for Multiprogramming in a Hard-Real-Time Environment, JACM 20 (1973).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kernel.process.program import RELEASE
from kernel.process.spec import ProcessSpec
from timeline.record.run import Job, ProcessRow, Run


class Misses(NamedTuple):
    """The number of missed deadlines, and the number of jobs with a deadline."""

    missed: int
    jobs: int


def jobs_of(
    spec: ProcessSpec, completions: Sequence[int], aborted: Mapping[int, int] | None = None
) -> list[Job] | None:
    """Return the jobs of one process; None if it has no deadline.

    `completions` are the completion times (ns) of the jobs that were completed, in order. `aborted`
    has the CPU time (ns) that was dropped with each other job, by the number of the job.
    """
    if spec.deadline is None:
        return None
    jobs: list[Job] = []
    done, aborted = iter(completions), aborted or {}
    for number in range(1 + sum(place == RELEASE for place in spec.program.places)):
        release = spec.release(number)
        job = Job(release_ns=release, deadline_ns=release + spec.deadline, completion_ns=None)
        if number in aborted:
            job["dropped_ns"] = aborted[number]
        else:
            job["completion_ns"] = next(done, None)
        jobs.append(job)
    return jobs


def is_missed(job: Job, end: int) -> bool:
    """Return whether a job was not completed by its deadline.

    A job that was dropped then has missed it. Any other job that was not completed has missed it if
    the run ended (`end`, ns) after the deadline.
    """
    if "dropped_ns" in job:
        return True
    done = job["completion_ns"]
    return (end if done is None else done) > job["deadline_ns"]


def missed_deadlines(row: ProcessRow, run: Run) -> list[int]:
    """Return the deadlines (ns) that a process of the run missed, in order."""
    return [job["deadline_ns"] for job in row.jobs or () if is_missed(job, run.makespan_ns)]


def misses_of(row: ProcessRow, run: Run) -> Misses | None:
    """Return the missed deadlines of one process; None if it has no deadline."""
    if row.jobs is None:
        return None
    return Misses(len(missed_deadlines(row, run)), len(row.jobs))


def misses(run: Run) -> Misses | None:
    """Return the missed deadlines of all processes; None if none has a deadline."""
    found = [each for row in run.processes if (each := misses_of(row, run)) is not None]
    if not found:
        return None
    return Misses(sum(each.missed for each in found), sum(each.jobs for each in found))


def aborted_jobs(row: ProcessRow) -> int:
    """Return how many jobs of a process were dropped at their deadlines."""
    return sum("dropped_ns" in job for job in row.jobs or ())


def dropped_cpu(row: ProcessRow) -> int:
    """Return the CPU time (ns) that was dropped with the process's jobs."""
    return sum(job.get("dropped_ns", 0) for job in row.jobs or ())
