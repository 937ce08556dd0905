"""The command `export`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.asked import Asked, asks
from commands.conversions import print_export
from commands.names import scenario_argument
from commands.spoken import Spoken
from kernel.errors import UsageError
from translation import tr


@click.command("export", cls=Spoken)
@scenario_argument()
@click.option("--python", is_flag=True, help="Print a plain multiprocessing program on stdout.")
@click.option("--rt-app", is_flag=True, help="Print a workload of rt-app (JSON) on stdout.")
@asks
def command(file: Path, python: bool, rt_app: bool, asked: Asked) -> None:
    """Write a scenario in another form.

    One form is a plain multiprocessing program, as a student would write it, which needs nothing
    but Python: python cli.py export FILE --python > program.py

    The other is a workload of rt-app: python cli.py export FILE --rt-app > workload.json
    """
    if python == rt_app:
        raise UsageError(tr("export: say in which form: --python or --rt-app"))
    print_export(file, asked.options(), rt_app=rt_app)
