"""The text of a Python program, of which nothing from a scenario is ever code.

There are two ways into a program: `Code` is text that we wrote and stands as it is; every other
value becomes a literal, which Python reads back as the same value.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from typing import LiteralString

from kernel.errors import InvariantError


class Code(str):
    """Text of a program that is ours: a template of ours, or a name that we made."""

    __slots__ = ()


def code(template: LiteralString, *values: object) -> Code:
    """`template` with a value for each {}: Code as it is, everything else as a literal."""
    return Code(template.format(*map(_inserted, values)))


def _inserted(value: object) -> Code:
    return value if isinstance(value, Code) else literal(value)


def literal(value: object) -> Code:
    """Return the value as Python writes it, on one line. `repr` escapes what cannot be printed."""
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
    """Return the text between triple quotes, on as many lines as it has."""
    inside = "".join(map(_in_quotes, text)).replace('"""', r"\"\"\"")
    if inside.endswith('"'):
        inside = inside[:-1] + r"\""
    return Code(f'"""{inside}"""')


def _in_quotes(character: str) -> str:
    if character == "\\":
        return r"\\"
    return character if character == "\n" or character.isprintable() else repr(character)[1:-1]


__all__ = ["Code", "block", "code", "docstring", "joined", "literal"]
