"""The command `record`."""

from __future__ import annotations

import click

from commands.recording import RecordAsked, record_program, records
from commands.spoken import Argument, Spoken


@click.command(
    "record",
    cls=Spoken,
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@records
@click.argument("command", cls=Argument, nargs=-1)
def command(command: tuple[str, ...], asked: RecordAsked) -> int:
    """Watch a program, and write what it did as a scenario.

    COMMAND is run and watched, with all processes that it starts. What it prints goes to stderr:
    python cli.py record -- make -j4 > make.yaml
    """
    return record_program(command, asked)
