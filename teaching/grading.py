"""Grade one answer: partial credit, errors that are carried on, other conventions, a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from language.answers import AnswerFile, Written, read_answer
from teaching.answers import ORDER, Basis, Own, Value
from teaching.diagnosis import Candidates, Diagnosis, diagnose_all, diagnose_questions
from teaching.kinds.choices import ChoiceKind
from teaching.kinds.kind import WHOLE, Asked
from teaching.kinds.table import KINDS
from teaching.marks import EMPTY, PARTLY, RIGHT, UNREAD, WRONG, Marks, Part
from teaching.misconceptions.catalogue import BY_NAME
from teaching.outcome import Outcome
from teaching.posed import Posed
from teaching.wording import all_of, sentences
from translation import tr

TRUSTED = Fraction(1, 2)
"""An error is carried on only from a question that earned at least this share of its points.

Otherwise a chart of one stretch, and numbers that follow from it, would earn nearly all points.
"""


@dataclass(frozen=True)
class Graded:
    """An answer with all its values judged. `convention` is the accepted one that made it right."""

    values: Sequence[Value]
    diagnoses: Sequence[Diagnosis]
    convention: str = ""

    @property
    def is_right(self) -> bool:
        """Whether all that was filled in is right, perhaps by an accepted convention."""
        return all(value.is_right for value in self.values if value.filled)

    @property
    def diagnosed(self) -> list[str]:
        """The names of the misconceptions that explain the answer."""
        return [name for diagnosis in self.diagnoses for name in diagnosis.names]


class Grader:
    """Grades answers to one variant. What comes out under each misconception is computed once."""

    def __init__(self, posed: Posed) -> None:
        self.posed = posed
        self._candidates = Candidates(posed)

    def marks(self, answer: AnswerFile, who: str, *, reveal: bool = False) -> Marks:
        """Return the marks of an answer file. With `reveal` the feedback has the right values."""
        written = read_answer(answer, self.posed.variant.context)
        return self.judged(written, who, reveal=reveal)

    def judged(self, written: Written, who: str, *, reveal: bool = False) -> Marks:
        """Return the marks of an answer that has been read."""
        graded = self.grade(written)
        parts = [self._part(asked, graded, written, reveal) for asked in self.posed.asked]
        lines = [str(problem) for problem in written.problems]
        said = [diagnosis.sentence() for diagnosis in graded.diagnoses]
        if graded.convention:
            convention = tr(graded.convention)
            said.insert(
                0, tr("Counted by another convention: {convention}.", convention=convention)
            )
        return Marks(
            *(who, written.file, parts, sentences(*said), lines, self.posed.seed),
            gradable=not lines,
        )

    def grade(self, written: Written) -> Graded:
        """Return the judged values of an answer, by the convention that is best for it."""
        best = self._judged(written, self.posed.right, "")
        for name in self.posed.file.exercise.accept:
            outcome = self.posed.outcomes.get(name)
            if outcome is None:
                continue
            other = self._judged(written, outcome, BY_NAME[name].words)
            if _points(other.values) > _points(best.values):
                best = other
        return best

    def _judged(self, written: Written, outcome: Outcome, convention: str) -> Graded:
        values = [value for asked in self.posed.asked for value in _values(asked, written, outcome)]
        diagnoses = diagnose_all(self._candidates, values)
        known = {id(value) for diagnosis in diagnoses for value in diagnosis.values}
        self._carry(Own(written, self.posed), values, known)
        if not diagnoses:
            diagnoses = diagnose_questions(self._candidates, values)
        return Graded(values, diagnoses, convention)

    def _carry(self, own: Own, values: Sequence[Value], known: set[int]) -> None:
        """Note which wrong values follow from the student's own; `known`: they are diagnosed."""
        ranked = {kind: place for place, kind in enumerate(ORDER)}
        later = [value for value in values if value.asked.question.kind in ranked]
        later.sort(key=lambda value: ranked[value.asked.question.kind])
        for value in later:
            if not value.filled or value.is_right:
                continue
            for basis in own.following(value.asked, value.label):
                if self._follows(value, basis) and _trusted(basis, values, known):
                    value.carried = basis.kinds
                    break

    def _follows(self, value: Value, basis: Basis) -> bool:
        kind, asked = value.asked.kind, value.asked
        return kind.agreement(asked, basis.value, value.given, self.posed.right) == 1

    # -- words -------------------------------------------------------------------------------------

    def _part(self, asked: Asked, graded: Graded, written: Written, reveal: bool) -> Part:
        values = [value for value in graded.values if value.asked is asked]
        points = _earned(values) * asked.points
        name = f"{asked.number}. {asked.kind.title}"
        title = f"{asked.number}. {tr(asked.kind.title)}"
        kind = asked.question.kind
        if kind in written.unread:
            state, words = UNREAD, tr("it is not graded; see the place that is named")
        elif not any(value.filled for value in values):
            state, words = EMPTY, ""
        else:
            state = RIGHT if points == asked.points else PARTLY if points else WRONG
            words = self._feedback(asked, values)
        if reveal and state != RIGHT:
            words = "\n".join(filter(None, [words, self._right(asked)]))
        return Part(name, points, asked.points, words, state, title)

    def _feedback(self, asked: Asked, values: Sequence[Value]) -> str:
        lines = []
        wrong = [v for v in values if v.filled and not v.is_right and not v.carried]
        carried = [v for v in values if v.carried]
        empty = [v for v in values if not v.filled]
        if wrong and any(value.name for value in values):
            lines.append(tr("not right: {values}", values=_named(wrong)))
        if carried:
            lines.append(_carried_on(carried))
        if empty and any(value.name for value in empty):
            lines.append(tr("not filled in: {values}", values=_named(empty)))
        if isinstance(asked.kind, ChoiceKind):
            lines += [
                because
                for value in wrong
                if (because := asked.kind.because(asked, value.given)) is not None
            ]
        return "\n".join(lines)

    def _right(self, asked: Asked) -> str:
        truth = asked.kind.truth(asked, self.posed.right)
        times = self.posed.times
        shown = (
            asked.kind.shown(value, times)
            if label == WHOLE or (asked.question.kind == "gantt" and len(truth) == 1)
            else f"{label}: {asked.kind.shown(value, times)}"
            for label, value in truth.items()
        )
        return tr("right: {values}", values="; ".join(shown))


