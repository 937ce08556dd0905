"""The model of an answer file: what a student hands in, written as `expect` is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.exercise import PolicyName
from language.schema.expectations import Expect
from language.schema.quantities import Positive, Read, Text, whole
from language.schema.scenario import MOST_SEED
from language.source.wording import got
from translation import mark, tr


class PolicyAnswer(Model):
    """The policy that has made a chart."""

    name: PolicyName | None = None
    quantum: Positive | None = None


def _number(value: Any, _context: CheckContext) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise ValueError(got(tr("the number of a question"), value))
    return int(text)


def _letter(value: Any, _context: CheckContext) -> str:
    text = str(value).strip().lower().rstrip(").")
    if len(text) != 1 or not "a" <= text <= "z":
        raise ValueError(got(tr("the letter of an alternative, like b"), value))
    return text


class Answer(Expect):
    """An answer file. Keys of `expect` that are not asked for are read and not counted."""

    exercise: Text | None = Field(
        default=None, description=mark("The exercise's name, for the reader; it is not checked.")
    )
    student: Annotated[str | None, Read(lambda value, _: str(value), {})] = None
    seed: Annotated[int | None, whole(0, MOST_SEED)] = None
    policy: PolicyAnswer | None = None
    choice: dict[
        Annotated[int, Read(_number, {"type": "string"})],
        Annotated[str, Read(_letter, {"type": "string"})],
    ] = Field(default={}, description=mark("The chosen letter, by the number of the question."))


HEAD = ("exercise", "student", "seed")
"""Keys of an answer file that are no answers."""
