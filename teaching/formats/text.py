"""Marks for a person: each answer with its questions, then the marks of all and what was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from statistics import median

from rich.cells import cell_len, set_cell_size

from report.base.screen import wrap
from teaching.marks import Marks, number
from translation import tr

WIDTH = 80  # columns of the text, also in a file
FURTHER = 2  # columns by which a line that goes on stands further in
MOST_COMMON = 5
"""Diagnoses that the summary names."""


def lines_of(marks: Marks) -> Iterator[str]:
    """Yield the lines of one answer."""
    earned = {"student": marks.who, "points": number(marks.points), "most": marks.most}
    if marks.gradable:
        yield tr("{student}: {points} of {most}", **earned)
    else:
        yield tr(
            "{student}: {points} of {most}, not gradable as it is: only what can be read is "
            "counted",
            **earned,
        )
    yield from (f"  {problem}" for problem in marks.problems)
    if marks.contradiction:
        yield from _wrapped(marks.contradiction, 2)
    width = max((cell_len(part.title) for part in marks.parts), default=0)
    for part in marks.parts:
        points = f"{number(part.points)}/{part.most}"
        title = set_cell_size(part.title, width)
        yield f"  {title}  {points.rjust(7)}  {tr(part.words)}".rstrip()
        for line in part.feedback.splitlines():
            yield from _wrapped(line, 6)
    if marks.diagnosis:
        yield from _wrapped(marks.diagnosis, 2)
    for measure in marks.measures:
        yield f"  {measure.title}: {measure.value:g} {measure.unit}".rstrip()


def summary(all_marks: Sequence[Marks]) -> Iterator[str]:
    """Yield the lines over all answers; none for a single one."""
    if len(all_marks) < 2:
        return
    graded = [marks for marks in all_marks if marks.gradable]
    most = max((marks.most for marks in all_marks), default=0)
    yield tr("{answers} answers, {graded} gradable", answers=len(all_marks), graded=len(graded))
    if graded:
        points = [marks.points for marks in graded]
        mean = sum(points, Fraction(0)) / len(points)
        yield tr(
            "mean {mean} of {most}, median {median}",
            mean=number(mean),
            most=most,
            median=number(Fraction(median(points))),
        )
    said = Counter(marks.diagnosis for marks in all_marks if marks.diagnosis)
    if said:
        yield tr("most common:")
        for text, count in said.most_common(MOST_COMMON):
            yield from _wrapped(tr("{number} x {diagnosis}", number=count, diagnosis=text), 2)


def _wrapped(text: str, indent: int) -> Iterator[str]:
    """Yield a text behind so many spaces, in lines of WIDTH columns; later lines stand further in.

    A line that fits stays as it is, because it may be of a picture. Problems are not wrapped: a
    place in a file, and what is wrong there, stay on one line.
    """
    if cell_len(text) <= WIDTH - indent:
        yield (" " * indent + text).rstrip()
        return
    first, *others = wrap(text, WIDTH - indent - FURTHER)
    yield (" " * indent + first).rstrip()
    yield from (" " * (indent + FURTHER) + line for line in others)


def text_of(all_marks: Iterable[Marks]) -> str:
    """Return all answers and the summary."""
    kept = list(all_marks)
    blocks = ["\n".join(lines_of(marks)) for marks in kept]
    end = "\n".join(summary(kept))
    return "\n\n".join([*blocks, end] if end else blocks) + "\n"
