"""Rules between lifecycle steps and the places where they stand.

A `finally` concerns the rest of its program. An attribute of a Process object is there where a
start has given it: in the process that made the object, and as `self` in the child.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from language.schema.written_programs import programs_of, steps_in
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, shown
from translation import tr


def lifecycle_problems(file: str, root: Node) -> Iterator[Problem]:
    """Yield the problems with the places of `finally` and of attributes."""
    starts = list(_starts(root))
    called = {_name(step.child("call")) for step in _all_steps(root)}
    for path, program in programs_of(root):
        yield from _attributes(file, path, program, starts, called)
    for path, program in programs_of(root):
        for place, key, step in steps_in(path, program):
            if key == "finally" and "repeat" in place[len(path) :]:
                message = tr(
                    "is inside a repeat; write it outside, because it changes the rest of the "
                    "program"
                )
                yield step.key_problem(file, (*place, key), message)


def _attributes(
    file: str, path: KeyPath, program: Node, starts: list[Node], called: set[str]
) -> Iterator[Problem]:
    """Yield a problem for each attribute that its process does not have where it is used."""
    made: set[str] = set()  # attributes of the objects that the program has made so far
    mine = _own_attributes(path, starts, called)
    for place, key, step in steps_in(path, program):
        start = step.child("start")
        if start is not None:
            made |= {f"{_handle(start)}.{name}" for name in _given(start)}
        written = step.child(key) or Node(None)
        for name in written.value if key == "set" and isinstance(written.value, dict) else ():
            if _is_attribute(name) and name not in mine:
                yield written.key_problem(file, (*place, key, name), _missing(name))
        if key == "show" and _is_attribute(written.value) and written.value not in mine | made:
            yield written.problem(file, (*place, key), _missing(str(written.value)))


def _is_attribute(name: Any) -> bool:
    return isinstance(name, str) and name.count(".") == 1


def _missing(name: str) -> str:
    of, _, attribute = name.partition(".")
    if of == "self":
        return tr(
            "self has no attribute {attribute}: every start of this program must give it, with "
            "style: subclass, attributes: {{{name}: 1}}",
            attribute=shown(attribute),
            name=attribute,
        )
    return tr(
        "{object} has no attribute {attribute} here; a start before this step must give it, with "
        "style: subclass, attributes: {{{name}: 1}}",
        object=shown(of),
        attribute=shown(attribute),
        name=attribute,
    )


def _own_attributes(path: KeyPath, starts: list[Node], called: set[str]) -> set[str]:
    """Return the attributes of `self` that every process has which executes this program."""
    if path[0] != "programs" or str(path[1]) in called:
        return set()
    given = [set(_given(start)) for start in starts if _name(start) == path[1]]
    return {f"self.{name}" for name in set.intersection(*given)} if given else set()


def _starts(root: Node) -> Iterator[Node]:
    """Yield the value of every start step that makes a new process."""
    for step in _all_steps(root):
        start = step.child("start")
        if start is not None and isinstance(start.value, dict):
            yield start


def _all_steps(root: Node) -> Iterator[Node]:
    for path, program in programs_of(root):
        yield from (step for _, _, step in steps_in(path, program))


def _name(made: Node | None) -> str:
    """Return the name of the program of a start or call, or an empty text."""
    if made is not None and isinstance(made.value, dict):
        made = made.child("program")
    return made.value if made is not None and isinstance(made.value, str) else ""


def _handle(start: Node) -> str:
    named = start.child("name")
    return _name(start) if named is None else str(named.value)


def _given(start: Node) -> Iterator[str]:
    """Return the names of the attributes that a start gives."""
    attributes = start.child("attributes")
    return iter(attributes.value if attributes and isinstance(attributes.value, dict) else ())
