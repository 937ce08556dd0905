"""Grade many answers: each with the variant of its student, on all cores."""

from __future__ import annotations

import csv
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from kernel.errors import MultiprogError, UsageError
from language.answers import AnswerFile, parse_answer
from language.exercises import ExerciseFile, seed_of
from teaching.grading import Grader
from teaching.marks import Marks
from teaching.variants import pose

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
                raise UsageError("is not in the list of --seed-from")
            return student, self.seed if self.seed is not None else seed_of(student)
        student = stem if self.how == NAME else answer.head("student") or stem
        if self.seed is not None:
            return student, self.seed
        written = answer.head("seed") if self.how == STUDENT else None
        if written is not None and written.isascii() and written.isdigit() and len(written) < 19:
            return student, int(written)
        return student, seed_of(student)


def listed_students(path: Path) -> dict[str, str]:
    """Return the student of each answer's name, from a CSV with the columns file and student.

    Raises UsageError. A byte order mark, and semicolons in place of commas, are allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--seed-from {path}: cannot be read: {error}") from None
    lines = text.splitlines()
    divider = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    rows = list(csv.DictReader(lines, delimiter=divider))
    named = [name.strip().lower() for name in (rows[0] if rows else {})]
    if not rows or not {"file", "student"} <= set(named):
        raise UsageError(f"--seed-from {path}: must have the columns file and student")
    found = {}
    for number, row in enumerate(rows, 2):
        cells = {str(key).strip().lower(): (value or "").strip() for key, value in row.items()}
        if not cells["file"] or not cells["student"]:
            raise UsageError(f"--seed-from {path}:{number}: has no file or no student")
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
            raise UsageError(f"{path}: no such file or folder")
    if not found:
        raise UsageError(f"{', '.join(map(str, paths))}: has no answer file (*.yaml)")
    return list(dict.fromkeys(found))


class _Graders:
    """The graders of the variants that came last, by seed."""

    def __init__(self, file: ExerciseFile, seeds: Seeds, reveal: bool) -> None:
        self.file, self.seeds, self.reveal = file, seeds, reveal
        self._kept: dict[int | None, Grader] = {}

    def marks(self, path: Path) -> Marks:
        """Return the marks of one answer file."""
        answer = parse_answer(path)
        try:
            who, seed = self.seeds.of(answer)
        except UsageError as error:
            return Marks(path.stem, str(path), [], problems=[f"{path}: {error}"], gradable=False)
        return self._of(seed if self.file.varies else None).marks(answer, who, reveal=self.reveal)

    def _of(self, seed: int | None) -> Grader:
        if seed not in self._kept:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[seed] = Grader(pose(self.file, seed))
        return self._kept[seed]


_graders: _Graders | None = None  # of a process of the pool


def _begin(file: ExerciseFile, seeds: Seeds, reveal: bool) -> None:
    global _graders  # noqa: PLW0603  # a process of the pool has one exercise
    _graders = _Graders(file, seeds, reveal)


def _grade(path: Path) -> Marks:
    assert _graders is not None
    return _graders.marks(path)


def grade(
    file: ExerciseFile,
    paths: Sequence[Path],
    seeds: Seeds,
    *,
    reveal: bool = False,
    jobs: int | None = None,
) -> Iterator[Marks]:
    """Yield the marks of each answer file, in the order of `paths`. Raises UsageError."""
    many = jobs or os.cpu_count() or 1
    if many == 1 or len(paths) <= FEW:
        graders = _Graders(file, seeds, reveal)
        yield from map(graders.marks, paths)
        return
    context = multiprocessing.get_context("spawn" if os.name == "nt" else "fork")
    pool = ProcessPoolExecutor(min(many, len(paths)), context, _begin, (file, seeds, reveal))
    with pool:
        try:
            yield from pool.map(_grade, paths, chunksize=1)
        except BrokenProcessPool:
            raise MultiprogError(
                "a process that graded was killed; memory may have run out: try --jobs 1"
            ) from None
