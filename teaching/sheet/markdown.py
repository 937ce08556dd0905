"""A sheet as Markdown (CommonMark, with the tables of GitHub)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from report.base.screen import clean
from teaching.sheet.blocks import Block, Code, Facts, Heading, Items, Paragraph, Picture, Table
from teaching.sheet.text_picture import text_picture

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(blocks: Iterable[Block]) -> str:
    """Return the blocks as Markdown."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            written = f"{'#' * block.level} {_text(block.text)}"
        case Paragraph():
            written = _numbered(_text(block.text))
        case Facts():
            written = "\n".join(
                f"- **{_text(label)}**: {_text(text)}" for label, text in block.facts
            )
        case Table():
            written = _table(block)
        case Items():
            written = "\n".join(f"- {mark}) {_text(text)}" for mark, text in block.items)
        case Code():
            written = f"```{block.language}\n{block.text}\n```"
        case Picture():
            written = f"```text\n{text_picture(block.run, states=block.states)}\n```"
    return written


def _text(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(clean(words).split()))


def _numbered(text: str) -> str:
    """Return a question with its number in bold, so that it begins no list."""
    return re.sub(r"^(\d+)\. ", r"**\1.** ", text)


def _table(table: Table) -> str:
    lines = [_row(table.headings), _row(_rule(table))]
    return "\n".join([*lines, *(_row(map(_text, row)) for row in table.rows)])


def _rule(table: Table) -> Sequence[str]:
    return [":--" if at in table.left else "--:" for at in range(len(table.headings))]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
