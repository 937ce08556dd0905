"""The commands as one click group, which imports a command's module when the command is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.spoken import Spoken
from commands.table import ENTRIES, EXAMPLES, GROUPS
from translation import tr

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def program() -> str:
    """Return how the user has called Multiprog, for messages that say what to type."""
    return "python cli.py" if Path(sys.argv[0]).name == "cli.py" else "multiprog"


class Commands(MutableMapping[str, click.Command]):
    """The commands by name. A command is imported when it is looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            where = ENTRIES[name].module
            module = import_module(where if "." in where else f"commands.cli.{where}")
            command: click.Command = module.command
            self._loaded[name] = command
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        yield from ENTRIES

    def __len__(self) -> int:
        return len(ENTRIES)

    def __contains__(self, name: object) -> bool:
        return name in ENTRIES


class Grouped(Spoken, click.Group):
    """A click group whose help lists the commands by group, from the table alone."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, each with what the table says of it, and options."""
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            if item.value in ENTRIES:
                item.help = tr(ENTRIES[item.value].help)
        return items

    def format_commands(  # the context is not needed: nothing is loaded
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write a section for each group, and one with examples."""
        wide = max(map(len, ENTRIES))
        for heading, entries in GROUPS.items():
            with formatter.section(tr(heading)):
                formatter.write_dl([(entry.name.ljust(wide), tr(entry.help)) for entry in entries])
        with formatter.section(tr("Examples")):
            typed = [(f"{program()} {words}", tr(what)) for words, what in EXAMPLES]
            formatter.write_dl(typed, col_max=60)


def show_completion(context: click.Context, _: click.Parameter, shell: str | None) -> None:
    """Print the script by which a shell completes commands, options, lessons and policies."""
    if shell is None:
        return
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the option has only these shells
    script = kind(context.find_root().command, {}, "multiprog", "_MULTIPROG_COMPLETE")
    click.echo(script.source())
    context.exit()
