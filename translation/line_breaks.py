"""Where a line of a text may be broken: between words, and between characters of two columns.

It loads nothing but the standard library, so that the help of a command is there at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from unicodedata import category, east_asian_width

_GAP = re.compile(r"\s+(?!(?:%|[mnuµ]?s)(?:\W|$))")
"""Where a line may be broken: at spaces, but not between a number and its unit."""
_CLOSING = {"Pd", "Pe", "Pf", "Po"}
_OPENING = {"Ps", "Pi"}
"""Unicode's categories of punctuation that closes, separates or opens a piece of text."""


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: two for each wide character."""
    return len(text) if text.isascii() else len(text) + sum(map(_is_wide, text))


def wrap(line: str, width: int, columns: Callable[[str], int] = columns) -> list[str]:
    """Return `line` in pieces of at most `width` columns, broken between words, see `_parts`.

    Each piece has the indent of the line. A line that fits keeps all its spaces between words.
    `columns` returns how many columns a text takes.
    """
    if columns(line) <= width:
        return [line.rstrip()]
    indent = line[: len(line) - len(line.lstrip())][: width // 2]
    lines, current = [], indent
    for gap, part in _parts(line.strip()):
        glue = "" if current == indent else gap
        if current != indent and columns(current) + len(glue) + columns(part) > width:
            lines.append(current)
            current, glue = indent, ""
        *full, rest = _pieces(part, width - columns(indent), columns)
        lines += [indent + piece for piece in full]
        current += glue + rest
    return [*lines, current.rstrip()]


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text between which a line may be broken, each with the gap before it.

    They are its words, and within a word the characters that are two columns wide, as Chinese ones
    are, each with the closing punctuation behind it and the opening punctuation before it.
    """
    for number, word in enumerate(_GAP.split(text)):
        gap = " " if number else ""
        for part in _unbroken(word):
            yield gap, part
            gap = ""


def _unbroken(word: str) -> Iterator[str]:
    if word.isascii():
        yield word
        return
    begin = 0
    for at in range(1, len(word)):
        before, after = word[at - 1], word[at]
        wide = _is_wide(before) or _is_wide(after)
        if wide and category(after) not in _CLOSING and category(before) not in _OPENING:
            yield word[begin:at]
            begin = at
    yield word[begin:]


def _pieces(word: str, width: int, columns: Callable[[str], int]) -> list[str]:
    """Return a word in pieces of at most `width` columns.

    A word may be very long, so each of its characters is looked at once.
    """
    if columns(word) <= width:
        return [word]
    pieces, begin, used = [], 0, 0
    for at, character in enumerate(word):
        wide = columns(character)
        if used + wide > width and at > begin:
            pieces.append(word[begin:at])
            begin, used = at, 0
        used += wide
    return [*pieces, word[begin:]]