def _values(asked: Asked, written: Written, outcome: Outcome) -> list[Value]:
    """Return the values of one question, compared with those of `outcome`."""
    truth = asked.kind.truth(asked, outcome)
    given = asked.kind.given(asked, written.values)
    found = []
    for label in asked.labels:
        value = Value(asked, label)
        if label in given:
            value.given, value.filled = given[label], True
            if label in truth:
                value.agreement = asked.kind.agreement(asked, truth[label], given[label], outcome)
        found.append(value)
    return found


def _earned(values: Sequence[Value]) -> Fraction:
    """Return the share of a question's points that its values earn."""
    if not values:
        return Fraction(1)
    shares = (Fraction(1) if value.carried else value.agreement for value in values)
    return sum(shares, Fraction(0)) / len(values)


def _points(values: Sequence[Value]) -> Fraction:
    """Return the points of all values together."""
    by_question: dict[int, list[Value]] = {}
    for value in values:
        by_question.setdefault(value.asked.number, []).append(value)
    return sum((_earned(each) * each[0].asked.points for each in by_question.values()), Fraction(0))


def _trusted(basis: Basis, values: Sequence[Value], known: set[int]) -> bool:
    """Return whether errors may be carried on from these questions."""
    for kind in basis.kinds:
        mine = [value for value in values if value.asked.question.kind == kind]
        diagnosed = bool(mine) and all(value.is_right or id(value) in known for value in mine)
        if not diagnosed and _earned(mine) < TRUSTED:
            return False
    return True


def _carried_on(values: Sequence[Value]) -> str:
    """Return the feedback to values that follow from others of the student."""
    kinds = sorted(set().union(*(value.carried for value in values)))
    source = all_of([tr(KINDS[kind].title) for kind in kinds])
    names = _named(values)
    if not names:
        return tr("it: follows from your own {question}, and counts as right", question=source)
    return tr(
        "{values}: follows from your own {question}, and counts as right",
        values=names,
        question=source,
    )


def _named(values: Sequence[Value]) -> str:
    return ", ".join(value.name for value in values if value.name)
