"""Policies that students hand in, graded from the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from commands import machines
from commands.elsewhere import require_confinement
from translation import chosen

if TYPE_CHECKING:
    from kernel.workload import Workload
    from teaching.marks import Marks
    from timeline.record.run import Run


class Submissions:
    """What was handed in to the assignment in a file. `paths` has one path for each student."""

    def __init__(self, file: Path, paths: Sequence[Path], limits: Mapping[str, int]) -> None:
        """Read the assignment and find the submissions. Raises UsageError."""
        from language.assignments import read_assignment
        from language.source.options import Options
        from teaching.submission.files import submissions_in

        self._limits = limits
        self._assignment = read_assignment(file, Options(limits=limits))
        self.paths = submissions_in(paths, self._assignment.assignment.submit[0])

    def graded(
        self,
        seed: int | None,
        user: str | None,
        jobs: int | None,
        *,
        real: bool = False,
        no_wait: bool = False,
        language: str | None = None,
    ) -> Iterator[Marks]:
        """Yield the marks of each submission.

        `seed` makes the hidden workloads; None: the scenario's. `user` is the name of the user as
        whom submissions are asked. With `real` they also decide on real processes. `language` is
        that of the marks; None: the one in use. Raises UsageError.
        """
        require_confinement("grade")
        from teaching.assignment.crew import grade
        from teaching.assignment.grading import GradingOptions
        from teaching.submission.account import account_of

        options = GradingOptions(
            seed=self._assignment.workload.seed if seed is None else seed,
            user=account_of(user),
            jobs=jobs,
            machine=self._on_real_processes if real else None,
            language=language or chosen(),
        )
        with ExitStack() as stack:
            if real:
                stack.enter_context(machines.alone(no_wait))
            yield from grade(self._assignment, self.paths, options)

    @contextmanager
    def graded_on(
        self, address: str, seed: int | None, user: str | None, workers: int, language: str
    ) -> Iterator[Iterator[Marks]]:
        """Yield the marks of each submission, made on the Dask cluster at `address`.

        Raises UsageError if one of its workers cannot confine submissions.
        """
        from experiments.running.dask_cluster import Workers
        from teaching.assignment.crew import grade_by
        from teaching.assignment.workplace import HandedOut, SubmissionGrading, lacking
        from teaching.workers import GRADING_CODE, require_portable

        require_portable(self._assignment.file, self._assignment.workload.scheduler)
        seed = self._assignment.workload.seed if seed is None else seed
        what = HandedOut.of(self._assignment, seed, user, language)
        cluster = Workers(
            *(SubmissionGrading, what, address, workers),
            code=GRADING_CODE,
            lacking=partial(lacking, user),
        )
        with closing(cluster):
            yield grade_by(cluster, self._assignment, self.paths, seed)

    def _on_real_processes(self, workload: Workload) -> Run:
        handling = machines.Handling()
        machines.check_real_run(workload, self._limits, handling, live=False)
        return machines.really_run(workload, self._limits, handling, explain=False)
