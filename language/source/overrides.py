"""Apply the command line's changes to the tree of a scenario, before the scenario is checked.

A changed node has the option that changed it, so a mistake in it names the option, not a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kernel.units import DURATION
from language.source.errors import Problem, ScenarioError
from language.source.limits import LIMITS
from language.source.options import Options
from language.source.scalars import Scalar, resolve
from language.source.tree import Node, parse
from language.source.wording import shown
from translation import tr

_OF_PROCESSES = frozenset(("arrival", "count", "cpu", "nice", "priority", "program", "slice"))
"""Keys of a process that no section of a scenario has."""
_SEVERAL = re.compile(r"--[a-z-]+ (?:[^=]*=)?([\w.%µ]+(?:\s*,\s*[\w.%µ]+)+)")
"""An option that lists values, like `--quantum 1,2,5` or `--set scheduler.quantum=1,2`."""


@dataclass(frozen=True, slots=True)
class Override:
    """One change: the option as the user typed it, the path of keys, the new value."""

    option: str
    path: tuple[str, ...]
    value: Node


def overrides(file: str, options: Options) -> tuple[list[Override], list[Problem]]:
    """Return all changes in the order of their application, --set last, and their problems."""
    found = [
        Override(option, path, Node(value, option=option))
        for option, path, value in _named(options)
        if value is not None
    ]
    problems: list[Problem] = []
    written = [(f"--set {text}", text) for text in options.sets]
    for option, text in (*written, *((text, text) for text in options.changes)):
        try:
            found.append(_set(file, option, text))
        except ScenarioError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(Problem(file, None, None, "", str(error), option))
    return found, problems


def typed(options: Options) -> list[str]:
    """Return the options that change the scenario, as the user typed them."""
    named = [option for option, _path, value in _named(options) if value is not None]
    return [*named, *(f"--set {text}" for text in (*options.sets, *options.changes))]


def with_sweeps(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems; one of an option that lists values says which command tries them all."""
    return tuple(map(_with_sweep, problems))


def _with_sweep(problem: Problem) -> Problem:
    listed = _SEVERAL.fullmatch(problem.option or "")
    if listed is None or not problem.path:
        return problem
    values = [each.strip() for each in listed[1].split(",")]
    if tr(DURATION) in problem.message:  # a number without a unit would depend on time_unit
        values = [f"{each}ms" if each.isdigit() else each for each in values]
    elif tr("a list") in problem.message:
        return problem
    message = tr(
        "{mistake}; to try several values: sweep FILE {key}={values}",
        mistake=problem.message,
        key=problem.path,
        values=",".join(values),
    )
    return replace(problem, message=message)


def _named(options: Options) -> list[tuple[str, tuple[str, ...], Scalar]]:
    quantum = None if options.quantum is None else resolve(options.quantum.strip())
    return [
        (f"--policy {options.policy}", ("scheduler", "policy"), options.policy),
        (f"--quantum {options.quantum}", ("scheduler", "quantum"), quantum),
        (f"--cores {options.cores}", ("machine", "cores"), options.cores),
        (f"--seed {options.seed}", ("seed",), options.seed),
        (f"--time-unit {options.time_unit}", ("time_unit",), options.time_unit),
    ]


def _set(file: str, option: str, text: str) -> Override:
    path, equals, value = text.partition("=")
    keys = tuple(path.strip().split("."))
    if not equals or not all(keys):
        raise ValueError(tr("must be path=value, like scheduler.quantum=4ms"))
    node, problems = parse(file, value, LIMITS, option)
    if problems:
        raise ScenarioError(tuple(problems))
    if node is None:
        raise ValueError(tr("has no value after the '='; write path=value"))
    return Override(option, keys, node)


def apply(root: Node, override: Override) -> Node:
    """Return a tree with the change in it. The nodes of `root` are not changed: aliases share some.

    Raises ValueError if the tree has no place of that path.
    """
    return _changed(root, override, 0)


def _changed(node: Node, override: Override, depth: int) -> Node:
    path = override.path
    if depth == len(path):
        return override.value
    key, here = path[depth], ".".join(path[:depth])
    _require_number(node, path, depth)
    if isinstance(node.value, list):
        index = _index(key, len(node.value), here)
        items = list(node.value)
        items[index] = _changed(items[index], override, depth + 1)
        return replace(node, value=items)
    if node.value is None:
        node = replace(node, value={})
    if not isinstance(node.value, dict):
        raise ValueError(
            tr(
                "{path} is {value}, which has no {key} below it",
                path=here,
                value=shown(node.value),
                key=shown(key),
            )
        )
    child = node.value.get(key) or Node(None, option=override.option)
    return replace(node, value={**node.value, key: _changed(child, override, depth + 1)})


def _require_number(node: Node, path: tuple[str, ...], depth: int) -> None:
    """Raise ValueError if a path names a process where it should have the number of its entry."""
    entries: Node | None
    before: tuple[str, ...]
    if depth == 0 and node.child(path[0]) is None and _OF_PROCESSES.intersection(path[1:2]):
        entries, before = node.child("processes"), ("processes",)
    elif path[:depth] == ("processes",):
        entries, before = node, path[:depth]
    else:
        return
    number = _number_of(path[depth], entries)
    if number is not None:
        raise ValueError(
            tr(
                "an entry of processes is named by its number, from 0 on: write {right}",
                right=".".join((*before, str(number), *path[depth + 1 :])),
            )
        )


def _number_of(name: str, entries: Node | None) -> int | None:
    """Return the place of the process with this name; None: there is none."""
    if entries is None or not isinstance(entries.value, list):
        return None
    for number, entry in enumerate(entries.value):
        found = entry.child("name") if isinstance(entry, Node) else None
        if found is not None and found.value == name:
            return number
    return None


def _index(key: str, many: int, here: str) -> int:
    if not key.isascii() or not key.isdigit():
        raise ValueError(
            tr(
                "{path} is a list: its entries are 0 to {last} (got {key})",
                path=here,
                last=many - 1,
                key=shown(key),
            )
        )
    if len(key) > 9 or int(key) >= many:
        raise ValueError(
            tr(
                "{path} has no entry {key}; it has 0 to {last}",
                path=here,
                key=shown(key)[1:-1],
                last=many - 1,
            )
        )
    return int(key)
