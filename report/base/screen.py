"""The console: how wide it is, whether it has colours, and which characters it can show."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple, TextIO
from unicodedata import category

from rich.cells import cell_len
from rich.console import Console

PIPED_WIDTH = 80  # columns, if `COLUMNS` is not set and the stream is no terminal
NARROWEST = 32  # columns; a narrower terminal wraps the lines itself
WIDEST = 1000  # columns; a larger `COLUMNS` is a mistake, and such a chart would need much memory


class Glyphs(NamedTuple):
    """The characters of the charts. There are two sets: UNICODE, and ASCII for old terminals."""

    idle: str
    overhead: str
    running: str
    briefly: str
    ready: str
    blocked: str
    new: str
    suspended: str
    zombie: str
    missed: str
    edge: str
    floor: str
    tick: str
    corner: str
    end: str
    separator: str
    ellipsis: str
    yes: str
    no: str


UNICODE = Glyphs(
    "·", "/", "█", "▌", "░", "─", "m", "s", "z", "!", "│", "─", "┴", "└", "┘", "·", "…", "✓", "✗"
)
ASCII = Glyphs(
    ".", "/", "#", "+", ":", "-", "m", "s", "z", "!", "|", "-", "+", "+", "+", "|", "~", "ok", "NO"
)


def glyphs(console: Console) -> Glyphs:
    """Return the characters that `console` can encode: UNICODE or ASCII."""
    return ASCII if console.options.ascii_only else UNICODE


def console(stdout: bool = True) -> Console:
    """Return the console on stdout or stderr, as wide as the terminal; 80 columns in a pipe.

    Without colour (`NO_COLOR`, a pipe, a dumb terminal) the console writes no escape codes at all.
    A character that the stream's encoding lacks becomes a question mark; it is never an error.
    """
    stream = sys.stdout if stdout else sys.stderr
    _forgive_encoding(stream)
    colourless = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    return Console(
        file=stream,
        width=_width(stream),
        markup=False,
        emoji=False,
        highlight=False,
        **colourless,  # type: ignore[arg-type]
    )


def _forgive_encoding(stream: TextIO) -> None:
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    if not encoding.startswith("utf") and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


def _width(stream: TextIO) -> int:
    """Return the width in columns: `COLUMNS` if it is set, else the terminal's width, else 80."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return min(max(NARROWEST, int(wanted[:9])), WIDEST)
    try:
        return min(max(NARROWEST, os.get_terminal_size(stream.fileno()).columns), WIDEST)
    except (OSError, ValueError, AttributeError):
        return PIPED_WIDTH


def clean(text: object) -> str:
    """Return `text` with a space for each control character; line breaks are kept.

    Otherwise a scenario's title could move the cursor.
    """
    return "".join(c if c.isprintable() or c == "\n" else " " for c in str(text))


_GAP = re.compile(r"\s+(?!(?:%|[mnuµ]?s)(?:\W|$))")
"""Where a line may be broken: at spaces, but not between a number and its unit."""


def wrap(line: str, width: int) -> list[str]:
    """Return `line` in pieces of at most `width` columns, broken between words, see `_parts`.

    Each piece has the indent of the line. A line that fits keeps all its spaces between words.
    """
    if cell_len(line) <= width:
        return [line.rstrip()]
    indent = line[: len(line) - len(line.lstrip())][: width // 2]
    lines, current = [], indent
    for gap, part in _parts(line.strip()):
        glue = "" if current == indent else gap
        if current != indent and cell_len(current) + len(glue) + cell_len(part) > width:
            lines.append(current)
            current, glue = indent, ""
        *full, rest = _pieces(part, width - cell_len(indent))
        lines += [indent + piece for piece in full]
        current += glue + rest
    return [*lines, current.rstrip()]


_CLOSING = {"Pd", "Pe", "Pf", "Po"}
_OPENING = {"Ps", "Pi"}
"""Unicode's categories of punctuation that closes, separates or opens a piece of text."""


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
        wide = cell_len(before) == 2 or cell_len(after) == 2
        if wide and category(after) not in _CLOSING and category(before) not in _OPENING:
            yield word[begin:at]
            begin = at
    yield word[begin:]


def _pieces(word: str, width: int) -> list[str]:
    """Return a word in pieces of at most `width` columns.

    A word may be very long, so each of its characters is looked at once.
    """
    if cell_len(word) <= width:
        return [word]
    pieces, begin, used = [], 0, 0
    for at, character in enumerate(word):
        wide = cell_len(character)
        if used + wide > width and at > begin:
            pieces.append(word[begin:at])
            begin, used = at, 0
        used += wide
    return [*pieces, word[begin:]]
