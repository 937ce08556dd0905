"""The texts in the help of all commands: they stand where click wants them, not within `tr`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click

from tools.translation.files import ROOT, Text


def texts() -> Iterator[Text]:
    """Yield the texts of the table of commands, then those of each command and its options."""
    import cli
    from commands import table

    for number, text in enumerate(_of_table(table), 1):
        yield Text(text, None, _place(table.__file__), number)
    for command in (cli.cli, *cli.cli.commands.values()):
        for number, text in enumerate(_of_command(command), 1):
            yield Text(text, None, _place(inspect.getfile(_function(command))), number)


def _of_table(table: ModuleType) -> Iterator[str]:
    for heading, entries in table.GROUPS.items():
        yield heading
        yield from (entry.help for entry in entries)
    yield from (what for _, what in table.EXAMPLES)


def _of_command(command: click.Command) -> Iterator[str]:
    if command.help:
        yield inspect.cleandoc(command.help)
    for parameter in command.params:
        if parameter.metavar:
            yield parameter.metavar
        elif isinstance(parameter, click.Argument):
            yield str(parameter.name).upper()
        if isinstance(parameter, click.Option) and parameter.help:
            yield parameter.help


def _function(command: click.Command) -> Callable[..., object]:
    assert command.callback is not None
    function: Callable[..., object] = inspect.unwrap(command.callback)
    return function


def _place(file: str | None) -> str:
    return Path(str(file)).resolve().relative_to(ROOT).as_posix()
