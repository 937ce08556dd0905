"""Marks for a person: each answer with its questions, then the marks of all and what was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from statistics import median

from teaching.marks import Marks, number

MOST_COMMON = 5
"""Diagnoses that the summary names."""


def lines_of(marks: Marks) -> Iterator[str]:
    """Yield the lines of one answer."""
    state = "" if marks.gradable else ", not gradable as it is: only what can be read is counted"
    yield f"{marks.who}: {number(marks.points)} of {marks.most}{state}"
    yield from (f"  {problem}" for problem in marks.problems)
    width = max((len(part.name) for part in marks.parts), default=0)
    for part in marks.parts:
        points = f"{number(part.points)}/{part.most}"
        yield f"  {part.name.ljust(width)}  {points.rjust(7)}  {part.words}".rstrip()
        yield from (f"      {line}" for line in part.feedback.splitlines())
    if marks.diagnosis:
        yield f"  {marks.diagnosis}"
    for measure in marks.measures:
        yield f"  {measure.name}: {measure.value:g} {measure.unit}".rstrip()


def summary(all_marks: Sequence[Marks]) -> Iterator[str]:
    """Yield the lines over all answers; none for a single one."""
    if len(all_marks) < 2:
        return
    graded = [marks for marks in all_marks if marks.gradable]
    most = max((marks.most for marks in all_marks), default=0)
    yield f"{len(all_marks)} answers, {len(graded)} gradable"
    if graded:
        points = [marks.points for marks in graded]
        mean = sum(points, Fraction(0)) / len(points)
        yield f"mean {number(mean)} of {most}, median {number(Fraction(median(points)))}"
    said = Counter(marks.diagnosis for marks in all_marks if marks.diagnosis)
    if said:
        yield "most common:"
        yield from (f"  {count} x {text}" for text, count in said.most_common(MOST_COMMON))


def text_of(all_marks: Iterable[Marks]) -> str:
    """Return all answers and the summary."""
    kept = list(all_marks)
    blocks = ["\n".join(lines_of(marks)) for marks in kept]
    end = "\n".join(summary(kept))
    return "\n\n".join([*blocks, end] if end else blocks) + "\n"
