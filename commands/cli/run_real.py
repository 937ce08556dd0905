"""The command `run-real`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.asked import Asked, asks
from commands.elsewhere import require_linux
from commands.links import scenario_file
from commands.machines import Handling, handles, only_here
from commands.shown import Shown, shows
from commands.spoken import Spoken


@click.command("run-real", cls=Spoken)
@scenario_file
@asks
@only_here
@handles
@shows
def command(file: Path, asked: Asked, handling: Handling, shown: Shown) -> int:
    """Run a scenario on real processes. Print the same kinds of output as simulate."""
    require_linux("run-real")

    from commands.real_runs import real_runs

    shown.check(asked.reads(file))
    runs = real_runs(file, asked, handling, shown)
    return shown.runs(runs, several=len(asked.policies) > 1)
