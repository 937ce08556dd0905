"""JSON as rt-app's authors write it, with the place of each value.

Beyond JSON there may be comments, commas before a closing bracket, the same key twice, and keys
without a value. So an object is a list of members, in order. (Python's `json` refuses all of that,
and tells no places.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from language.convert.imports.source import Source
from language.source.wording import shown
from translation import tr

DEEPEST = 40  # brackets within brackets
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_WORD = re.compile(r"[^\s,:{}\[\]\"]+")
_INT = re.compile(r"-?\d{1,18}")
_FLOAT = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE][-+]?\d{1,2})?")


class Member(NamedTuple):
    """A key of an object with its value."""

    key: str
    value: JsonNode


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value and its place. Objects are lists of members; a missing value is None."""

    value: str | int | float | bool | list[JsonNode] | tuple[Member, ...] | None
    line: int
    column: int

    def members(self) -> tuple[Member, ...]:
        """Return the members of an object; of another value, none."""
        return self.value if isinstance(self.value, tuple) else ()

    def get(self, key: str) -> JsonNode | None:
        """Return the last value of a key, as json-c does; None: it is not there."""
        return next((each.value for each in reversed(self.members()) if each.key == key), None)


def parse(source: Source, text: str) -> JsonNode:
    """Return the tree of a text. Raises ScenarioError with the place of the first mistake."""
    parser = _Parser(source, text)
    root = parser.value(0)
    if parser.peek():
        parser.fail(tr("there must be nothing behind the closing bracket"))
    return root


class _Parser:
    def __init__(self, source: Source, text: str) -> None:
        self._source, self._text, self._at = source, text, 0
        self._line, self._line_start = 1, 0
        self._counted = 0  # the line ends before this place are counted

    def fail(self, message: str) -> NoReturn:
        """Raise ScenarioError at the current place."""
        self._source.fail(*self._place(), message)

    def _place(self) -> tuple[int, int]:
        passed = self._text.count("\n", self._counted, self._at)
        if passed:
            self._line += passed
            self._line_start = self._text.rfind("\n", 0, self._at) + 1
        self._counted = self._at
        return self._line, self._at - self._line_start + 1

    def peek(self) -> str:
        """Return the next character that is no space or comment; empty at the end."""
        space = _SPACE.match(self._text, self._at)
        if space is not None:
            self._at = space.end()
        if self._text.startswith("/*", self._at):
            self.fail(tr("the comment that begins here has no end"))
        return self._text[self._at : self._at + 1]

    def value(self, depth: int) -> JsonNode:
        """Return the value that begins here."""
        first = self.peek()
        place = self._place()
        if depth > DEEPEST:
            self.fail(tr("is nested more than {most} levels deep", most=DEEPEST))
        if first == "{":
            return JsonNode(tuple(self._members(depth)), *place)
        if first == "[":
            return JsonNode(list(self._items(depth)), *place)
        if first == '"':
            return JsonNode(self._string(), *place)
        return JsonNode(self._word(), *place)

    def _members(self, depth: int) -> Iterator[Member]:
        self._at += 1
        while (first := self.peek()) != "}":
            if first != '"':
                self.fail(tr('must be a key in quotes, like "tasks", or }'))
            place = self._place()
            key = self._string()
            if self.peek() == ":":
                self._at += 1
                yield Member(key, self.value(depth + 1))
            else:
                yield Member(key, JsonNode(None, *place))
            self._comma("}")
        self._at += 1

    def _items(self, depth: int) -> Iterator[JsonNode]:
        self._at += 1
        while self.peek() != "]":
            yield self.value(depth + 1)
            self._comma("]")
        self._at += 1

    def _comma(self, closing: str) -> None:
        """Pass a comma, unless the closing bracket follows."""
        found = self.peek()
        if found == ",":
            self._at += 1
        elif found != closing:
            self.fail(tr("must be a comma or {bracket}", bracket=closing))

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            self.fail(tr("the text that begins here has no closing quote in its line"))
        try:
            text = json.loads(found.group(), strict=False)
        except ValueError:
            self.fail(tr("has a backslash that means nothing"))
        self._at = found.end()
        assert isinstance(text, str)
        return text

    def _word(self) -> int | float | bool | None:
        found = _WORD.match(self._text, self._at)
        word = found.group() if found else ""
        words = {"true": True, "false": False, "null": None}
        if word.lower() in words:
            value: int | float | bool | None = words[word.lower()]
        elif _INT.fullmatch(word):
            value = int(word)
        elif _FLOAT.fullmatch(word):
            value = float(word)
        else:
            self.fail(
                tr("must be a value of JSON (got {value})", value=shown(word))
                if word
                else tr("must be a value of JSON (got nothing)")
            )
        self._at += len(word)
        return value
