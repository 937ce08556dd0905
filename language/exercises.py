"""Exercises: a scenario with an `exercise` block, and the variants that students get of it.

The file is read and checked once. A variant is the same tree with drawn values in it; it is checked
and expanded like any scenario. Draws come from the streams of `random_draws`, so a seed gives the
same variant on every platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from kernel.workload import Workload
from language.loading import parsed, understood
from language.policies.section import forget_old_policy, policy_of
from language.schema.context import CheckContext
from language.schema.cross_checks import between_keys
from language.schema.exercise import Exercise
from language.schema.random_draws import stream
from language.schema.ranges import values_of
from language.source.errors import Problem, ScenarioError
from language.source.options import Options
from language.source.overrides import Override, apply
from language.source.tree import Node
from language.source.wording import KeyPath, shown

ASIDE = ("exercise", "expect")
"""Keys of an exercise file that say nothing about the run."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What one student gets: the drawn values by their paths, and the workload."""

    values: Mapping[str, Any]
    workload: Workload
    context: CheckContext  # by which an answer is read
    root: Node
    text: str

    @property
    def demand(self) -> int:
        """The CPU time of all programs together, ns."""
        return sum(spec.program.demand for spec in self.workload.processes)


@dataclass(frozen=True, slots=True)
class ExerciseFile:
    """An exercise that has been checked. `title` is the scenario's."""

    file: str
    text: str
    root: Node
    options: Options
    exercise: Exercise
    title: str
    paths: Mapping[str, tuple[tuple[str, ...], ...]]  # of each key of `vary`: the places it means

    @property
    def varies(self) -> bool:
        """Whether students get different variants."""
        return bool(self.exercise.vary)

    def draw(self, seed: int, attempt: int) -> Variant:
        """Return the variant of this attempt. Raises ScenarioError if its values do not fit."""
        values = dict(self._drawn(seed, attempt))
        root = self.root
        for path, value in values.items():
            root = apply(root, Override("", tuple(path.split("\0")), self._node(value)))
        return self.variant_of(root, {path.replace("\0", "."): v for path, v in values.items()})

    def as_written(self) -> Variant:
        """Return the scenario as it stands in the file."""
        return self.variant_of(self.root, {})

    def _without_foreign_parameters(self, root: Node) -> Node:
        """Return the tree without parameters that the drawn policy does not have."""
        patience = self.options.limit("policy")
        policy, _ = policy_of(self.file, root, Path(self.file).parent, patience)
        return forget_old_policy(self.root, root, policy)[0] if policy is not None else root

    def stretched(self, variant: Variant, unit: int) -> Variant:
        """Return a variant in which a bare number means `unit` ns."""
        longer = replace(self, options=replace(self.options, time_unit=f"{unit}ns"))
        return longer.variant_of(variant.root, variant.values)

    def _drawn(self, seed: int, attempt: int) -> Iterator[tuple[str, Any]]:
        for key, written in self.exercise.vary.items():
            values = values_of(written)
            for path in self.paths[key]:
                joined = "\0".join(path)
                uniform01 = stream(seed, f"exercise\0{attempt}\0{joined}")
                yield joined, values[int(uniform01() * len(values))]

    def _node(self, value: Any) -> Node:
        """Return a drawn value as a node that stands at the line of `vary`."""
        section = self.root.child("exercise")
        written = section.child("vary") if section is not None else None
        place = written or self.root
        return node_of(value, place)

    def variant_of(self, root: Node, values: Mapping[str, Any]) -> Variant:
        """Return the variant of a tree, in which `values` have been drawn."""
        assert isinstance(root.value, dict)
        kept = {key: child for key, child in root.value.items() if key not in ASIDE}
        root = self._without_foreign_parameters(replace(root, value=kept))
        checked = understood(self.file, self.text, root, self.options, ())
        scenario, root = checked.scenario, checked.root
        names, _ = between_keys(self.file, root)
        devices = tuple(scenario.machine.devices)
        context = CheckContext(
            *(0, 0, scenario.time_unit, scenario.machine.cores, devices), names=names
        )
        return Variant(values, checked.workload(), context, root, self.text)


