"""A scenario of Python's dictionaries and lists, as the text of a scenario file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from kernel.errors import UsageError
from language.source.scalars import resolve
from translation import tr

_PLAIN = re.compile(r"[\w./](?:[\w./:+ -]*[\w./+-])?")
"""Texts that mean themselves without quotes, if they are no number and no word of YAML."""


def text_of(keys: Mapping[str, object]) -> str:
    """Return the text: a line for each key, and for each entry of a list below a key.

    Raises UsageError for a value that a scenario cannot have; it names the path of the value.
    """
    return "".join(line for key, value in keys.items() for line in _lines(str(key), value))


def _lines(key: str, value: object) -> list[str]:
    if _is_list(value) and value and all(isinstance(each, Mapping) for each in value):
        entries = [f"  - {flow(each, f'{key}.{at}')}\n" for at, each in enumerate(value)]
        return [f"{_scalar(key)}:\n", *entries]
    return [f"{_scalar(key)}: {flow(value, key)}\n"]


def flow(value: object, path: str = "") -> str:
    """Return a value as it is written in one line. Raises UsageError, which names `path`."""
    if isinstance(value, Mapping):
        entries = (f"{_scalar(str(k))}: {flow(v, f'{path}.{k}')}" for k, v in value.items())
        return f"{{{', '.join(entries)}}}"
    if _is_list(value):
        return f"[{', '.join(flow(each, f'{path}.{at}') for at, each in enumerate(value))}]"
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if isinstance(value, str):
        return _scalar(value)
    kind = type(value).__name__
    raise UsageError(
        tr(
            "{path}: must be text, a number, true or false, a list or a dict (got {kind})",
            path=path,
            kind=kind,
        )
    )


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _scalar(text: str) -> str:
    """Return a text so that it is read as that text: in quotes, unless it needs none."""
    if _PLAIN.fullmatch(text) and ": " not in text and resolve(text) == text:
        return text
    return json.dumps(text, ensure_ascii=False)
