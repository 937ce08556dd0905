"""The page on `import multiprog`, made of signatures and docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import multiprog
from tools.documentation.reference.markdown import block, code

KINDS = (property, classmethod, staticmethod)
HEAD = """# Python, one by one

Everything that `import multiprog` offers, with its signature and what it says of itself.
[Multiprog in Python](../python.md) shows how it is used.
"""


def python() -> str:
    """Return the page: each name of `multiprog.__all__`, with the public members of a class."""
    return "\n".join([HEAD, *(_section(name) for name in sorted(multiprog.__all__))])


def _section(name: str) -> str:
    """Return the section of a name, which may be a function, a class or a value."""
    value = getattr(multiprog, name)
    parts = [f"## {code(name)}\n"]
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return "\n".join([*parts, f"A value of type {code(type(value).__name__)}.\n"])
    parts += [_signature(f"multiprog.{name}", value), _about(value)]
    if inspect.isclass(value):
        parts += [_member(key, member) for key, member in _members(value)]
    return "\n".join(parts)


def _members(owner: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that our own classes define, in their order."""
    for key, member in vars(owner).items():
        if not key.startswith("_") and (inspect.isfunction(member) or isinstance(member, KINDS)):
            yield key, member


def _member(key: str, member: Any) -> str:
    if isinstance(member, property):
        return f"### {code(key)}\n\n{_about(member)}"
    function = getattr(member, "__func__", member)
    return f"### {code(f'{key}()')}\n\n{_signature(key, function)}\n{_about(function)}"


def _signature(name: str, value: Any) -> str:
    try:
        signature = str(inspect.signature(value))
    except ValueError:  # a class that C defines
        signature = "(…)"
    return block("python", f"{name}{signature}".replace("'", ""))


def _about(value: Any) -> str:
    paragraphs = inspect.cleandoc(value.__doc__ or "").split("\n\n")
    return (
        "\n\n".join(
            block("pycon", inspect.cleandoc(each))
            if each.lstrip().startswith(">>>")
            else each.replace("<", "\\<")
            for each in paragraphs
        )
        + "\n"
    )
