"""A scenario with an `assignment` block, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.workload import Workload
from language.loading import parsed
from language.schema.assignment import Assignment
from language.source.errors import ScenarioError
from language.source.options import Options
from language.source.tree import Node
from language.source.wording import KeyPath
from language.variants import ScenarioText
from translation import tr

KEY = "assignment"


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """An assignment. The workload is the example that students see, under the model solution."""

    source: ScenarioText
    assignment: Assignment
    workload: Workload

    @property
    def file(self) -> str:
        """The path of the file, as messages name it."""
        return self.source.file

    @property
    def root(self) -> Node:
        """The tree of the scenario."""
        return self.source.whole.root

    @property
    def title(self) -> str:
        """The title of the scenario."""
        return self.source.whole.title

    def error(self, path: KeyPath, message: str) -> ScenarioError:
        """Return an error at a key of the assignment, or at the nearest one above it."""
        return self.source.problem((KEY, *path), message)


def has_assignment(path: str | Path, options: Options) -> bool:
    """Return whether the scenario at `path` has an assignment. Raises ScenarioError."""
    _, root, _ = parsed(str(path), Path(path), options)
    return root is not None and isinstance(root.value, dict) and root.child(KEY) is not None


def read_assignment(path: str | Path, options: Options) -> AssignmentFile:
    """Return the assignment in the scenario at `path`. Raises ScenarioError."""
    return assignment_in(ScenarioText.read(Path(path), options))


def assignment_in(source: ScenarioText) -> AssignmentFile:
    """Return the assignment in a scenario. Raises ScenarioError."""
    checked = source.whole
    workload = checked.workload()
    if checked.scenario.assignment is None:
        message = tr("has no assignment, which says what students hand in")
        raise ScenarioError((checked.root.problem(source.file, (), message),))
    return AssignmentFile(source, checked.scenario.assignment, workload)
