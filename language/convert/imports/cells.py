"""A table as text: its cells with their places. Python's `csv` does not tell columns of the text.

The separator is the one that the first lines have in common: tab, semicolon, comma, `|` (a table
in Markdown), or blanks. Quotes are those of RFC 4180: `""` is a quote, and line ends may stand
within quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from language.convert.imports.source import Source
from translation import tr

BLANKS = " "
_SEPARATORS = "\t;|,"
_SAMPLE = 20  # lines by which the separator is chosen
_EXCEL = re.compile(r"sep=(.)\n")  # a first line that spreadsheets understand
_RULE = re.compile(r"[-=+|:\s]+")  # the line below the headings of a table in Markdown


class Cell(NamedTuple):
    """The text of a cell without blanks around it, and its place. Both count from 1."""

    text: str
    line: int
    column: int


Row = Sequence[Cell]


def rows_of(source: Source, text: str) -> tuple[str, list[Row]]:
    """Return the separator, and the rows that have any text, without comments (`#`)."""
    told = _EXCEL.match(text)
    separator = told.group(1) if told else _separator(text)
    skipped = 1 if told else 0
    rows = []
    for row in _rows(source, text, separator):
        filled = [cell for cell in row if cell.text]
        if not filled or row[0].line <= skipped or row[0].text.startswith("#"):
            continue
        if all(_RULE.fullmatch(cell.text) for cell in filled):
            continue
        rows.append(_without_edges(row) if separator == "|" else row)
    return separator, rows


def _separator(text: str) -> str:
    """Return the separator that most of the first lines have, as often each."""
    lines = [line for line in text.split("\n", _SAMPLE + 1)[:_SAMPLE] if line.strip()]
    lines = [line for line in lines if not line.startswith("#")]
    for separator in _SEPARATORS:
        having = [line for line in lines if separator in line]
        if having and 2 * len(having) >= len(lines):
            return separator
    return BLANKS


def _without_edges(row: Row) -> Row:
    """Return the cells between the first and the last `|`."""
    start = 0 if row[0].text else 1
    return row[start : len(row) if row[-1].text else -1]


def _rows(source: Source, text: str, separator: str) -> Iterator[Row]:
    if separator == BLANKS:
        for number, written in enumerate(text.split("\n"), start=1):
            found = re.finditer(r"\S+", written)
            yield [Cell(each.group(), number, each.start() + 1) for each in found]
        return
    position, line, begun = 0, 1, 0
    row: list[Cell] = []
    while position <= len(text):
        start = position
        cell, position = _cell(source, text, separator, start, line, start - begun + 1)
        row.append(cell)
        passed = text.count("\n", start, position)
        if passed:
            line, begun = line + passed, text.rfind("\n", 0, position) + 1
        if position >= len(text) or text[position] == "\n":
            yield row
            row, line, begun = [], line + 1, position + 1
        position += 1


def _cell(
    source: Source, text: str, separator: str, start: int, line: int, column: int
) -> tuple[Cell, int]:
    """Return the cell that begins at `start`, and where its separator or line end stands."""
    blank = re.compile(r" *").match(text, start)
    assert blank is not None  # it matches nothing, too
    if text[blank.end() : blank.end() + 1] == '"':
        return _quoted(source, text, separator, blank.end(), line, column + blank.end() - start)
    end = start
    while end < len(text) and text[end] not in (separator, "\n"):
        end += 1
    written = text[start:end]
    indent = len(written) - len(written.lstrip())
    return Cell(written.strip(), line, column + indent), end


def _quoted(
    source: Source, text: str, separator: str, start: int, line: int, column: int
) -> tuple[Cell, int]:
    end, parts = start + 1, []
    while True:
        quote = text.find('"', end)
        if quote < 0:
            source.fail(line, column, tr("the quote that begins here has no end"))
        parts.append(text[end:quote])
        end = quote + 1
        if text[end : end + 1] != '"':
            break
        parts.append('"')
        end += 1
    while end < len(text) and text[end] not in (separator, "\n"):
        if not text[end].isspace():
            source.fail(line, column, tr("behind the second quote there must be a separator"))
        end += 1
    return Cell("".join(parts).strip(), line, column), end
