"""The text of an exported Python program. No text of a scenario becomes code in it.

Text gets into a program in two ways. `Code` is Multiprog's own text and is not changed. Every other
value becomes a literal, which Python reads back as the same value.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from typing import LiteralString

from kernel.errors import InvariantError


class Code(str):
    """Text of a program that Multiprog has made: a template or an identifier."""

    __slots__ = ()


def code(template: LiteralString, *values: object) -> Code:
    """Return `template` with a value for each {}: Code unchanged, other values as literals."""
    return Code(template.format(*map(_inserted, values)))


def _inserted(value: object) -> Code:
    return value if isinstance(value, Code) else literal(value)


def literal(value: object) -> Code:
    """Return the value as a Python literal on one line; unprintable characters are escaped."""
    match value:
        case Code():
            raise InvariantError("code is no value")
        case float() if not math.isfinite(value):
            return Code(f"float({str(value)!r})")
        case None | bool() | int() | float() | str():
            return Code(repr(value))
        case list():
            return Code(f"[{joined(map(literal, value))}]")
        case tuple():
            return Code(f"({joined(map(literal, value))}{',' * (len(value) == 1)})")
        case dict():
            pairs = (code("{}: {}", key, each) for key, each in value.items())
            return Code(f"{{{joined(pairs)}}}")
    raise InvariantError(f"{type(value).__name__} has no literal")


def joined(parts: Iterable[Code]) -> Code:
    """Return the parts with commas between them."""
    return Code(", ".join(parts))


def block(lines: Iterable[Code]) -> Code:
    """Return the lines of a block, indented; `pass` if there are none."""
    return Code(textwrap.indent("\n".join(lines) or "pass", "    "))


def docstring(text: str) -> Code:
    """Return the text as a docstring with the same lines."""
    inside = "".join(map(_in_quotes, text)).replace('"""', r"\"\"\"")
    if inside.endswith('"'):
        inside = inside[:-1] + r"\""
    return Code(f'"""{inside}"""')


def _in_quotes(character: str) -> str:
    if character == "\\":
        return r"\\"
    return character if character == "\n" or character.isprintable() else repr(character)[1:-1]


__all__ = ["Code", "block", "code", "docstring", "joined", "literal"]
