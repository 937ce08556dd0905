"""The sentences of a page, of a program's docstrings, and of its messages, with their lines."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from typing import NamedTuple

FENCE = re.compile(r"^( *)(```+).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=#)|(?<=[^\n])\n(?=\|)")
STOP = re.compile(r"""(?<=[.!?])[)*"]*\s+(?=[A-Z0-9*"(`])""")
FEWEST = 4  # words of a message
ADVICE = re.compile(r"^(?:title|about): *\|?((?:.*\n)(?:  .*\n|\n)*)", re.MULTILINE)
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
CODE = re.compile(r"``.+?``|`[^`]*`")


class Sentence(NamedTuple):
    """A sentence and the line of its paragraph."""

    line: int
    text: str


def of_page(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a page, without code, headings and tables. Code within is `X`."""
    hidden = FENCE.sub(lambda block: "\n" * block.group().count("\n"), text)
    for line, paragraph in _pieces(hidden):
        if not paragraph.lstrip().startswith(("#", "|", "```", "<!--")):
            yield from _split(line, paragraph)


def of_program(source: str) -> Iterator[Sentence]:
    """Yield the sentences of docstrings and messages, without tables and examples in them.

    A message is a text in one line, of four words or more.
    """
    tree = ast.parse(source)
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = _text(node)
        if id(node) in documented:
            text = "\n\n".join(
                each for each in inspect.cleandoc(text).split("\n\n") if "    " not in each
            )
        elif "\n" in text:
            continue
        is_message = len(text.split()) >= FEWEST
        if isinstance(node, ast.expr) and (is_message or id(node) in documented):
            for line, paragraph in _pieces(text):
                yield from _split(node.lineno + line - 1, paragraph)


def of_scenario(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a scenario's `title` and `about`."""
    for found in ADVICE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield from _split(line, found[1])


def _text(node: ast.AST) -> str:
    """Return the text of a literal; a value that is put into it is `X`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "X" for each in node.values)
        return "".join(map(str, parts))
    return ""


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph or item of a list, with its line."""
    start = 0
    for found in (*BREAK.finditer(text), None):
        end = found.start() if found is not None else len(text)
        piece = text[start:end]
        if piece.strip():
            leading = len(piece) - len(piece.lstrip("\n"))
            yield text.count("\n", 0, start + leading) + 1, piece
        start = found.end() if found is not None else end


def _split(line: int, paragraph: str) -> Iterator[Sentence]:
    plain = CODE.sub("X", LINK.sub(r"\1", " ".join(paragraph.split())))
    plain = re.sub(r"^(?:[-*]|\d+\.) ", "", plain)
    for each in STOP.split(plain):
        if each.strip():
            yield Sentence(line, each.strip())
