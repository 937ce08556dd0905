"""Grade many answers: each with the variant of its student, on all cores."""

from __future__ import annotations

import csv
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

from kernel.errors import MultiprogError, UsageError
from kernel.policies import POLICIES
from language.answers import AnswerFile, AnswerText, answer_text, parse_text
from language.exercises import ExerciseFile, exercise_in, seed_of
from language.policies.other_names import our_name
from language.schema.ranges import values_of
from language.source.options import Options
from language.source.wording import shown
from language.variants import ScenarioText
from teaching.grading import Grader
from teaching.marks import Marks
from teaching.variants import pose
from teaching.workers import Workers, in_the_language, marks_by, require_portable
from translation import chosen, tr

FEW = 8
"""So few answers are graded without other processes, which take time to start."""
KEPT = 4
"""Variants whose runs a process keeps. If all students have the same variant, it is made once."""
NAME, STUDENT = "name", "student"


@dataclass(frozen=True)
class Seeds:
    """How it is known which variant an answer belongs to.

    `how` is "name" (the file's name is the student), "student" (the answer file says student or
    seed; without both, its name), or "csv" (`listed` has the student of each file's name). `seed`
    is the same for all answers, if it is given.
    """

    how: str = STUDENT
    seed: int | None = None
    listed: Mapping[str, str] = field(default_factory=dict)

    def of(self, answer: AnswerFile) -> tuple[str, int]:
        """Return the student and the seed of an answer. Raises UsageError if it is not known."""
        stem = Path(answer.file).stem
        if self.listed:
            student = self.listed.get(stem) or self.listed.get(Path(answer.file).name)
            if student is None:
                raise UsageError(tr("is not in the list of --seed-from"))
            return student, self.seed if self.seed is not None else seed_of(student)
        student = stem if self.how == NAME else answer.head("student") or stem
        if self.seed is not None:
            return student, self.seed
        written = _written_seed(answer) if self.how == STUDENT else None
        return student, seed_of(student) if written is None else written

    def contradiction(self, answer: AnswerFile, student: str, seed: int) -> str:
        """Return a sentence if the answer says that it answers another variant than `seed`.

        A teacher who made the sheets by another rule than these grades every answer by the wrong
        numbers; the marks alone do not show that. "" if the answer says this variant, or none.
        """
        named, number = answer.head("student"), _written_seed(answer)
        said = number if number is not None else seed_of(named) if named else seed
        if said == seed:
            return ""
        written = f"seed: {number}" if number is not None else f"student: {shown(named)}"
        if self.seed is not None:
            used = tr("the numbers of --seed {seed}", seed=self.seed)
        else:
            used = tr("the numbers of {student}", student=shown(student))
        return tr(
            "The file says {written}, but was graded by {used}: see --seed-from and --seed.",
            written=written,
            used=used,
        )


def _written_seed(answer: AnswerFile) -> int | None:
    """Return the seed that the answer file says; None if it says none."""
    written = answer.head("seed")
    if written is not None and written.isascii() and written.isdigit() and len(written) < 19:
        return int(written)
    return None


def listed_students(path: Path) -> dict[str, str]:
    """Return the student of each answer's name, from a CSV with the columns file and student.

    Raises UsageError. A byte order mark, and semicolons in place of commas, are allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            tr("--seed-from {file}: cannot be read: {error}", file=path, error=error)
        ) from None
    lines = text.splitlines()
    divider = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    rows = list(csv.DictReader(lines, delimiter=divider))
    named = [name.strip().lower() for name in (rows[0] if rows else {})]
    if not rows or not {"file", "student"} <= set(named):
        raise UsageError(
            tr("--seed-from {file}: must have the columns file and student", file=path)
        )
    found = {}
    for number, row in enumerate(rows, 2):
        cells = {str(key).strip().lower(): (value or "").strip() for key, value in row.items()}
        if not cells["file"] or not cells["student"]:
            raise UsageError(
                tr("--seed-from {file}:{line}: has no file or no student", file=path, line=number)
            )
        found[cells["file"]] = cells["student"]
    return found


def answer_files(paths: Sequence[Path]) -> list[Path]:
    """Return the answer files that are named, those of folders in the order of their names.

    Raises UsageError for a path that does not exist, and if there is none at all.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                each
                for each in path.rglob("*")
                if each.suffix in (".yaml", ".yml") and each.is_file() and each.name[0] != "."
            )
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(tr("{path}: no such file or folder", path=path))
    if not found:
        named = ", ".join(map(str, paths))
        raise UsageError(tr("{path}: has no answer file (*.yaml)", path=named))
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Batch:
    """What a process needs to grade answers to an exercise."""

    file: str
    text: str
    options: Options
    seeds: Seeds
    reveal: bool = False
    language: str = field(default_factory=chosen)  # of the marks

    @classmethod
    def of(
        cls, file: ExerciseFile, seeds: Seeds, *, reveal: bool = False, language: str | None = None
    ) -> Batch:
        """Return the batch of an exercise that has been read. `language`: None: the one in use."""
        options = file.source.options
        return cls(file.file, file.text, options, seeds, reveal, language or chosen())


