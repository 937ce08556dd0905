"""A scenario that is read once, and then checked and expanded for many values of its keys.

Experiments have their points in this way, exercises the variants of their students.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from language.loading import Checked, understood
from language.schema.experiment import Experiment
from language.source.errors import Problem, ScenarioError
from language.source.limits import LIMITS
from language.source.options import Options
from language.source.overrides import Override
from language.source.reading import read
from language.source.tree import Node, parse
from translation import tr

ASIDE = ("about", "exercise", "expect", "experiment")
"""Sections that do not change what happens in a run."""


class ScenarioText:
    """The text of a scenario file, parsed once. `file` is its path as messages name it.

    The constructor raises ScenarioError for a text that is no YAML.
    """

    def __init__(self, file: str, text: str, options: Options) -> None:
        self.file, self.text = file, text
        self.options = replace(options, keep_expect=True)
        limits = {name: options.limit(name) for name in LIMITS}
        self._tree, self._problems = parse(file, text, limits)

    @classmethod
    def read(cls, path: Path, options: Options) -> ScenarioText:
        """Read the file at `path`. Raises ScenarioError."""
        return cls(str(path), read(path, options.limit("file_size")), options)

    @cached_property
    def whole(self) -> Checked:
        """Return the scenario as it is written, with all sections. Raises ScenarioError."""
        return understood(self.file, self.text, self._tree, self.options, self._problems)

    def experiment(self) -> Experiment:
        """Return the experiment of the scenario; an empty one if it has none."""
        return self.whole.scenario.experiment or Experiment()

    def at(
        self,
        changes: Sequence[str] = (),
        values: Sequence[Override] = (),
        time_unit: str | None = None,
    ) -> Checked:
        """Return the scenario with these changes, without expectations and other sections aside.

        `changes` are `path=value` texts, `values` changes whose values are trees already. With
        `time_unit` a bare number means that. Raises ScenarioError.
        """
        options = replace(self.options, changes=tuple(changes))
        if time_unit is not None:
            options = replace(options, time_unit=time_unit)
        tree = self._outcome()
        return understood(self.file, self.text, tree, options, self._problems, values)

    def problem(self, path: Sequence[int | str], message: str) -> ScenarioError:
        """Return an error at the node `path`, or at the nearest one above it that exists."""
        node = self._tree or Node(None)
        for part in path:
            node = node.child(part) or node
        return ScenarioError((node.problem(self.file, tuple(path), message),))

    def _outcome(self) -> Node | None:
        """Return the tree without the sections that do not change what happens in a run."""
        tree = self._tree
        if tree is None or not isinstance(tree.value, dict):
            return tree
        kept = {key: child for key, child in tree.value.items() if key not in ASIDE}
        return replace(tree, value=kept)


def words_of(error: ScenarioError) -> str:
    """Return the first mistake, and how many there are, in one line."""
    first, *others = error.problems
    if not others:
        return str(first)
    return tr("{mistake} (and {more} more)", mistake=first, more=len(others))


def in_the_file(error: ScenarioError) -> bool:
    """Return whether all mistakes are in the file, none in an option of the command line."""
    return not any(_of_option(problem) for problem in error.problems)


def _of_option(problem: Problem) -> bool:
    return problem.option is not None
