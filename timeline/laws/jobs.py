"""Laws of jobs with deadlines: one after another, none before its release, none dropped goes on."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.process.states import RUNNING
from timeline.record.intervals import Interval
from timeline.record.run import ProcessRow
from timeline.record.sorted_run import Breach, SortedRun, text_of


def jobs_in_order(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield jobs that are completed out of order, before their release, or after the process's end.

    A program that ran to its end must have completed all of its jobs.
    """
    for row, track in sorted_run.rows_with_tracks:
        latest, done = row.arrival_ns, True
        for number, job in enumerate(row.jobs or (), start=1):
            completion = job["completion_ns"]
            what = f"job {number} of {row.name}"
            if "dropped_ns" in job:
                yield from _nothing_more(sorted_run, row, track, number)
                continue
            if completion is None:
                done = False
                continue
            at = f"{what} is completed at {text_of(completion)}"
            if not done:
                yield f"{at}, but one before it is not", completion, row.name, None
            if completion < job["release_ns"] - sorted_run.resolution:
                text = f"{at}, before its release at {text_of(job['release_ns'])}"
                yield text, completion, row.name, None
            if completion < latest:
                text = f"{at}, before the one before it ({text_of(latest)})"
                yield text, completion, row.name, None
            if row.completion_ns is not None and completion > row.completion_ns + sorted_run.slack:
                text = f"{at}, after the end of the program ({text_of(row.completion_ns)})"
                yield text, completion, row.name, None
            latest = completion
        cut_short = row.completion_ns is None or row.exitcode or not track
        if not done and not cut_short and track[-1].why != "killed":
            yield f"{row.name} ended without completing all jobs", latest, row.name, None


def _nothing_more(
    sorted_run: SortedRun, row: ProcessRow, track: list[Interval], number: int
) -> Iterator[Breach]:
    """Yield a breach if the process computes between the deadline of a dropped job and the next.

    `number`: that of the job, from 1. A real process may need a moment to see that it is over.
    """
    jobs = row.jobs or []
    job = jobs[number - 1]
    what, due = f"job {number} of {row.name}", job["deadline_ns"]
    if job["completion_ns"] is not None:
        text = f"{what} is completed at {text_of(job['completion_ns'])}, though it was dropped"
        yield text, due, row.name, None
    until = jobs[number]["release_ns"] if number < len(jobs) else sorted_run.run.makespan_ns
    ran = sum(
        max(0, min(interval.end, until) - max(interval.start, due))
        for interval in track
        if interval.state == RUNNING
    )
    if ran > sorted_run.slack:
        text = f"{row.name} computes for {text_of(ran)} after its deadline at {text_of(due)}"
        yield f"{text}, at which {what} was dropped", due, row.name, None
