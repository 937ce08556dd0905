"""The help of a command in a language whose characters may be two columns wide."""

from __future__ import annotations

from collections.abc import Iterable

import click

from translation.line_breaks import columns, wrap

COLON = "："  # noqa: RUF001 - the mark of Chinese


class WideFormatter(click.HelpFormatter):
    """A formatter of click's that counts columns, and breaks lines between wide characters."""

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section, with the colon of its characters."""
        colon = COLON if columns(heading[-1:]) > 1 else ":"
        self.write(f"{'':>{self.current_indent}}{heading}{colon}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs, indented."""
        indent = " " * self.current_indent
        paragraphs = [
            "\n".join(indent + line for line in _lines(each, self.width - len(indent)))
            for each in text.split("\n\n")
        ]
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms in a column of at most `col_max`, and what each means beside it."""
        entries = list(rows)
        first = min(max(columns(term) for term, _ in entries), col_max) + col_spacing
        beside = " " * (self.current_indent + first)
        for term, meaning in entries:
            begin = " " * self.current_indent + term
            gap = len(beside) - columns(begin)
            lines = _lines(meaning, max(self.width - len(beside), 10))
            if gap < col_spacing:
                self.write(f"{begin}\n")
            elif lines:
                self.write(f"{begin}{' ' * gap}{lines.pop(0)}\n")
            else:
                self.write(f"{begin}\n")
            self.write("".join(f"{beside}{line}\n" for line in lines))


def _lines(text: str, width: int) -> list[str]:
    """Return a paragraph in lines of at most `width` columns; none if it is empty."""
    words = " ".join(text.split())
    return wrap(words, width) if words else []
