"""The public Python interface is kept stable: its signatures are those of a golden file.

After a change that is meant, `MULTIPROG_GOLDENS=write python -m pytest tests/multiprog` writes it
anew; read every line of its diff, and put the change into CHANGELOG.md.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import multiprog

GOLDEN = Path(__file__).with_name("public_interface.txt")
OURS = ("multiprog",)


def _described() -> Iterator[str]:
    """Each public name with its signature, and of a class each public member with its own."""
    for name in multiprog.__all__:
        found = getattr(multiprog, name)
        if inspect.isfunction(found):
            yield f"{name}{inspect.signature(found)}"
        elif inspect.isclass(found) and found.__module__.startswith(OURS):
            yield f"class {name}{inspect.signature(found)}"
            yield from (f"    {line}" for line in _members(found))
        elif inspect.isclass(found):
            bases = ", ".join(base.__name__ for base in found.__bases__)
            yield f"class {name}({bases})  # of {found.__module__}"
        else:
            yield f"{name} = {found}"


def _members(kind: type[Any]) -> Iterator[str]:
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            assert value.fget is not None
            yield f"{name}: {inspect.signature(value.fget).return_annotation}"
        elif isinstance(value, classmethod):
            yield f"classmethod {name}{inspect.signature(value.__func__)}"
        elif inspect.isfunction(value):
            yield f"{name}{inspect.signature(value)}"


def test_no_signature_has_changed() -> None:
    text = "".join(f"{line}\n" for line in _described())
    if os.environ.get("MULTIPROG_GOLDENS") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_public_names_are_sorted_and_there() -> None:
    assert multiprog.__all__ == sorted(multiprog.__all__)
    assert [name for name in multiprog.__all__ if not hasattr(multiprog, name)] == []
