"""Jobs with deadlines: released, due, done, missed."""

from __future__ import annotations

from typing import Any

from kernel.process.program import CPU, RELEASE, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import State
from tests.timeline.gantt import change, gantt
from timeline.record.jobs import Misses, is_missed, jobs_of, missed_deadlines, misses, misses_of
from timeline.record.run import Job, Run
from timeline.record.tracks import by_process, slices


def spec(jobs: int, **more: Any) -> ProcessSpec:
    """A process that arrives at 5 and computes for 2 ns in each job."""
    steps = [(CPU, 2), *[(RELEASE, 0), (CPU, 2)] * (jobs - 1)]
    return ProcessSpec(0, "A", 5, Program.of(steps), **more)


def job(release: int, deadline: int, completion: int | None) -> Job:
    return Job(release_ns=release, deadline_ns=deadline, completion_ns=completion)


def with_jobs(run: Run, *jobs: Job) -> Run:
    """The run, with these jobs of its first process."""
    run.processes[0].jobs = list(jobs)
    return run


def test_a_job_is_released_every_period_from_arrival_on() -> None:
    assert jobs_of(spec(3, period=10, deadline=8), [8, 18, 40]) == [
        job(5, 13, 8),
        job(15, 23, 18),
        job(25, 33, 40),
    ]


def test_a_job_that_was_not_completed_has_no_completion() -> None:
    assert jobs_of(spec(2, period=10, deadline=10), [8]) == [job(5, 15, 8), job(15, 25, None)]


def test_a_deadline_without_a_period_is_one_job() -> None:
    assert jobs_of(spec(1, deadline=20), [7]) == [job(5, 25, 7)]


def test_without_a_deadline_there_are_no_jobs() -> None:
    assert jobs_of(spec(1), [7]) is None


def test_a_job_done_exactly_at_its_deadline_is_in_time() -> None:
    assert not is_missed(job(0, 10, 10), 50)
    assert is_missed(job(0, 10, 11), 50)


def test_a_job_that_is_never_done_is_missed_if_the_run_outlasts_its_deadline() -> None:
    assert not is_missed(job(0, 10, None), 10)
    assert is_missed(job(0, 10, None), 11)


def test_a_dropped_job_has_no_completion_and_the_next_one_has_its_own() -> None:
    dropped = Job(release_ns=5, deadline_ns=13, completion_ns=None, dropped_ns=1)
    assert jobs_of(spec(2, period=10, deadline=8), [18], {0: 1}) == [dropped, job(15, 23, 18)]


def test_a_dropped_job_is_missed_even_if_the_run_ends_at_its_deadline() -> None:
    assert is_missed(Job(release_ns=0, deadline_ns=10, completion_ns=None, dropped_ns=0), 10)


def test_misses_are_counted_for_each_process_and_for_all() -> None:
    run = with_jobs(gantt("A 000\nB ...00"), job(0, 10, 11), job(20, 30, 30), job(40, 50, 60))

    assert missed_deadlines(run.processes[0], run) == [10, 50]
    assert misses_of(run.processes[0], run) == Misses(2, 3)
    assert misses_of(run.processes[1], run) is None
    assert misses(run) == Misses(2, 3)


def test_a_run_without_deadlines_misses_none() -> None:
    assert misses(gantt("A 000")) is None


def test_a_release_is_no_io_that_completed() -> None:
    run = gantt("A 00--00")
    [_, after_io] = slices(by_process(run))
    at = next(i for i, row in enumerate(run.intervals) if row.state == State.BLOCKED)
    [_, after_release] = slices(by_process(change(run, at, why="released")))

    assert after_io.woke
    assert not after_release.woke
