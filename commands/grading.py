"""The command `grade`: many answers to an exercise, each with the variant of its student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.clusters import dask_option, require_cluster
from commands.exercises import make_folder, save_text, say_written
from commands.machines import no_wait
from commands.options import gathered, seed_option
from commands.processors import available
from commands.statuses import DONE, FAILED
from kernel.errors import UsageError
from translation import chosen, tr, tr_n
from translation.languages import ENGLISH

if TYPE_CHECKING:
    from teaching.batch import Seeds
    from teaching.marks import Marks

FORMATS = ("text", "csv", "json", "junit", "gradescope", "prairielearn", "classroom50")


@dataclass(frozen=True)
class Grading:
    """The options of `grade`. None: not given."""

    seed: int | None = None
    seed_from: str | None = None
    format: str = "text"
    out: Path | None = None
    each: Path | None = None
    reveal: bool = False
    least: str | None = None
    jobs: int | None = None
    dask: str | None = None
    user: str | None = None
    real: bool = False
    no_wait: bool = False
    limits: tuple[str, ...] = ()

    def check(self, reads: Sequence[Path]) -> None:
        """Raise UsageError if an option cannot be kept. It is called before anything is graded."""
        from kernel.files.writing import require_another, require_writable

        self.threshold  # noqa: B018  # it raises
        if self.dask is not None:
            if self.real:
                raise UsageError(tr("--dask: real runs are made on this machine; leave out --real"))
            require_cluster(self.dask)
        if self.out is not None:
            require_another(self.out, reads)
            require_writable(self.out)
        if self.each is not None:
            make_folder(self.each, "--each")

    @property
    def workers(self) -> int:
        """How many workers a cluster has that is started here."""
        return self.jobs or available()

    @property
    def threshold(self) -> Fraction | None:
        """The share of the points below which an answer fails. Raises UsageError."""
        if self.least is None:
            return None
        match = re.fullmatch(r"\s*([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%\s*", self.least)
        if match is None or Fraction(match[1]) > 100:
            raise UsageError(
                tr(
                    "--least: must be a share from 0% to 100%, like 60% (got {share!r})",
                    share=self.least,
                )
            )
        return Fraction(match[1]) / 100

    @property
    def language(self) -> str:
        """The language of the marks: programs read those in JSON, in English."""
        return ENGLISH if self.format == "json" else chosen()

    def seeds(self) -> Seeds:
        """Return how it is known which variant an answer belongs to. Raises UsageError."""
        from teaching.batch import NAME, STUDENT, Seeds, listed_students

        if self.seed_from is None:
            return Seeds(STUDENT, self.seed)
        if self.seed_from in (NAME, STUDENT):
            return Seeds(self.seed_from, self.seed)
        path = Path(self.seed_from)
        if path.suffix.lower() != ".csv":
            if path.is_file():
                raise UsageError(
                    tr(
                        "--seed-from {file}: a list must be a .csv with the columns file and "
                        "student, like class.csv; without a list write --seed-from name (of the "
                        "file) or --seed-from student (a key in it)",
                        file=path,
                    )
                )
            raise UsageError(
                tr(
                    "--seed-from: must be name, student, or a list like class.csv (got {kind!r})",
                    kind=self.seed_from,
                )
            )
        return Seeds("csv", self.seed, listed_students(path))

    def check_for_policies(self) -> None:
        """Raise UsageError for an option that only answers have."""
        for option, given in (("--seed-from", self.seed_from), ("--reveal", self.reveal)):
            if given:
                raise UsageError(
                    tr(
                        "{option}: leave it out: all submitted policies run on the same workloads",
                        option=option,
                    )
                )

    def check_for_answers(self) -> None:
        """Raise UsageError for an option that only submitted policies have."""
        for option, given in (("--user", self.user), ("--real", self.real)):
            if given:
                raise UsageError(
                    tr(
                        "{option}: is for submitted policies; the files given are answers to an "
                        "exercise",
                        option=option,
                    )
                )

    def deliver(self, marks: Sequence[Marks]) -> int:
        """Write the marks in the format, and return the exit status."""
        from teaching.formats.table import WRITERS

        _warn_of_contradictions(marks)
        if self.each is not None:
            from commands.feedback_files import write_each

            write_each(self.each, self.format, marks)
            say_written(
                tr_n(
                    "wrote a file of feedback on {n} answer into {folder}",
                    "wrote a file of feedback on each of {n} answers into {folder}",
                    len(marks),
                    folder=self.each,
                )
            )
        if self.out is not None:
            save_text(self.out, WRITERS[self.format](marks))
            say_written(
                tr_n(
                    "wrote the marks of {n} answer into {file}",
                    "wrote the marks of {n} answers into {file}",
                    len(marks),
                    file=self.out,
                )
            )
        elif self.each is None:
            click.echo(WRITERS[self.format](marks), nl=False)
        least = self.threshold
        if least is None:
            return DONE
        return FAILED * any(not each.gradable or each.share < least for each in marks)


def _warn_of_contradictions(marks: Sequence[Marks]) -> None:
    """Say on stderr how many answers say another variant than the one they were graded by."""
    found = [each for each in marks if each.contradiction]
    if found:
        click.echo(
            tr_n(
                "grade: {n} of {all} answers says another variant than the one it was graded by. "
                "{file}: {first}",
                "grade: {n} of {all} answers say other variants than those they were graded by. "
                "{file}: {first}",
                len(found),
                all=len(marks),
                file=found[0].file,
                first=found[0].contradiction,
            ),
            err=True,
        )


grades = gathered(
    Grading,
    "grading",
    [
        click.option(
            "--seed-from",
            metavar="WHAT",
            help="Where to find the student: name (of the file), student (a key in it), or a "
            "list.csv.",
        ),
        seed_option("The variant of all answers; of an assignment: the hidden workloads."),
        click.option(
            "--format",
            type=click.Choice(FORMATS),
            default="text",
            help="The format of the marks.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write the marks into FILE.",
        ),
        click.option(
            "--each",
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="Write a file of feedback for each student.",
        ),
        click.option("--reveal", is_flag=True, help="Show the right values in the feedback."),
        click.option(
            "--least",
            metavar="SHARE",
            help="Exit with status 1 if an answer has a smaller share of the points, like 60%.",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(1, 256),
            metavar="N",
            help="Grade with N processes at once.",
        ),
        dask_option,
        click.option(
            "--user",
            metavar="NAME",
            help="Run submitted policies as this user (default for root: nobody).",
        ),
        click.option("--real", is_flag=True, help="Also run submitted policies on real processes."),
        no_wait,
        click.option(
            "--limit",
            "limits",
            multiple=True,
            metavar="NAME=N",
            help="Change a limit, like processes=500.",
        ),
    ],
)
"""A decorator for the command `grade`, which gets these options as `grading`."""


def grade(exercise: Path, answers: Sequence[Path], grading: Grading) -> int:
    """Grade the answers, deliver the marks, and return the exit status. Raises UsageError."""
    from language.assignments import has_assignment
    from language.source.limits import in_force
    from language.source.options import Options

    limits = in_force(grading.limits)
    if has_assignment(exercise, Options(limits=limits)):
        return _grade_policies(exercise, answers, grading, limits)
    grading.check_for_answers()
    return _grade_answers(exercise, answers, grading)


def _grade_answers(exercise: Path, answers: Sequence[Path], grading: Grading) -> int:
    """Grade answers to questions. Return the exit status."""
    from language.exercises import read_exercise
    from teaching import batch

    file = read_exercise(exercise)
    paths = batch.answer_files(answers)
    grading.check([exercise, *paths])
    what = batch.Batch.of(file, grading.seeds(), reveal=grading.reveal, language=grading.language)
    if grading.dask is None:
        return grading.deliver(_shown(batch.grade(file, paths, what, grading.jobs), len(paths)))
    from experiments.running.dask_cluster import Workers
    from teaching.workers import GRADING_CODE

    batch.require_portable_exercise(file)
    cluster = Workers(
        *(batch.AnswerGrading, what, grading.dask, grading.workers), code=GRADING_CODE
    )
    with closing(cluster):
        marks = _shown(batch.grade_by(cluster, paths), len(paths))
    return grading.deliver(marks)


def _grade_policies(
    assignment: Path, submissions: Sequence[Path], grading: Grading, limits: Mapping[str, int]
) -> int:
    """Grade what students handed in to an assignment. Return the exit status."""
    from commands.assignments import Submissions

    grading.check_for_policies()
    handed_in = Submissions(assignment, submissions, limits)
    grading.check([assignment, *handed_in.paths])
    many = len(handed_in.paths)
    if grading.dask is None:
        graded = handed_in.graded(
            *(grading.seed, grading.user, grading.jobs),
            real=grading.real,
            no_wait=grading.no_wait,
            language=grading.language,
        )
        return grading.deliver(_shown(graded, many))
    with handed_in.graded_on(
        *(grading.dask, grading.seed, grading.user, grading.workers, grading.language)
    ) as graded_there:
        marks = _shown(graded_there, many)
    return grading.deliver(marks)


def _shown(graded: Iterator[Marks], many: int) -> list[Marks]:
    """Return all marks, and show on stderr how many there are already."""
    from report.terminal.progress import Progress

    marks = []
    with Progress(tr("grading"), many) as progress:
        for each in graded:
            marks.append(each)
            progress.update(len(marks))
    return marks
