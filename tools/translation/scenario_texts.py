"""The texts of scenario files that a student reads, as texts to translate.

They are the title, topic, level and advice, and in an exercise the task, the questions with their
alternatives, and what is said to a student who chooses one. What a program prints, the names of
processes and the keys of the language stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from language.source.limits import LIMITS
from language.source.tree import Node, parse
from translation.paragraphs import paragraphs

HEAD = ("title", "topic", "level", "about")


class Found(NamedTuple):
    """One paragraph, and the line of its key in the file."""

    text: str
    line: int


def texts_in(file: Path) -> Iterator[Found]:
    """Yield each paragraph of the texts of a scenario file, in the order of reading.

    Raises ScenarioError for a file that is no YAML.
    """
    root, _ = parse(str(file), file.read_text(encoding="utf-8"), LIMITS)
    for node in _texts(root) if root is not None else ():
        for paragraph in paragraphs(str(node.value)):
            yield Found(paragraph, node.line or 1)


def _texts(root: Node) -> Iterator[Node]:
    yield from _of(root, *HEAD)
    exercise = root.child("exercise")
    if exercise is None:
        return
    yield from _of(exercise, "task")
    for question in _entries(exercise, "ask"):
        yield from _of(question, "text")
        choice = question.child("choice")
        if choice is not None:
            yield from _of(choice, "text")
            for alternative in _entries(choice, "of"):
                yield from _of(alternative, "text", "because")


def _of(node: Node, *keys: str) -> Iterator[Node]:
    children = (node.child(key) for key in keys)
    return (child for child in children if child is not None)


def _entries(node: Node, key: str) -> list[Node]:
    entries = node.child(key)
    return entries.value if entries is not None and isinstance(entries.value, list) else []
