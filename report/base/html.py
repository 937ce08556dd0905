"""Tables, facts and sentences as HTML, with the same words as on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from report.base.printing import Fact
from report.base.screen import UNICODE, clean
from report.base.tables import Column, Sheet

LONGEST_NAME = 40  # characters; longer ones are cut
ELLIPSIS = UNICODE.ellipsis


def text(words: object) -> str:
    """Return `words` without control characters, escaped for HTML and SVG."""
    return escape(clean(words))


def paragraphs(words: str) -> str:
    """Return a text as HTML paragraphs. An empty line in the text separates two paragraphs."""
    parts = (" ".join(part.split()) for part in clean(words).split("\n\n"))
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)


def table(sheet: Sheet, caption: str) -> str:
    """Return a table with its heading, its rows and its means."""
    columns = sheet.columns
    head = "".join(_cell("th", c.title, c, ' scope="col"') for c in columns)
    body = "".join(_row(sheet, columns, at) for at in range(len(sheet.names.cells)))
    foot = ""
    if any(column.foot for column in columns[1:]):
        foot = f"<tfoot><tr>{''.join(_cell('td', c.foot, c) for c in columns)}</tr></tfoot>"
    name = text(caption)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{name}">'
        f"<table><caption>{name}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )


def _row(sheet: Sheet, columns: Iterable[Column], at: int) -> str:
    broken = ' class="break"' if at in sheet.breaks else ""
    return f"<tr{broken}>{''.join(_cell('td', c.cells[at], c) for c in columns)}</tr>"


def _cell(tag: str, words: str, column: Column, more: str = "") -> str:
    kind = ' class="number"' if column.numeric else ""
    return f"<{tag}{kind}{more}>{text(words.strip())}</{tag}>"


def facts(title: str, found: Iterable[Fact]) -> str:
    """Return facts as a list in HTML: labels, each with its text. Without facts return ""."""
    rows = "".join(
        f"<dt>{text(label.strip())}</dt><dd>{text(words)}</dd>" for label, words in found
    )
    return f"<section><h3>{text(title)}</h3><dl>{rows}</dl></section>" if rows else ""
