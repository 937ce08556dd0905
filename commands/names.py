"""The argument of a command that takes a scenario: the path of a file, or a shipped one's name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import Option
from commands.spoken import Argument
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

LESSONS, EXERCISES, EXPERIMENTS = "lessons", "exercises", "experiments"
EXAMPLES = {LESSONS: "overlap", EXERCISES: "rr", EXPERIMENTS: "quantum"}
"""A name in each folder that is a good first one."""
SAVED = (".json", ".jsonl", ".gz", ".py", ".csv")
"""The ends of files that are no scenarios."""


class ScenarioName(click.Path):
    """A file, or the name of a scenario that comes with Multiprog. A file that exists wins.

    A name that is in several folders means the one in the folder `first`.
    """

    def __init__(self, first: str = LESSONS) -> None:
        super().__init__(path_type=Path)
        self._first = first

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path. Raises UsageError for a name that is nearly one of ours."""
        return named(Path(os.fsdecode(super().convert(value, param, ctx))), self._first)

    def get_missing_message(
        self, param: click.Parameter, ctx: click.Context | None = None
    ) -> str | None:
        """Return what a newcomer can type, for the message that the argument is missing."""
        from commands.group import program

        command = param.name if ctx is None else ctx.info_name
        return tr(
            "Try: {program} {command} {example} ({program} lessons lists more)",
            program=program(),
            command=command,
            example=EXAMPLES[self._first],
        )

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so, and let the shell complete files."""
        from click.shell_completion import CompletionItem

        from commands.shipped import names

        begun = [name for name in names(self._first) if name.startswith(incomplete)]
        items = [CompletionItem(name) for name in begun]
        return [*items, *super().shell_complete(ctx, param, incomplete)]


def named(written: Path, first: str = LESSONS) -> Path:
    """Return the file that is there, or the one of a shipped scenario with this name.

    Otherwise return `written`, whose reader says what is wrong with it; but a name that is nearly
    that of a scenario raises UsageError with a hint.
    """
    if os.path.lexists(written) or written.suffix in SAVED:
        return written
    from commands.shipped import as_typed, find, names

    text = written.as_posix()
    path = find(text, first)
    if path is not None:
        return as_typed(path)
    hint = _meant(text, list(names(first)))
    if hint is None:
        return written
    raise UsageError(
        tr(
            "{text}: no such file or lesson; did you mean {hint}? (lessons lists them)",
            text=text,
            hint=hint,
        )
    )


def _meant(text: str, known: list[str]) -> str | None:
    """Return the name that was probably meant by a misspelt one, or by a file's name; or None."""
    from language.source.wording import nearest

    stem = text.removesuffix(".yaml").removesuffix(".yml")
    if stem != text or "/" in text:  # a path: only what is certainly meant
        last = stem.rpartition("/")[2]
        return last if last in known else None
    return nearest(text, known)


def scenario_argument(name: str = "file", first: str = LESSONS, *, several: bool = False) -> Option:
    """Return a decorator that gives a command the argument of a scenario, or of `several`."""
    many = -1 if several else 1
    return click.argument(name, cls=Argument, nargs=many, required=True, type=ScenarioName(first))
