"""Policies that students hand in, graded from the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from kernel.errors import UsageError

if TYPE_CHECKING:
    from kernel.workload import Workload
    from teaching.marks import Marks
    from timeline.record.run import Run


def graded_policies(
    file: Path,
    submissions: Sequence[Path],
    limits: Mapping[str, int],
    *,
    seed: int | None = None,
    user: str | None = None,
    jobs: int | None = None,
    real: bool = False,
    no_wait: bool = False,
) -> Iterator[Marks]:
    """Yield the marks of each submission to the assignment in `file`.

    `seed` makes the hidden workloads; None: the scenario's seed. `user` is the name of the user as
    whom submissions are asked. With `real` they also decide on real processes. Raises UsageError.
    """
    from commands import machines
    from language.assignments import read_assignment
    from language.source.options import Options
    from teaching.assignment.crew import grade
    from teaching.assignment.grading import GradingOptions
    from teaching.submission.account import account_of

    if not submissions:
        raise UsageError("grade: name what students handed in: files, or a folder of them")
    assignment = read_assignment(file, Options(limits=limits))
    handling = machines.Handling()

    def on_real_processes(workload: Workload) -> Run:
        machines.check_real_run(workload, limits, handling, live=False)
        return machines.really_run(workload, limits, handling, explain=False)

    options = GradingOptions(
        seed=assignment.workload.seed if seed is None else seed,
        user=account_of(user),
        jobs=jobs or len(os.sched_getaffinity(0)),
        machine=on_real_processes if real else None,
    )
    with ExitStack() as stack:
        if real:
            stack.enter_context(machines.alone(no_wait))
        yield from grade(assignment, submissions, options)
