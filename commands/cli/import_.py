"""The command `import`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.conversions import ImportAsked, imports, print_import
from commands.spoken import Argument, Spoken


@click.command("import", cls=Spoken)
@click.argument("file", cls=Argument, type=click.Path(path_type=Path))
@imports
def command(file: Path, asked: ImportAsked) -> None:
    """Make a scenario from a table, a trace or a job log.

    The kind of FILE is recognized by its content: python cli.py import table.csv > scenario.yaml
    """
    print_import(file, asked)
