"""The command `sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.asked import Asked, asks
from commands.machines import charges
from commands.names import EXPERIMENTS, scenario_argument
from commands.spoken import Spoken
from commands.sweep_options import Swept, Where, places, sweeps

if TYPE_CHECKING:
    from report.outputs import Outputs


@click.command("sweep", cls=Spoken)
@scenario_argument(first=EXPERIMENTS)
@click.argument("keys", nargs=-1, metavar="[KEY=VALUES]...")
@sweeps
@places
@asks
@charges
def command(
    file: Path,
    keys: tuple[str, ...],
    swept: Swept,
    where: Where,
    asked: Asked,
    costs: str | None,
    outputs: Outputs,
    full: bool,
) -> int:
    """Run a scenario at many points, with replications. Print means with intervals.

    Values are a list (rr,srtf) or range(5ms,50ms,5ms), which leaves its stop out:

    python cli.py sweep FILE scheduler.quantum=range(5ms,50ms,5ms) --repeat 30
    """
    from commands.sweep import Request, sweep

    return sweep(Request(file, keys, asked, costs, swept, where), outputs, full=full)
