"""The jobs of processes with deadlines: when each is released, due and done, and which are missed.

A periodic process releases job k (from 0) at its arrival + k periods, or at the times that the
scenario lists. A process with a deadline and neither is one job. Liu and Layland, Scheduling
Algorithms for Multiprogramming in a Hard-Real-Time Environment, JACM 20 (1973).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kernel.process.program import RELEASE
from kernel.process.spec import ProcessSpec
from timeline.record.run import Job, ProcessRow, Run


class Misses(NamedTuple):
    """The number of missed deadlines, and the number of jobs with a deadline."""

    missed: int
    jobs: int


def jobs_of(spec: ProcessSpec, completions: Sequence[int]) -> list[Job] | None:
    """Return the jobs of one process; None if it has no deadline.

    `completions` are the completion times (ns) of the jobs that were completed, in order.
    """
    if spec.deadline is None:
        return None
    jobs: list[Job] = []
    for number in range(1 + sum(place == RELEASE for place in spec.program.places)):
        release = spec.release(number)
        done = completions[number] if number < len(completions) else None
        jobs.append(
            Job(release_ns=release, deadline_ns=release + spec.deadline, completion_ns=done)
        )
    return jobs


def is_missed(job: Job, end: int) -> bool:
    """Return whether a job was completed after its deadline.

    A job that was not completed has missed its deadline if the run ended (`end`, ns) after it.
    """
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
