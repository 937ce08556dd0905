"""The programs of a scenario as they are written, before their steps are checked."""

from __future__ import annotations

from collections.abc import Iterator

from language.source.tree import Node
from language.source.wording import KeyPath


def programs_of(root: Node) -> Iterator[tuple[KeyPath, Node]]:
    """Yield the path and the node of every list of steps: of templates, processes and threads."""
    templates = root.child("programs")
    if templates is not None and isinstance(templates.value, dict):
        for name, template in templates.value.items():
            if (program := template.child("program")) is not None:
                yield ("programs", name, "program"), program
    for index, process in enumerate(items(root.child("processes"))):
        path: KeyPath = ("processes", index)
        if (program := process.child("program")) is not None:
            yield (*path, "program"), program
        for number, thread in enumerate(items(process.child("threads"))):
            yield (*path, "threads", number), thread


def steps_in(path: KeyPath, program: Node | None) -> Iterator[tuple[KeyPath, str, Node]]:
    """Yield (path, key, step) of every step of the program, including steps of repetitions."""
    for number, step in enumerate(items(program)):
        if isinstance(step.value, dict) and len(step.value) == 1:
            [key] = step.value
            place = (*path, number)
            yield place, key, step
            repeat = step.child("repeat")
            if repeat is not None:
                yield from steps_in((*place, "repeat", "do"), repeat.child("do"))


def items(node: Node | None) -> list[Node]:
    """Return the entries of a list; none if there is no list."""
    return node.value if node is not None and isinstance(node.value, list) else []
