"""YAML as a person would write it: lists and small mappings in a line, others in lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from language.source.scalars import resolve

WIDTH = 88
"""Characters of a line before a mapping is written below each other."""
_PLAIN = re.compile(r"[^\W\d_][\w .+/-]*[\w%]|[^\W\d_]|[0-9][\w.%@/+-]*")
"""Text that needs no quotes, if YAML does not take it for something else."""


def block(content: Mapping[str, Any], indent: str = "") -> str:
    """Return a mapping as lines."""
    lines = []
    for key, value in content.items():
        text = _key(key)
        short = flow(value)
        if isinstance(value, Mapping) and value and _deserves_lines(value, short):
            lines.append(f"{indent}{text}:\n{block(value, indent + '  ').rstrip()}")
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            items = "\n".join(f"{indent}  - {flow(each)}" for each in value)
            lines.append(f"{indent}{text}:\n{items}")
        else:
            lines.append(f"{indent}{text}: {short}".rstrip())
    return "\n".join(lines) + "\n"


def _deserves_lines(value: Mapping[str, Any], short: str) -> bool:
    return (
        len(short) > WIDTH
        or None in value.values()
        or any(isinstance(each, Mapping | list) for each in value.values())
    )


def flow(value: Any) -> str:
    """Return a value in one line; None is empty."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(value)


def _key(key: object) -> str:
    """Return a key. A number needs no quotes: every key is read as text."""
    text = str(key)
    return text if text.isascii() and text.isdigit() else scalar(text)


def scalar(value: Any) -> str:
    """Return a scalar as it is written in a flow: text in quotes only where it must be."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    plain = _PLAIN.fullmatch(value) and isinstance(resolve(value), str) and " #" not in value
    return value if plain else json.dumps(value, ensure_ascii=False)
