"""A scenario with an `assignment` block, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.workload import Workload
from language.loading import parsed, understood
from language.schema.assignment import Assignment
from language.source.errors import Problem, ScenarioError
from language.source.options import Options
from language.source.tree import Node
from language.source.wording import KeyPath

KEY = "assignment"


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """An assignment. The workload is the example that students see, under the model solution."""

    file: str
    root: Node
    assignment: Assignment
    workload: Workload

    @property
    def title(self) -> str:
        """Return the scenario's title."""
        return str(self.workload.source["title"])

    def error(self, path: KeyPath, message: str) -> ScenarioError:
        """Return an error at a key of the assignment, or at the nearest one above it."""
        whole = (KEY, *path)
        node = self.root
        for part in whole:
            node = node.child(part) or node
        return ScenarioError((node.problem(self.file, whole, message),))


def has_assignment(path: str | Path, options: Options) -> bool:
    """Return whether the scenario at `path` has an assignment. Raises ScenarioError."""
    _, root, _ = parsed(str(path), Path(path), options)
    return root is not None and isinstance(root.value, dict) and root.child(KEY) is not None


def read_assignment(path: str | Path, options: Options) -> AssignmentFile:
    """Return the assignment in the scenario at `path`. Raises ScenarioError."""
    file = str(path)
    try:
        text, written, problems = parsed(file, Path(path), options)
        checked = understood(file, text, written, options, problems)
        scenario, root, workload = checked.scenario, checked.root, checked.workload()
    except RecursionError:
        message = "is nested too deeply for Python; lower the limit nesting"
        raise ScenarioError((Problem(file, None, None, "", message),)) from None
    if scenario.assignment is None:
        message = "has no assignment, which says what students hand in"
        raise ScenarioError((root.problem(file, (), message),))
    return AssignmentFile(file, root, scenario.assignment, workload)
