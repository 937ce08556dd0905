"""What a kind of question is: its words, its true answer, and how far another answer agrees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from language.schema.exercise import ALL, Question
from teaching.outcome import Outcome
from teaching.times import Times
from timeline.record.run import Run

WHOLE = ""
"""The label of an answer that has no parts."""
RIGHT = Fraction(1)
WRONG = Fraction(0)


@dataclass(frozen=True)
class Asked:
    """A question as it stands on a sheet: its number from 1, and what is particular to a variant.

    `alternatives` are the alternatives of a choice in the order of this sheet, by their places in
    the exercise file. `labels` are the parts of the answer, in order.
    """

    number: int
    question: Question
    kind: Kind
    labels: tuple[str, ...] = ()
    alternatives: tuple[int, ...] = field(default=())

    @property
    def points(self) -> int:
        """The points of the whole question."""
        return self.question.points


class Kind(ABC):
    """One kind of question. An answer has a value for each *label*: a process, a core, a mean."""

    key: ClassVar[str]
    title: ClassVar[str]
    """What is asked, in a few words, like `waiting time`. `tr` of it is shown."""

    @abstractmethod
    def words(self, asked: Asked, times: Times) -> str:
        """Return the question in words."""

    @abstractmethod
    def labels(self, question: Question, run: Run) -> list[str]:
        """Return the labels of the parts of the answer."""

    @abstractmethod
    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        """Return the value of each label."""

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that an answer file has for this question, by label."""
        found = values.get(self.key, {})
        return {label: found[label] for label in asked.labels if label in found}

    def agreement(self, asked: Asked, right: Any, given: Any, outcome: Outcome) -> Fraction:
        """Return how far a value agrees with the right one: 0 to 1."""
        return Fraction(right == given)

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        """Return the values as they stand in an answer file under the key of the kind.

        A value None becomes a place to fill in.
        """
        return {label: self.written(value, times) for label, value in values.items()}

    def written(self, value: Any, times: Times) -> Any:
        """Return one value as an answer file has it; None stays None."""
        return None if value is None else times.written(value)

    def shown(self, value: Any, times: Times) -> str:
        """Return one value as text for a person."""
        return str(self.written(value, times))

    def how(self, times: Times) -> str:
        """Return an example of how the answer is written, for the template."""
        return f"{self.key}: {{A: {times.written(20 * times.unit)}}}"


def chosen(asked: Sequence[str], run: Run) -> list[str]:
    """Return the processes that a question names; `all` stands for all of the run."""
    return run.process_names if list(asked) == [ALL] else list(asked)


def overlap(right: Sequence[Any], given: Sequence[Any]) -> Fraction:
    """Return the share of the longer list that stands in both lists in the same order."""
    if not right and not given:
        return RIGHT
    row = [0] * (len(given) + 1)
    for mine in right:
        before = 0
        for at, theirs in enumerate(given, 1):
            before, row[at] = row[at], before + 1 if mine == theirs else max(row[at], row[at - 1])
    return Fraction(row[-1], max(len(right), len(given)))
