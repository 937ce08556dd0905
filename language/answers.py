"""Read an answer file: what was filled in, what is empty, and what cannot be read, with its place.

Nothing in an answer file ends the command: whatever a student writes becomes a problem with line
and column, and what can be read is still read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kernel.units import DURATION
from language.schema import messages
from language.schema.answers import HEAD, Answer, PolicyAnswer
from language.schema.context import CheckContext
from language.schema.expectations import Means
from language.schema.known_keys import Models
from language.source.errors import Problem, ScenarioError
from language.source.full_width import with_hints
from language.source.limits import LIMITS
from language.source.reading import read
from language.source.tree import Node, parse
from language.source.wording import got
from translation import mark, tr

TIME = mark("a time like 18, or with a unit like 18ms")
_LARGEST = 200_000  # bytes of an answer file
_MODELS: Models = {"": Answer, "mean": Means, "policy": PolicyAnswer}
_LIMITS = {**LIMITS, "nesting": 20}


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as it was read. `values` has only what was filled in, times in ns."""

    file: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def get(self, kind: str) -> Any:
        """Return what was filled in for a kind of question; None: nothing."""
        return self.values.get(kind)

    @property
    def unread(self) -> frozenset[str]:
        """The kinds of questions whose answers could not be read."""
        return frozenset(problem.path.partition(".")[0] for problem in self.problems)


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The text of an answer file, as it was read. `problems` say why it cannot be read."""

    file: str
    text: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A parsed answer file, before it is known to which variant it belongs."""

    file: str
    root: Node | None
    problems: tuple[Problem, ...] = ()
    text: str = ""

    def head(self, key: str) -> str | None:
        """Return `student` or `seed` as it is written, if it is."""
        node = self.root.child(key) if self.root is not None else None
        if node is None or node.value is None or isinstance(node.value, dict | list):
            return None
        return str(node.value)


def answer_text(path: Path) -> AnswerText:
    """Return the text of an answer file. If it cannot be read, its problems say why."""
    try:
        return AnswerText(str(path), read(path, _LARGEST))
    except ScenarioError as error:
        return AnswerText(str(path), "", error.problems)


def parse_answer(path: Path) -> AnswerFile:
    """Return the tree of an answer file. What cannot be parsed is among its problems."""
    return parse_text(answer_text(path))


def parse_text(answer: AnswerText) -> AnswerFile:
    """Return the tree of an answer. What cannot be parsed is among its problems."""
    file = answer.file
    if answer.problems:
        return AnswerFile(file, None, answer.problems)
    try:
        root, problems = parse(file, answer.text.removeprefix("\ufeff"), _LIMITS)
    except ScenarioError as error:
        return AnswerFile(file, None, error.problems)
    if root is None or root.value is None:
        empty = Problem(file, None, None, "", tr("is empty; --template writes what to fill in"))
        return AnswerFile(file, None, (empty, *problems))
    if not isinstance(root.value, dict):
        wrong = root.problem(file, (), got(tr("a mapping like completion: {A: 20}"), root.value))
        return AnswerFile(file, None, with_hints(answer.text, (wrong, *problems)))
    return AnswerFile(file, root, tuple(problems), answer.text)


def read_answer(answer: AnswerFile, context: CheckContext) -> Written:
    """Return the values of an answer to a variant, whose names and unit `context` has."""
    if answer.root is None:
        return Written(answer.file, {}, answer.problems)
    root, problems = _filled(answer.root), list(answer.problems)
    for _ in range(3):  # a value that cannot be read is taken out, with its question
        try:
            read_in = Answer.model_validate(root.plain(), context=context)
        except ValidationError as error:
            found = messages.problems(answer.file, root, error, models=_MODELS)
            problems += map(_for_students, found)
            root = _without(root, {problem.path.partition(".")[0] for problem in found})
            continue
        values = read_in.model_dump(exclude_defaults=True, exclude=set(HEAD))
        if "observed" in values:
            values["observed"] = [(o.process, o.name, o.value) for o in read_in.observed]
        values.update({key: [] for key in _empty_lists(root)})
        return Written(answer.file, values, with_hints(answer.text, problems))
    return Written(answer.file, {}, with_hints(answer.text, problems))


def _for_students(problem: Problem) -> Problem:
    """Return the problem with a time as a student writes it: mostly a number without a unit."""
    message = problem.message.replace(tr(DURATION), tr(TIME))
    return replace(problem, message=message)


def _filled(node: Node) -> Node:
    """Return the mapping without the keys and items that have no value, at any depth."""
    if isinstance(node.value, dict):
        kept = {key: _filled(child) for key, child in node.value.items() if not _is_empty(child)}
        return replace(node, value=kept)
    if isinstance(node.value, list):
        return replace(node, value=[_filled(child) for child in node.value if not _is_empty(child)])
    return node


def _is_empty(node: Node) -> bool:
    """Return whether nothing is filled in. An empty list is an answer: none."""
    if isinstance(node.value, dict):
        seen = node.child("value") if node.child("process") is not None else None
        if seen is not None:  # an observation of the template: only its value is filled in
            return _is_empty(seen)
        return all(_is_empty(child) for child in node.value.values())
    if isinstance(node.value, list):
        return bool(node.value) and all(_is_empty(child) for child in node.value)
    return node.value is None or node.value == ""


def _without(root: Node, keys: set[str]) -> Node:
    assert isinstance(root.value, dict)
    return replace(root, value={k: child for k, child in root.value.items() if k not in keys})


def _empty_lists(root: Node) -> Iterator[str]:
    """Yield the keys whose answer is the empty list, which is a default of the model."""
    assert isinstance(root.value, dict)
    for key, child in root.value.items():
        if child.value == [] and key in Answer.model_fields:
            yield key
