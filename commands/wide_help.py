"""The help of a command in a language whose characters may be two columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import east_asian_width

import click

CLOSING = frozenset("，。：；、！？）》」”’…")  # noqa: RUF001 - the marks of Chinese
"""What no line begins with."""
OPENING = frozenset("（《「“‘")  # noqa: RUF001
"""What no line ends with."""
COLON = "："  # noqa: RUF001


class WideFormatter(click.HelpFormatter):
    """A formatter of click's that counts columns, and breaks lines between wide characters."""

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section, with the colon of its characters."""
        colon = COLON if width(heading[-1:]) > 1 else ":"
        self.write(f"{'':>{self.current_indent}}{heading}{colon}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs, indented."""
        indent = " " * self.current_indent
        paragraphs = [
            "\n".join(indent + line for line in wrapped(each, self.width - len(indent)))
            for each in text.split("\n\n")
        ]
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms in a column of at most `col_max`, and what each means beside it."""
        entries = list(rows)
        first = min(max(width(term) for term, _ in entries), col_max) + col_spacing
        beside = " " * (self.current_indent + first)
        for term, meaning in entries:
            begin = " " * self.current_indent + term
            gap = len(beside) - width(begin)
            lines = wrapped(meaning, max(self.width - len(beside), 10))
            if gap < col_spacing:
                self.write(f"{begin}\n")
            elif lines:
                self.write(f"{begin}{' ' * gap}{lines.pop(0)}\n")
            else:
                self.write(f"{begin}\n")
            self.write("".join(f"{beside}{line}\n" for line in lines))


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, columns: int) -> list[str]:
    """Return the text in lines of at most `columns`, broken at spaces or wide characters."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if line and width(line) + width(piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.rstrip() else lines


def _pieces(text: str) -> Iterator[str]:
    """Yield what is not broken: words, and wide characters with the closing mark behind them."""
    piece = ""
    for letter in text:
        begins = piece and (width(piece[-1]) > 1 or width(letter) > 1 or piece[-1] == " ")
        if begins and letter not in CLOSING and letter != " " and piece[-1] not in OPENING:
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece
