"""The identifiers in an exported program: a different one for each named thing of the scenario.

An identifier is the scenario's name if Python allows it and no other thing has it. Identifiers are
compared as Python compares them: in the normal form NFKC, in which `ﬁ` and `fi` are equal.
"""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import count

from language.convert.to_python.code import Code

FORMS = {
    "variable": ("{}", "{}_", "variable_{}"),
    "handle": ("{}", "process_{}"),
    "program": ("do_{}",),
    "local": ("local_{}",),
    "process": ("do_{}", "do_process_{}"),
    "thread": ("do_{}",),
    "class": ("{}Process", "ProcessOf{}"),
    "lock": ("lock_{}",),
    "queue": ("queue_{}",),
    "attribute": ("{}", "{}_", "attribute_{}"),
    "barrier": ("barrier_{}",),
    "semaphore": ("semaphore_{}",),
    "event": ("event_{}",),
    "condition": ("condition_{}",),
    "pipe": ("pipe_{}",),
    "pool": ("pool_{}",),
    "result": ("{}", "result_{}"),
    "value": ("value_{}",),
    "array": ("array_{}",),
    "device": ("device_{}",),
}
"""The forms of an identifier, by kind. The first free form is taken. A handle is a Process object.

The last form begins with a letter, so with a number added it is an identifier, too."""

OF_PYTHON = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


class Identifiers:
    """The identifiers of one program, by kind and name of the things that they stand for."""

    def __init__(self, reserved: Iterable[str]) -> None:
        """Begin with `reserved`, the names that the program uses itself."""
        self._taken = {*OF_PYTHON, *reserved}
        self._made: dict[tuple[str, str], Code] = {}

    def of(self, kind: str, name: str) -> Code:
        """Return the identifier for `name` of this kind. It is the same for each call."""
        key = kind, name
        if key not in self._made:
            self._made[key] = Code(next(filter(self._is_free, _candidates(kind, name))))
            self._taken.add(self._made[key])
        return self._made[key]

    def made(self) -> dict[tuple[str, str], Code]:
        """Return every identifier so far, by kind and name."""
        return dict(self._made)

    def _is_free(self, identifier: str) -> bool:
        possible = identifier.isidentifier() and not identifier.startswith("_")
        return possible and identifier not in self._taken


def _candidates(kind: str, name: str) -> Iterator[str]:
    word = _word(name)
    if kind == "class":
        word = "".join(part.capitalize() for part in word.split("_"))
    forms = [unicodedata.normalize("NFKC", form.format(word)) for form in FORMS[kind]]
    yield from forms
    yield from (f"{forms[-1]}_{number}" for number in count(2))


def _word(name: str) -> str:
    """Return the name with one _ for each group of characters that an identifier cannot contain."""
    normal = unicodedata.normalize("NFKC", name)
    legal = (each if f"a{each}".isidentifier() else " " for each in normal)
    return "_".join("".join(legal).split()) or "_"


__all__ = ["OF_PYTHON", "Identifiers"]