def read_exercise(
    path: str | Path, options: Options | None = None, ask: Sequence[Any] | None = None
) -> ExerciseFile:
    """Read and check the exercise at `path`. Raises ScenarioError with all its mistakes.

    `ask` are questions, as the file would have them, that are asked instead of those of the file.
    With them, any scenario is an exercise: the one that is written, not a variant.
    """
    options = options or Options()
    text, written, problems = parsed(str(path), Path(path), options)
    if ask is not None and written is not None:
        written = _asking(written, ask)
    checked = understood(str(path), text, written, options, problems)
    scenario, root = checked.scenario, checked.root
    if scenario.exercise is None:
        message = "has no exercise: it asks nothing; python cli.py lessons --exercises lists some"
        raise ScenarioError((Problem(str(path), None, None, "", message),))
    paths = {key: tuple(_places(str(path), root, key)) for key in scenario.exercise.vary}
    title = str(checked.workload().source["title"])
    return ExerciseFile(str(path), text, root, options, scenario.exercise, title, paths)


def _asking(root: Node, ask: Sequence[Any]) -> Node:
    """Return a scenario that asks these questions. Of its own exercise only `accept` stays."""
    if not isinstance(root.value, dict):
        return root
    section = root.child("exercise")
    accepted = section.child("accept") if section is not None else None
    asked = {"ask": node_of(list(ask), root)} | ({"accept": accepted} if accepted else {})
    exercise = Node(asked, root.line, root.column, keys=dict.fromkeys(asked, (1, 1)))
    return replace(root, value={**root.value, "exercise": exercise})


def node_of(value: Any, place: Node) -> Node:
    """Return a plain value as a tree whose nodes all stand at the line of `place`."""
    line, column = place.line, place.column
    if isinstance(value, dict):
        inner = {str(key): node_of(each, place) for key, each in value.items()}
        keys = dict.fromkeys(inner, (line or 1, column or 1))
        return Node(inner, line, column, keys=keys)
    if isinstance(value, list):
        return Node([node_of(each, place) for each in value], line, column)
    return Node(value, line, column)


def seed_of(student: str) -> int:
    """Return the seed of a student: the same on every machine, different for each name.

    Blanks around the name and capital letters do not count.
    """
    digest = sha256(student.strip().casefold().encode()).digest()
    return int.from_bytes(digest[:4], "big")


def _places(file: str, root: Node, key: str) -> Iterator[tuple[str, ...]]:
    """Yield the paths that a key of `vary` means: `*` stands for each entry of a list.

    Entries of `processes` may be named by their names. Raises ScenarioError if there is none.
    """
    section = root.child("exercise")
    vary = section.child("vary") if section is not None else None
    try:
        yield from _matching(root, tuple(key.split(".")), ())
    except ValueError as error:
        problem = (vary or root).key_problem(file, ("exercise", "vary", key), str(error))
        raise ScenarioError((problem,)) from None


def _matching(node: Node, rest: Sequence[str], done: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not rest:
        yield done
        return
    part, after = rest[0], rest[1:]
    if isinstance(node.value, list):
        for index, child in _entries(node, part, done):
            yield from _matching(child, after, (*done, str(index)))
        return
    if not isinstance(node.value, dict) and node.value is not None:
        raise ValueError(f"{'.'.join(done)} has nothing below it; there is no {shown(part)}")
    child = node.child(part) or Node(None)
    yield from _matching(child, after, (*done, part))


def _entries(node: Node, part: str, done: KeyPath) -> list[tuple[int, Node]]:
    assert isinstance(node.value, list)
    entries = list(enumerate(node.value))
    if part == "*":
        return entries
    named = [each for each in entries if _name(each[1]) == part]
    if named:
        return named
    if part.isascii() and part.isdigit() and int(part) < len(entries):
        return [entries[int(part)]]
    names = [name for name in (_name(child) for _, child in entries) if name]
    known = f"known: {', '.join(names)}" if names else f"it has 0 to {len(entries) - 1}"
    raise ValueError(f"{'.'.join(map(str, done))} has no entry {shown(part)} ({known})")


def _name(node: Node) -> str | None:
    name = node.child("name")
    return str(name.value) if name is not None else None
