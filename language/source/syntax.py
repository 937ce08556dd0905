"""The errors of ruamel.yaml as messages of one line, with a place and what would be right."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from language.source.wording import shown
from translation import mark, tr

_LIST = "expected ',' or ']'"

_OF_RUAMEL = (
    mark("could not find expected ':'"),
    mark("expected ',' or ']', but got {token}"),
    mark("expected ',' or '}}', but got {token}"),
    mark("expected the node content, but found {token}"),
    mark("expected alphabetic or numeric character, but found {token}"),
    mark("expected a comment or a line break, but found {token}"),
    mark("expected chomping or indentation indicators, but found {token}"),
    mark("found character {token} that cannot start any token"),
    mark("found unexpected document separator"),
    mark("found unknown escape character {token}"),
    mark("found undefined tag handle {token}"),
    mark("sequence entries are not allowed here"),
)
"""Texts of ruamel.yaml that have a translation. Any other is shown as it is."""
_PATTERNS = [
    (re.compile(re.escape(text.replace("}}", "}")).replace(r"\{token\}", "(.+)")), text)
    for text in _OF_RUAMEL
]

DEEPEST = 200
"""Levels of a file that every command can work on: Python bounds how deep functions call others."""


def place_and_mistake(text: str, error: Exception) -> tuple[int | None, int | None, str]:
    """Return line, column and message of an error of ruamel.yaml in `text`."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        message = tr(
            "is not YAML: the character U+{character:04X} is not allowed", character=error.character
        )
        return line, column, message
    if isinstance(error, MarkedYAMLError):
        return _marked(text, error)
    said = " ".join(str(error).split()) or type(error).__name__
    return None, None, tr("is not YAML: {mistake}", mistake=_in_our_language(said))


def _marked(text: str, error: MarkedYAMLError) -> tuple[int | None, int | None, str]:
    at, what = error.problem_mark or error.context_mark, _said(error)
    if r"'\t'" in what:
        message = tr("is not YAML: a tab stands where only spaces may; indent with spaces")
    elif what.startswith("mapping values"):
        message = tr(
            'is not YAML: a second ": " in one line; put the text in quotes, or begin a new line'
        )
    elif what == "could not find expected ':'" and error.context_mark is not None:
        at = error.context_mark  # the beginning of the text that was meant to be a key
        key = text.splitlines()[at.line][at.column :]
        message = tr(
            "is not YAML: {text} is no key; behind a key stand a colon and a space", text=shown(key)
        )
    elif what.startswith("expected ',' or ") and _begins_before(error):
        at = error.context_mark  # the beginning of the list or mapping
        opening, closing = ("[", "]") if _LIST in what else ("{", "}")
        message = tr(
            "is not YAML: this {opening} has no {closing} to close it",
            opening=opening,
            closing=closing,
        )
    elif what == "found unexpected end of stream" and error.context_mark is not None:
        at = error.context_mark  # the quote
        message = tr("is not YAML: the quote that begins here has no end")
    elif what.startswith("expected <block end>"):
        message = tr("is not YAML: this line is indented unlike those that it could belong to")
    else:
        message = tr("is not YAML: {mistake}", mistake=_in_our_language(what))
    place = (at.line + 1, at.column + 1) if at is not None else (None, None)
    return *place, message


def _said(error: MarkedYAMLError) -> str:
    return " ".join(str(error.problem or error.context).split())


def _begins_before(error: MarkedYAMLError) -> bool:
    """Return whether the list or mapping begins in a line before the error."""
    begin, end = error.context_mark, error.problem_mark
    return begin is not None and (end is None or end.line > begin.line)


def _in_our_language(said: str) -> str:
    """Return a text of ruamel.yaml in the language in use, if it has one."""
    for pattern, text in _PATTERNS:
        found = pattern.fullmatch(said)
        if found is not None:
            return tr(text, token=found[1]) if found.groups() else tr(text)
    return said
