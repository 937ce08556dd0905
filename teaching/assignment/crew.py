"""Many submissions, graded on several cores.

Each worker is a process with a zygote of its own, and grades one submission after the other. What a
submission does can neither end a worker nor change it: it decides in a third process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from kernel.errors import MultiprogError
from language.assignments import AssignmentFile
from teaching.assignment.grading import Grader, GradingOptions, cases_of
from teaching.assignment.solution import Solution
from teaching.marks import Marks
from teaching.submission.conversation import UnconfinedError
from teaching.submission.files import Submission, submission_of
from teaching.submission.host import Host
from teaching.submission.prctl import die_with
from teaching.workers import Workers, marks_by
from translation import tr

_grader: Grader | None = None  # of a worker


def grade(
    assignment: AssignmentFile, paths: Sequence[Path], options: GradingOptions
) -> Iterator[Marks]:
    """Yield the marks of each submission, in the order of the paths.

    A path is a file, or a folder with the file that `submit` of the assignment names. Real runs are
    made one after the other, whatever `jobs` says. Raises UsageError if this machine cannot
    confine a submission, and ScenarioError if the model solution would not get full marks.
    """
    submissions = _handed_in(assignment, paths)
    with Host(options.user) as host:
        grader = Grader(assignment, options, host)
        grader.require_full_marks()
        if jobs_of(assignment, options, len(submissions)) == 1:
            for submission in submissions:
                yield graded(grader, submission)
            return
    yield from _on_several_cores(assignment, submissions, options)


def grade_by(
    workers: Workers, assignment: AssignmentFile, paths: Sequence[Path], seed: int
) -> Iterator[Marks]:
    """Yield the marks of each submission, made by workers that have a `SubmissionGrading` each.

    Raises what `grade` raises.
    """
    Solution(assignment).require_full_marks(cases_of(assignment, seed))
    submissions = _handed_in(assignment, paths)
    yield from marks_by(workers, submissions, lambda each: ungraded(each, tr("its graders died")))


def _handed_in(assignment: AssignmentFile, paths: Sequence[Path]) -> list[Submission]:
    main = assignment.assignment.submit[0]
    return [submission_of(path, main) for path in paths]


def _on_several_cores(
    assignment: AssignmentFile, submissions: Sequence[Submission], options: GradingOptions
) -> Iterator[Marks]:
    # fork: a worker needs the model solution's class, which may be in a file of the teacher's
    context = multiprocessing.get_context("fork")
    jobs = jobs_of(assignment, options, len(submissions))
    crew = ProcessPoolExecutor(jobs, context, _begin, (assignment, options, os.getpid()))
    try:
        yield from crew.map(_graded, submissions)
    except BrokenProcessPool:
        raise MultiprogError(
            tr("a process that grades was killed: nothing more is graded")
        ) from None
    finally:
        for worker in multiprocessing.active_children():  # after an interruption they are at work
            worker.terminate()
        crew.shutdown(wait=True, cancel_futures=True)


def jobs_of(assignment: AssignmentFile, options: GradingOptions, submissions: int) -> int:
    """Return how many processes grade. Real runs are made one after the other.

    A model solution in a file of the teacher's is watched by the keeper, which kills copies of the
    command.
    """
    alone = options.machine is not None or assignment.workload.scheduler.own
    jobs = options.jobs or len(os.sched_getaffinity(0))
    return 1 if alone else max(1, min(jobs, submissions))


def _begin(assignment: AssignmentFile, options: GradingOptions, parent: int) -> None:
    """Prepare a worker, which dies with the command."""
    die_with(parent)
    global _grader  # noqa: PLW0603 - a worker has one grader
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader is interrupted, and ends its workers
    _grader = Grader(assignment, options, Host(options.user))


def _graded(submission: Submission) -> Marks:
    assert _grader is not None
    return graded(_grader, submission)


def graded(grader: Grader, submission: Submission) -> Marks:
    """Return the marks; if the grader fails at this submission, the others are graded all the same.

    Then it has no marks and is not gradable: no mark is better than a wrong one.
    """
    try:
        return grader.marks(submission)
    except UnconfinedError:
        raise  # it concerns all submissions
    except MultiprogError as error:
        why = tr("the grader failed at this submission: {error}", error=error)
        return ungraded(submission, why)


def ungraded(submission: Submission, why: str) -> Marks:
    """Return the marks of a submission that was not graded."""
    return Marks(submission.student, submission.main, [], problems=[why], gradable=False)
