"""Ask the questions of a sheet one after the other, on a terminal or through a pipe.

What is typed is read exactly as an answer file is: each question becomes a piece of such a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from kernel.errors import UsageError
from language.answers import AnswerFile, Written, read_answer
from language.exercises import node_of
from language.source.scalars import resolve
from language.source.tree import Node
from teaching.kinds.kind import Asked
from teaching.posed import Posed
from translation import line_breaks, tr

Ask = Callable[[str], str | None]
"""A function that shows a prompt and returns the line that was typed; None: there are no more."""
Say = Callable[[str], None]

NONE = ("none", "[]", "-", "无")
"""Words for an empty list."""
INDENT = "   "  # of what is asked
WIDTH = 80  # columns of a message
MOST_TRIES = 20
"""Tries at a line that cannot be read; then the question is left empty."""
_DIVIDER = re.compile("[,;，；、]")  # noqa: RUF001 - as Chinese keyboards write them
_NAMED = re.compile(r"([a-z_]+)\s*:\s*(.*)")
STATES = ("alive", "zombie", "gone")
"""What the system says of a child process that another process looks at."""
NOT_STARTED = "not started"
_STATE_WORDS = {"活着": "alive", "僵尸": "zombie", "僵尸进程": "zombie", "已消失": "gone"}
LISTS = ("order", "dispatched", "waits", "deadlock")


class Asking:
    """Asks the questions of a variant. `values` has what was answered, as an answer file has it."""

    def __init__(self, posed: Posed, ask: Ask, say: Say) -> None:
        self._posed, self._ask, self._say = posed, ask, say
        self.values: dict[str, Any] = {}
        self.ended = False

    def written(self) -> Written:
        """Return what was answered."""
        root = node_of(self.values, Node(None))
        return read_answer(AnswerFile(tr("the answer"), root), self._posed.variant.context)

    def question(self, asked: Asked) -> None:
        """Ask one question. An answer that cannot be read is reported, and asked again."""
        key = asked.question.kind
        for prompt, wrap in _fields(asked):
            if self.ended:
                return
            value = self._field(prompt, key, wrap, lines=key == "prints")
            if value is not None:
                self.values[key] = _merged(self.values.get(key), value)

    def _field(
        self, prompt: str, key: str, wrap: Callable[[str], Any], *, lines: bool
    ) -> Any | None:
        """Return the value of one field as an answer file has it; None: left empty."""
        for _ in range(MOST_TRIES):
            text = self._lines(prompt) if lines else self._ask(prompt)
            if text is None:
                self.ended = True
                return None
            if not text.strip():
                return None
            try:
                value = wrap(text)
                problems = self._problems(key, value)
            except UsageError as error:
                problems = [str(error)]
            if not problems:
                return value
            for problem in problems:
                again = tr("{problem}; enter it again:", problem=problem)
                self._say("\n".join(line_breaks.wrap(INDENT + again, WIDTH)))
        return None

    def _lines(self, prompt: str) -> str | None:
        """Return several lines, up to an empty one."""
        kept: list[str] = []
        while True:
            line = self._ask(prompt if not kept else INDENT)
            if line is None or not line.strip():
                return "\n".join(kept) if kept or line is not None else None
            kept.append(line)

    def _problems(self, key: str, value: Any) -> list[str]:
        root = node_of({key: value}, Node(None))
        found = read_answer(AnswerFile("", root), self._posed.variant.context)
        return [problem.message for problem in found.problems]


def _fields(asked: Asked) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Yield the prompts of a question, each with how the typed text stands in an answer file."""
    key = asked.question.kind
    if key == "gantt":
        for core in asked.labels:
            one = tr("the core (like A 0-2, B 2-5): ")
            several = tr("core {core} (like A 0-2, B 2-5): ", core=core)
            yield INDENT + (several if len(asked.labels) > 1 else one), _under(core, _items)
    elif key in LISTS:
        yield INDENT + tr("names, with commas (none: -): "), _items
    elif key == "prints":
        prompt = tr("line by line, then an empty one: ")
        yield INDENT + prompt, lambda text: text.split("\n")
    elif key == "makespan":
        yield INDENT, resolve_text
    elif key == "choice":
        yield (
            INDENT + tr("the letter: "),
            _under(str(asked.number), lambda text: resolve_text(normalize("NFKC", text))),
        )
    elif key == "observed":
        yield from _observations(asked)
    else:
        for label in asked.labels:
            yield f"{INDENT}{label}: ", _under(label, resolve_text)


def _observations(asked: Asked) -> Iterator[tuple[str, Callable[[str], Any]]]:
    for each in asked.question.asked:
        head = {"process": each.process, "name": each.name}

        def of(text: str, head: Mapping[str, str] = head, keys: Any = each.keys) -> Any:
            value = _by_key(text, keys) if keys else resolve_text(text)
            return [{**head, "value": value}]

        yield f"{INDENT}{each.process}: {each.name}{_asked_keys(each.keys)}: ", of


def _asked_keys(keys: Sequence[str] | None) -> str:
    if not keys:
        return ""
    shown = [f"{key}: {' / '.join(STATES)}" if key == "state" else key for key in keys]
    return f" ({', '.join(shown)})"


def _by_key(text: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return the values by key. Raises UsageError.

    They are typed in the order of the keys, or with their keys, as `is_alive: False`.
    """
    parts = [part.strip() for part in _DIVIDER.split(normalize("NFKC", text))]
    named = [_NAMED.fullmatch(part) for part in parts]
    if len(parts) != len(keys) or (any(named) and not all(named)):
        raise UsageError(
            tr("enter one value for each key, with commas: {keys}", keys=", ".join(keys))
        )
    found = {each[1]: each[2] for each in named if each} or dict(zip(keys, parts, strict=True))
    if set(found) != set(keys):
        raise UsageError(tr("the keys are {keys}", keys=", ".join(keys)))
    return {key: _value(key, found[key]) for key in keys}


def _value(key: str, text: str) -> Any:
    """Return one observed value. Raises UsageError for a state that there is not."""
    if key != "state" or not text:
        return resolve_text(text)
    state = _STATE_WORDS.get(text, text.lower())
    if state not in (*STATES, NOT_STARTED):
        raise UsageError(tr("state is one of {states}", states=", ".join(STATES)))
    return state


def resolve_text(text: str) -> Any:
    """Return a typed text as a value, as YAML reads it."""
    return resolve(text.strip())


def _items(text: str) -> list[str]:
    if text.strip().lower() in NONE:
        return []
    return [part.strip() for part in _DIVIDER.split(text) if part.strip()]


def _under(key: str, wrap: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: {key: wrap(text)}


def _merged(before: Any, value: Any) -> Any:
    if isinstance(before, dict) and isinstance(value, dict):
        return {**before, **value}
    if isinstance(before, list) and isinstance(value, list):
        return [*before, *value]
    return value
