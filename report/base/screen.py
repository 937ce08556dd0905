"""The console: how wide it is, whether it has colours, and which characters it can show."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple, TextIO

from rich.cells import cell_len
from rich.console import Console

from translation import line_breaks

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


def wrap(line: str, width: int) -> list[str]:
    """Return `line` in pieces of at most `width` columns of rich's, see `line_breaks.wrap`."""
    return line_breaks.wrap(line, width, cell_len)
