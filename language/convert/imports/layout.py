"""A draft as the text of a scenario file: short entries on one line, the others in blocks.

A text value is written without quotes if the language reads it as the same text; otherwise in
double quotes, as JSON writes it, since YAML 1.2 reads JSON.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal

from language.convert.imports.draft import Draft, DraftProcess, Value
from language.source.scalars import resolve

WIDTH = 100
_PLAIN = re.compile(r"[\w/+][\w/.@%+ ()~-]*(?<! )")


def text_of(draft: Draft) -> str:
    """Return the scenario file of a draft."""
    return "\n".join([*_lines(draft), ""])


def _lines(draft: Draft) -> Iterator[str]:
    for remark in draft.remarks:
        yield from _comment(remark, 0)
    yield f"title: {inline(draft.title)}"
    for key, value in draft.sections.items():
        yield from _entry(key, value, 0)
    yield ""
    yield "processes:"
    for process in draft.processes:
        for remark in process.remarks:
            yield from _comment(remark, 2)
        yield from _item(_keys(process), 2)


def _keys(process: DraftProcess) -> dict[str, Value]:
    """Return the keys of an entry. A program of one CPU burst has the short form."""
    keys: dict[str, Value] = {"name": process.name, **process.keys}
    if len(process.program) == 1 and "cpu" in process.program[0]:
        return keys | {"cpu": process.program[0]["cpu"]}
    return keys | {"program": process.program}


def _comment(remark: str, indent: int) -> Iterator[str]:
    """Yield the remark as comment lines. What cannot be printed has no place in it."""
    printable = "".join(each if each.isprintable() else "?" for each in remark)
    start = f"{' ' * indent}# "
    yield from textwrap.wrap(printable, WIDTH, initial_indent=start, subsequent_indent=start)


def _entry(key: str, value: Value, indent: int) -> Iterator[str]:
    """Yield the lines of a key with its value."""
    start = f"{' ' * indent}{inline(key)}:"
    short = inline(value)
    if _is_scalar(value) or not value or len(start) + 1 + len(short) <= WIDTH:
        yield f"{start} {short}"
    else:
        yield start
        yield from _block(value, indent + 2)


def _block(value: Value, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(key, each, indent)
    else:
        assert isinstance(value, (list, tuple))
        for each in value:
            yield from _item(each, indent)


def _item(value: Value, indent: int) -> Iterator[str]:
    """Yield the lines of an item of a list."""
    dash, short = f"{' ' * indent}- ", inline(value)
    if _is_scalar(value) or not value or len(dash) + len(short) <= WIDTH:
        yield dash + short
        return
    first, *others = _block(value, indent + 2)
    yield dash + first[indent + 2 :]
    yield from others


def _is_scalar(value: Value) -> bool:
    return value is None or isinstance(value, (bool, int, Decimal, str))


def inline(value: Value) -> str:
    """Return the value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{inline(key)}: {inline(each)}" for key, each in value.items()) + "}"
        )
    return "[" + ", ".join(map(inline, value)) + "]"


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and isinstance(resolve(text), str):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
