"""Functions that print on a console: sentences, notes side by side, lines of charts, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from report.base.screen import clean, glyphs, wrap
from report.base.tables import Sheet
from translation import paragraphs, tr, tr_text

BOLD = Style(bold=True)
DIM = Style(dim=True)
WIDEST_TEXT = 100  # columns; sentences are wrapped there even on a wider console

Fact = tuple[str, str]
"""A label and its text."""


def headline(console: Console, scenario: Mapping[str, Any]) -> None:
    """Print the title of a scenario, and its `about`: what the reader should look at."""
    title = str(scenario.get("title") or scenario.get("file") or tr("Untitled"))
    say(console, tr_text(title), BOLD)
    about = paragraphs(tr_text(str(scenario.get("about") or "")))
    if about:
        say(console, "\n\n".join(about))
    console.print()


def print_tables(console: Console, sheet: Sheet) -> None:
    """Print a table, cut to the width of the console."""
    for table in sheet.tables(console.width, glyphs(console).floor):
        print_lines(console, table)
        console.print()


def print_notes(console: Console, notes: Sequence[str]) -> None:
    """Print notes side by side. No note is broken over two lines."""
    line = ""
    for note in (plain(console, note) for note in notes):
        if line and cell_len(line) + 3 + cell_len(note) > console.width:
            say(console, line, DIM)
            line = ""
        line = f"{line}   {note}" if line else note
    if line:
        say(console, line, DIM)


def print_facts(
    console: Console, title: str, facts: Iterable[Fact], *, close: bool = False
) -> None:
    """Print facts below each other, with their texts aligned. Without facts print nothing.

    With `close` no empty line follows the last fact.
    """
    facts = [(plain(console, label), plain(console, text)) for label, text in facts]
    if not facts:
        return
    if title:
        say(console, title, BOLD)
    gutter = min(max(cell_len(label) for label, _ in facts), console.width // 2) + 2
    width = min(console.width, WIDEST_TEXT) - gutter
    for label, text in facts:
        wrapped = wrap(text, width)
        if cell_len(label) + 2 > gutter:
            wrapped.insert(0, "")
        for i, line in enumerate(wrapped):
            start = "" if i else label
            start += " " * (gutter - cell_len(start))
            print_lines(console, [Text((start + line).rstrip())])
    if not close:
        console.print()


def print_lines(console: Console, texts: Iterable[Text]) -> None:
    """Print lines of any width without wrapping them."""
    for line in texts:
        console.print(line, no_wrap=True, overflow="ignore", crop=False)


def say(console: Console, text: str, style: Style | str = "") -> None:
    """Print sentences, wrapped between words. Line breaks in the text are kept."""
    width = min(console.width, WIDEST_TEXT)
    for line in plain(console, text).split("\n"):
        print_lines(console, (Text(part, style) for part in wrap(line, width)))


def plain(console: Console, text: str) -> str:
    """Return `text` without control characters. On a console with ASCII only, `µs` becomes `us`."""
    return clean(text).replace("µ", "u") if console.options.ascii_only else clean(text)
