"""The global variables of an exported program to which one of its functions assigns."""

from __future__ import annotations

from collections.abc import Iterator

from language.convert.to_python.code import Code, code, joined
from language.convert.to_python.identifiers import Identifiers


class AssignedGlobals:
    """The global variables to which a function assigns, so that it must declare them as global."""

    def __init__(self, names: Identifiers) -> None:
        self._names = names
        self._assigned: dict[Code, None] = {}  # in order of their first assignment

    def assign(self, kind: str, name: str) -> Code:
        """Return the identifier of a global variable, and note that the function assigns to it."""
        identifier = self._names.of(kind, name)
        self._assigned[identifier] = None
        return identifier

    def declaration(self) -> Iterator[Code]:
        """Yield the `global` statement, if one is needed."""
        if self._assigned:
            yield code("global {}", joined(self._assigned))
