"""The command `run-real`."""

from __future__ import annotations

from pathlib import Path

import click

from commands import machines
from commands.asked import Asked, asks
from commands.elsewhere import require_linux
from commands.links import scenario_file
from commands.machines import Handling, handles
from commands.resolve import Host, resolve
from commands.shown import Shown, shows


@click.command("run-real")
@scenario_file
@asks
@handles
@shows
def command(file: Path, asked: Asked, handling: Handling, shown: Shown) -> int:
    """Run a scenario on real processes. Print the same kinds of output as simulate."""
    require_linux("run-real")

    from commands.prices import known_price

    shown.check(asked.reads(file))
    written = asked.workloads(file, single=shown.step)
    shown.spare(written)
    workloads = [resolve(workload, None, Host.THIS) for workload in written]
    for workload in workloads:
        machines.check_real_run(workload, asked.limit, handling, live=shown.live)
    with machines.alone(handling.no_wait) as host:
        runs = machines.each(
            workloads,
            lambda workload: machines.really_run(
                workload,
                asked.limit,
                handling,
                shown.decides,
                live=shown.live,
                price=known_price(workload),
                host=host,
            ),
        )
    return shown.runs(runs, several=len(workloads) > 1)
