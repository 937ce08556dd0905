"""The problems of a scenario. All problems of a file are reported at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import UsageError
from translation import tr

MOST = 100
"""How many mistakes of one scenario are reported. A damaged file can have one in each line."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `line` and `column` count from 1; None: it has no place in the text.

    `path` is dotted (`processes.0.cpu`, "" for the whole file). If an option of the command line
    has caused the mistake, `option` is that option; it is reported instead of the place.
    """

    file: str
    line: int | None
    column: int | None
    path: str
    message: str
    option: str | None = None

    def __str__(self) -> str:
        if self.option is not None:
            place = self.option
        elif self.line is not None:
            place = f"{self.file}:{self.line}:{self.column}"
        else:
            place = self.file
        return ": ".join(part for part in (place, self.path, self.message) if part).replace(
            "\n", " "
        )

    @property
    def order(self) -> tuple[bool, int, int]:
        """The key for sorting: mistakes of options first, then of the file from top to bottom."""
        return self.option is None, self.line or 0, self.column or 0


class ScenarioError(UsageError):
    """The scenario cannot be run. The message has a line for each problem, in the file's order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MOST]]
        if len(self.problems) > MOST:
            file = self.problems[0].file
            lines.append(tr("{file}: has more mistakes, which are not listed", file=file))
        return "\n".join(lines)
