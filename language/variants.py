"""A scenario that is read once, and then checked and expanded for many values of its keys."""

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
from language.source.reading import read
from language.source.tree import Node, parse


class ScenarioText:
    """The text of a scenario file, parsed once. `file` is its path as messages name it.

    The constructor raises ScenarioError for a text that is no YAML.
    """

    def __init__(self, file: str, text: str, options: Options) -> None:
        self.file, self.text = file, text
        self._options = replace(options, keep_expect=True)
        self._tree, problems = parse(file, text, {name: options.limit(name) for name in LIMITS})
        if problems:
            raise ScenarioError(tuple(problems))

    @classmethod
    def read(cls, path: Path, options: Options) -> ScenarioText:
        """Read the file at `path`. Raises ScenarioError."""
        return cls(str(path), read(path, options.limit("file_size")), options)

    @cached_property
    def whole(self) -> Checked:
        """Return the scenario as it is written, with its experiment. Raises ScenarioError."""
        return understood(self.file, self.text, self._tree, self._options, ())

    def experiment(self) -> Experiment:
        """Return the experiment of the scenario; an empty one if it has none."""
        return self.whole.scenario.experiment or Experiment()

    def at(self, changes: Sequence[str]) -> Checked:
        """Return the scenario with these `path=value` changes, without expectations.

        Raises ScenarioError.
        """
        options = replace(self._options, changes=tuple(changes))
        return understood(self.file, self.text, self._outcome(), options, ())

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
        kept = {k: v for k, v in tree.value.items() if k not in ("expect", "experiment", "about")}
        return replace(tree, value=kept)


def words_of(error: ScenarioError) -> str:
    """Return the first mistake, and how many there are, in one line."""
    first, *others = error.problems
    more = f" (and {len(others)} more)" if others else ""
    return f"{first}{more}"


def in_the_file(error: ScenarioError) -> bool:
    """Return whether all mistakes are in the file, none in an option of the command line."""
    return not any(_of_option(problem) for problem in error.problems)


def _of_option(problem: Problem) -> bool:
    return problem.option is not None
