"""The command `open`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.links import open_link
from commands.spoken import Argument, Spoken


@click.command("open", cls=Spoken)
@click.argument("link", cls=Argument)
@click.option(
    "--into", type=click.Path(path_type=Path), default=Path(), metavar="FOLDER",
    help="The folder for the files (default: the current one).",
)  # fmt: skip
def command(link: str, into: Path) -> None:
    """Write the scenario of a playground's link into a file.

    If the scenario has a policy of its own, the policy is written into a file, too.
    """
    open_link(link, into)
