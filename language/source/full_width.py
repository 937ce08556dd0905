"""Full-width signs, as a Chinese input method types them, where a scenario needs those of ASCII.

They are allowed in names and texts, so they are looked for only in a scenario that has mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from language.source.errors import Problem
from translation import tr

SPACE = "\u3000"
_SIGNS = {
    "\uff1a": ": ",  # a colon; behind a key there must be a space, too
    "\u3001": ",",
    "\u3002": ".",
    "\u3010": "[",
    "\u3011": "]",
    "\u2014": "-",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    SPACE: " ",
}
_FIRST, _LAST = "\uff01", "\uff5e"  # the full-width forms of ASCII, in its order
_BLOCK = re.compile(r"[:-]\s*[|>][-+\d]*\s*$")  # behind it the text of a block begins
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_PLAIN = re.compile(r"(?:(?!:\s|:$|\s#)[^,\[\]{}])*")
_MISTAKES = (
    re.compile(r"^\s*(?:-\s+)*[A-Za-z_][\w-]*(?:\s*|:)(\uff1a|(?<=:)\u3000)"),  # behind a key
    re.compile(r"[{,\uff0c\uff5b]\s*[A-Za-z_][\w-]*\s*(\uff1a)"),  # behind a key in { }
    re.compile(r"\{[^{}]*(\uff0c)\s*[A-Za-z_][\w-]*\s*:\s"),  # between keys in { }
    re.compile(r"^\s*(?:-\s+)*(\uff5b)\s*[A-Za-z_][\w-]*\s*[:\uff1a]"),  # before the first key
    re.compile(r"^\s*([\uff0d\u2014]+)\s*[A-Za-z_][\w-]*\s*[:\uff1a]"),  # before an entry
    re.compile(r"\[[^\[\]\u3010\uff3b]*([\u3011\uff3d])"),  # at the end of a list
    re.compile(r"\{[^{}\uff5b]*(\uff5d)"),  # at the end of a mapping
    re.compile(r"\"[^\"]*(\u201d)[^\"]*$"),  # at the end of a text
    re.compile(r"[\[{,:-]\s*(\u201c)[^\u201d]*\"\s*$"),  # at its beginning
    re.compile(r"^(?:-?\s)*(\u3000)"),  # before a line
)
"""What is almost certainly a mistake; the group is the wrong sign."""
_LONGEST = 300
"""Characters of a line, or of a value, that are looked at."""


def plain(text: str) -> str:
    """Return the text with each full-width sign as ASCII, as it was probably meant."""
    return "".join(_plain(sign) or sign for sign in text)


def _plain(sign: str) -> str | None:
    if _FIRST <= sign <= _LAST and sign not in _SIGNS:
        return chr(ord(sign) - ord(_FIRST) + ord("!"))
    return _SIGNS.get(sign)


def with_hints(text: str, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems of a scenario's text, sorted, each with a hint at full-width signs.

    A sign that is the cause of a mistake further down becomes a problem of its own.
    """
    lines = text.splitlines()
    found = [_hinted(problem, lines) for problem in problems]
    hinted = {after.line for after, before in zip(found, problems, strict=True) if after != before}
    file = found[0].file if found else ""
    more = (
        Problem(file, line, column, "", hint)
        for line, column, hint in (_misplaced(lines) if _of_the_file(found) else ())
        if line not in hinted
    )
    return tuple(sorted((*found, *more), key=lambda problem: problem.order))


def _of_the_file(problems: Sequence[Problem]) -> bool:
    return any(problem.option is None for problem in problems)


def _hinted(problem: Problem, lines: Sequence[str]) -> Problem:
    if problem.option is not None:
        written = problem.option[:_LONGEST]
    elif problem.line is None or problem.column is None or problem.line > len(lines):
        written = ""
    else:
        written = _written_at(lines[problem.line - 1], problem.column - 1)
    message = problem.message
    for hint in _hints(written):
        message = tr("{mistake}; {hint}", mistake=message, hint=hint)
    return replace(problem, message=message)


def _written_at(line: str, start: int) -> str:
    """Return what is written at a place: a key, a value, or the rest of a list or mapping."""
    rest = line[start : start + _LONGEST]
    if rest[:1] in ("[", "{"):
        return _QUOTED.sub("", _uncommented(rest))
    found = (_QUOTED if rest[:1] in ("'", '"') else _PLAIN).match(rest)
    return found[0] if found is not None else rest


def _hints(written: str) -> Iterator[str]:
    """Yield a sentence for each run of full-width signs, once."""
    runs = ("".join(run) for wide, run in groupby(written, lambda s: _plain(s) is not None) if wide)
    for run in dict.fromkeys(runs):
        yield _hint(run)


def _hint(signs: str) -> str:
    if not signs.strip(SPACE):
        return tr("there is a full-width space (U+3000); write a plain one")
    return tr("{sign!r} is a full-width sign; write {plain!r}", sign=signs, plain=plain(signs))


def _misplaced(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and hint of signs that are almost certainly mistakes, one of each line."""
    for number, line in _outside_blocks(lines):
        if line.isascii():
            continue
        bare = _uncommented(line[:_LONGEST])
        bare = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), bare)
        found = next((match for each in _MISTAKES if (match := each.search(bare))), None)
        if found is not None:
            yield number, found.start(1) + 1, _hint(found[1])


def _uncommented(line: str) -> str:
    return re.split(r"(?:^|\s)#", line, maxsplit=1)[0]


def _outside_blocks(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that do not stand in a block of text (`about: |`)."""
    block: int | None = None  # how far the line is indented that begins the block
    for number, line in enumerate(lines, start=1):
        indent = len(line) - len(line.lstrip(" "))
        if block is not None and (indent > block or not line.strip()):
            continue
        block = indent if _BLOCK.search(_uncommented(line[:_LONGEST])) else None
        yield number, line
