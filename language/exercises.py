"""Exercises: a scenario with an `exercise` block, and the variants that students get of it.

The file is read and checked once. A variant is the scenario with drawn values, checked like any
scenario. Draws come from the streams of `random_draws`, so a seed gives the same variant on every
platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from kernel.workload import Workload
from language.loading import Checked
from language.schema.context import CheckContext
from language.schema.cross_checks import between_keys
from language.schema.exercise import Exercise
from language.schema.random_draws import stream
from language.schema.ranges import values_of
from language.source.errors import Problem, ScenarioError
from language.source.options import Options
from language.source.overrides import Override
from language.source.tree import Node
from language.source.wording import KeyPath, shown
from language.variants import ScenarioText
from translation import tr


@dataclass(frozen=True, slots=True)
class Variant:
    """What one student gets: the drawn values, and the workload with them.

    `context` is that by which an answer is read.
    """

    drawn: tuple[Override, ...]
    checked: Checked
    workload: Workload
    context: CheckContext

    @property
    def values(self) -> Mapping[str, Any]:
        """The drawn values by their paths, like `processes.0.cpu`."""
        return {".".join(each.path): each.value.plain() for each in self.drawn}

    @property
    def demand(self) -> int:
        """The CPU time of all programs together, ns."""
        return sum(spec.program.demand for spec in self.workload.processes)


@dataclass(frozen=True, slots=True)
class ExerciseFile:
    """An exercise that has been checked."""

    source: ScenarioText
    exercise: Exercise
    paths: Mapping[str, tuple[tuple[str, ...], ...]]  # of each key of `vary`: the places it means

    @property
    def file(self) -> str:
        """The path of the file, as messages name it."""
        return self.source.file

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.source.text

    @property
    def title(self) -> str:
        """The title of the scenario."""
        return self.source.whole.title

    @property
    def varies(self) -> bool:
        """Whether students get different variants."""
        return bool(self.exercise.vary)

    def draw(self, seed: int, attempt: int) -> Variant:
        """Return the variant of this attempt. Raises ScenarioError if its values do not fit."""
        return self._variant(tuple(self._drawn(seed, attempt)))

    def as_written(self) -> Variant:
        """Return the scenario as it stands in the file."""
        return self._variant(())

    def stretched(self, variant: Variant, unit: int) -> Variant:
        """Return a variant in which a bare number means `unit` ns."""
        return self._variant(variant.drawn, f"{unit}ns")

    def _drawn(self, seed: int, attempt: int) -> Iterator[Override]:
        section = self.source.whole.root.child("exercise") or Node(None)
        place = section.child("vary") or section
        for key, written in self.exercise.vary.items():
            values = values_of(written)
            for path in self.paths[key]:
                joined = "\0".join(path)
                uniform01 = stream(seed, f"exercise\0{attempt}\0{joined}")
                value = values[int(uniform01() * len(values))]
                yield Override("", path, node_of(value, place))

    def _variant(self, drawn: tuple[Override, ...], time_unit: str | None = None) -> Variant:
        checked = self.source.at(values=drawn, time_unit=time_unit)
        scenario = checked.scenario
        names, _ = between_keys(self.file, checked.root)
        devices = tuple(scenario.machine.devices)
        context = CheckContext(
            *(0, 0, scenario.time_unit, scenario.machine.cores, devices), names=names
        )
        return Variant(drawn, checked, checked.workload(), context)


def read_exercise(path: str | Path, options: Options | None = None) -> ExerciseFile:
    """Read and check the exercise at `path`. Raises ScenarioError with all its mistakes."""
    return exercise_in(ScenarioText.read(Path(path), options or Options()))


def exercise_in(source: ScenarioText) -> ExerciseFile:
    """Return the exercise in a scenario. Raises ScenarioError with all its mistakes."""
    exercise = source.whole.scenario.exercise
    if exercise is None:
        message = tr(
            "has no exercise: it asks nothing; python cli.py lessons --exercises lists some"
        )
        raise ScenarioError((Problem(source.file, None, None, "", message),))
    root = source.whole.root
    paths = {key: tuple(_places(source.file, root, key)) for key in exercise.vary}
    return ExerciseFile(source, exercise, paths)


def asking(source: ScenarioText, ask: Sequence[Any]) -> ExerciseFile:
    """Return a scenario as an exercise that asks these questions, as a file would have them.

    Its own exercise, if it has one, keeps only `accept`, and nothing varies. Raises ScenarioError.
    """
    scenario = source.whole.scenario
    context = CheckContext(0, 0, scenario.time_unit)
    exercise = Exercise.model_validate({"ask": list(ask)}, context=context)
    if scenario.exercise is not None:
        exercise = exercise.model_copy(update={"accept": scenario.exercise.accept})
    return ExerciseFile(source, exercise, {})


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
        raise ValueError(
            tr(
                "{path} has nothing below it; there is no {key}",
                path=".".join(done),
                key=shown(part),
            )
        )
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
    where = {"path": ".".join(map(str, done)), "key": shown(part)}
    if names:
        raise ValueError(
            tr("{path} has no entry {key} (known: {names})", **where, names=", ".join(names))
        )
    raise ValueError(
        tr("{path} has no entry {key} (it has 0 to {last})", **where, last=len(entries) - 1)
    )


def _name(node: Node) -> str | None:
    name = node.child("name")
    return str(name.value) if name is not None else None
