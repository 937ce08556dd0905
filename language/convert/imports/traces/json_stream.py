"""A trace in Chrome's JSON, read piece by piece: it can be larger than the memory.

The text is an array of events, or an object with `traceEvents` and perhaps `systemTraceEvents`, a
text of ftrace's lines. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from language.convert.imports.source import Source
from translation import tr

EVENTS, SYSTEM = "traceEvents", "systemTraceEvents"
LARGEST = 1 << 20
"""Characters of one event, or of one line of the text."""
_PIECE = 1 << 16
_SPACE = re.compile(r"\s*")
_CHARS = re.compile(r'[^"\\]*')
_ESCAPES = {"n": "\n", "t": "\t", "r": "", '"': '"', "\\": "\\", "/": "/", "b": "", "f": ""}

Item = dict[str, Any] | str
"""An event, or a line of the text."""


class JsonStream:
    """Yields events and lines. Memory stays bounded."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._buffer, self._at, self._ended = "", 0, False
        self._line, self._column = 1, 1  # of the start of the buffer
        self._object = json.JSONDecoder()

    def fail(self, message: str) -> None:
        """Raise ScenarioError at the current place."""
        before = self._buffer[: self._at]
        newline = before.rfind("\n")
        column = self._column + self._at if newline < 0 else self._at - newline
        self._source.fail(self._line + before.count("\n"), column, message)

    def items(self) -> Iterator[Item]:
        """Yield the events and lines in their order. Raises ScenarioError where it is damaged."""
        if self._next() == "[":
            yield from self._array()
            return
        self._expect("{")
        while (first := self._next()) != "}":
            if first != '"':
                self.fail(tr('must be a key in quotes, like "traceEvents"'))
            key = self._value()
            self._expect(":")
            following = self._next()
            if key == EVENTS and following == "[":
                yield from self._array()
            elif key == SYSTEM and following == '"':
                yield from self._lines()
            else:
                self._skip()
            if self._next() == ",":
                self._at += 1
            elif self._next() != "}":
                self.fail(tr("must be a comma or }"))

    def _more(self) -> bool:
        """Read one piece more; what was passed is forgotten. Return whether there was any."""
        before = self._buffer[: self._at]
        newline = before.rfind("\n")
        self._column = self._column + self._at if newline < 0 else self._at - newline
        self._line += before.count("\n")
        with self._source.packing_told():
            raw = b"" if self._ended else self._source.stream.read(_PIECE)
        self._ended = not raw
        self._buffer = self._buffer[self._at :] + self._decode(raw, self._ended)
        self._at = 0
        return not self._ended

    def _next(self) -> str:
        """Return the next character that is no space; empty at the end."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            assert space is not None  # it matches nothing, too
            self._at = space.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _expect(self, sign: str) -> None:
        found = self._next()
        if found != sign:
            self.fail(
                tr("must be {sign}", sign=sign)
                if found
                else tr("must be {sign}: the text ends here", sign=sign)
            )
        self._at += 1

    def _array(self) -> Iterator[Item]:
        """Yield the objects of an array. Chrome may leave out the closing bracket."""
        self._at += 1
        while (first := self._next()) not in ("]", ""):
            if first == "{":
                yield self._value()
            else:
                self._skip()
            if self._next() == ",":
                self._at += 1
            elif self._next() not in ("]", ""):
                self.fail(tr("must be a comma or ]"))
        self._at += 1

    def _value(self) -> Any:
        """Return the value that begins here, which is no larger than LARGEST."""
        while True:
            try:
                value, end = self._object.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                too_large = len(self._buffer) - self._at > LARGEST
                if too_large or isinstance(error, RecursionError) or not self._more():
                    self.fail(
                        tr(
                            "the value that begins here is larger than {most:,} characters",
                            most=LARGEST,
                        )
                        if too_large
                        else tr("the value that begins here is damaged")
                    )
                continue
            if end == len(self._buffer) and self._more():
                continue  # a number may go on in the next piece
            self._at = end
            return value

    def _skip(self) -> None:
        """Pass a value of any size, whatever is in it."""
        depth = 0
        while True:
            sign = self._next()
            if not sign:
                self.fail(tr("the text ends within a value"))
            if sign == '"':
                for _ in self._lines():
                    pass
            elif sign in "{[":
                depth += 1
                self._at += 1
            elif sign in "}]":
                depth -= 1
                self._at += 1
            else:
                self._at += 1
            if depth <= 0 and self._next() in (",", "}", "]", ""):
                return

    def _lines(self) -> Iterator[str]:
        """Yield the lines of a text in quotes, without its escapes."""
        self._at += 1
        parts: list[str] = []
        length = 0
        while True:
            plain = _CHARS.match(self._buffer, self._at)
            assert plain is not None  # it matches nothing, too
            parts.append(plain.group())
            length += len(parts[-1])
            self._at = plain.end()
            if length > LARGEST:
                parts, length = [], 0  # no line of a trace; a text that is passed may be long
            if self._at + 6 > len(self._buffer) and self._more():
                continue
            sign = self._buffer[self._at : self._at + 1]
            if not sign:
                self.fail(tr("the text in quotes has no end"))
            self._at += 1
            if sign == '"':
                yield "".join(parts)
                return
            escape = self._buffer[self._at : self._at + 1]
            self._at += 5 if escape == "u" else 1
            if escape == "n":
                yield "".join(parts)
                parts, length = [], 0
            else:
                parts.append(_ESCAPES.get(escape, "?"))