class AnswerGrading:
    """Grades answers, one after the other in each thread. It keeps the variants that came last."""

    def __init__(self, batch: Batch, file: ExerciseFile | None = None) -> None:
        """Prepare to grade; `file` is the exercise of the batch if it has been read here."""
        self._batch = batch
        self._file = file or exercise_in(ScenarioText(batch.file, batch.text, batch.options))
        self._of_thread = threading.local()  # a grader is no affair of several threads

    def make(self, answer: AnswerText) -> Marks:
        """Return the marks of one answer file."""
        with in_the_language(self._batch.language):
            return self._marks(answer)

    def _marks(self, answer: AnswerText) -> Marks:
        parsed = parse_text(answer)
        try:
            who, seed = self._batch.seeds.of(parsed)
        except UsageError as error:
            return ungraded(answer, str(error))
        grader = self._grader(seed if self._file.varies else None)
        marks = grader.marks(parsed, who, reveal=self._batch.reveal)
        if not self._file.varies:
            return marks
        return replace(marks, contradiction=self._batch.seeds.contradiction(parsed, who, seed))

    def close(self) -> None:
        """Do nothing: no process was started."""

    def _grader(self, seed: int | None) -> Grader:
        kept: dict[int | None, Grader] = self._of_thread.__dict__.setdefault("kept", {})
        if seed not in kept:
            while len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[seed] = Grader(pose(self._file, seed))
        return kept[seed]


def ungraded(answer: AnswerText, why: str) -> Marks:
    """Return the marks of an answer that was not graded."""
    problems = [f"{answer.file}: {why}"]
    return Marks(Path(answer.file).stem, answer.file, [], problems=problems, gradable=False)


def require_portable_exercise(file: ExerciseFile) -> None:
    """Raise UsageError if a policy of the exercise is in a file that workers do not have."""
    require_portable(file.file, file.source.whole.scheduler)
    for name in values_of(file.exercise.vary.get("scheduler.policy", [])):
        if str(name) not in POLICIES and our_name(str(name)) is None:
            raise UsageError(
                tr(
                    "--dask: {file} varies the policy, and {policy} is in a file of its own, "
                    "which the workers do not have; leave out --dask",
                    file=file.file,
                    policy=name,
                )
            )


_grading: AnswerGrading | None = None  # of a process of the pool


def _begin(batch: Batch) -> None:
    global _grading  # noqa: PLW0603  # a process of the pool has one exercise
    _grading = AnswerGrading(batch)


def _grade(answer: AnswerText) -> Marks:
    assert _grading is not None
    return _grading.make(answer)


def grade(
    file: ExerciseFile, paths: Sequence[Path], batch: Batch, jobs: int | None = None
) -> Iterator[Marks]:
    """Yield the marks of each answer file, in the order of `paths`. Raises UsageError."""
    many = jobs or os.cpu_count() or 1
    answers = map(answer_text, paths)
    if many == 1 or len(paths) <= FEW:
        yield from map(AnswerGrading(batch, file).make, answers)
        return
    context = multiprocessing.get_context("spawn" if os.name == "nt" else "fork")
    pool = ProcessPoolExecutor(min(many, len(paths)), context, _begin, (batch,))
    with pool:
        try:
            yield from pool.map(_grade, answers, chunksize=1)
        except BrokenProcessPool:
            raise MultiprogError(
                tr("a process that graded was killed; memory may have run out: try --jobs 1")
            ) from None


def grade_by(workers: Workers, paths: Sequence[Path]) -> Iterator[Marks]:
    """Yield the marks of each answer file, made by workers with an `AnswerGrading` each."""
    answers = map(answer_text, paths)
    return marks_by(workers, answers, lambda answer: ungraded(answer, tr("its graders died")))
