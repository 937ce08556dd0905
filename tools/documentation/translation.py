"""What is wrong with a translation, as far as a program can tell.

A translated paragraph has the code, the links and as many words in bold as the English one. No
paragraph is without a translation, and none has one that was made for other words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from markdown_it import MarkdownIt

from tools.documentation.comments import comments
from tools.documentation.languages import CHARTS
from tools.documentation.staging import outside_fences

COMMENT = re.compile("<!--.*?-->", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")


class Markup(NamedTuple):
    """The code, the links and the number of words in bold of a paragraph."""

    code: Counter[str]
    links: Counter[str]
    bold: int


@cache
def markup(text: str) -> Markup:
    """Return the markup of a paragraph of Markdown."""
    found = Markup(Counter(), Counter(), 0)
    for token in MarkdownIt().parseInline(text)[0].children or ():
        if token.type == "code_inline":
            found.code[token.content] += 1
        elif token.type == "link_open":
            found.links[str(token.attrs["href"])] += 1
        elif token.type == "strong_open":
            found = found._replace(bold=found.bold + 1)
    return found


def mistakes(found: Catalog) -> Iterator[str]:
    """Yield a line for each paragraph of a catalogue that waits for a translator."""
    for message in found:
        if message.id and (what := _mistake(message)):
            yield f"{what}: {str(message.id)[:100]}"


def _mistake(message: Message) -> str | None:
    english, other = markup(str(message.id)), markup(str(message.string))
    if not message.string:
        return "no translation"
    if message.fuzzy:
        return "the English text was changed (fuzzy)"
    if english.code != other.code:
        return f"other code, {_differences(english.code, other.code)}"
    if english.links != other.links:
        return f"other links, {_differences(english.links, other.links)}"
    if english.bold != other.bold:
        return f"{other.bold} words in bold instead of {english.bold}"
    return None


def _differences(english: Counter[str], other: Counter[str]) -> str:
    missing, more = english - other, other - english
    return "; ".join(
        f"{mark} {name}" for mark, names in (("-", missing), ("+", more)) for name in names
    )


def out_of_date(text: str, found: Catalog) -> Iterator[str]:
    """Yield a line for each paragraph of a catalogue that the page has not, and for the reverse.

    `text` is the English page as the site has it.
    """
    prose = [piece for piece, is_prose in outside_fences(text) if is_prose]
    spoken = COMMENT.sub(" ", "\n".join([*prose, *comments(text)]))
    left = " ".join(spoken.replace(r"\|", "|").split())
    paragraphs = [str(message.id) for message in found if message.id]
    for paragraph in sorted(paragraphs, key=len, reverse=True):
        if paragraph.startswith(CHARTS):
            continue
        if paragraph not in left:
            yield f"not on the page any more: {paragraph[:100]}"
        left = left.replace(paragraph, "\n")
    for piece in left.splitlines():
        if WORD.search(piece):
            yield f"not in the catalogue: {piece.strip()[:100]}"
