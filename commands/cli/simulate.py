"""The command `simulate`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import machines
from commands.asked import Asked, asks
from commands.links import scenario_file
from commands.machines import charges
from commands.resolve import Host, OtherKernel, other_kernel, resolve
from commands.shown import Shown, not_kept, shows
from commands.spoken import Spoken
from commands.statuses import DONE
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from timeline.record.run import Run


@click.command("simulate", cls=Spoken)
@scenario_file
@asks
@charges
@machines.as_on
@shows
@click.option(
    "--slow", type=click.IntRange(2, 1000), metavar="N",
    help="With --live: play the run N times as slow as the clock.",
)  # fmt: skip
def command(
    file: Path, asked: Asked, costs: str | None, as_on: Path | None, shown: Shown, slow: int | None
) -> int:
    """Run the model of a scenario. Print the timeline, the table of processes and the totals.

    FILE may be the name of a lesson (see `lessons`). With several policies, print a table with a
    row for each policy.
    """
    if slow is not None and not shown.live:
        raise UsageError(tr("--slow: is for --live, which plays the run: add --live"))
    profiles = [] if as_on is None else [as_on]
    shown.check([*asked.reads(file, costs=costs), *profiles], streams=True)
    host = Host.USUAL if as_on is None else other_kernel(as_on)
    if shown.out is not None and shown.streams:
        return _stream(file, asked, costs, host, shown)
    written = asked.workloads(file, single=shown.step, costs=costs)
    shown.spare(written)
    workloads = [resolve(workload, costs, host) for workload in written]
    runs = machines.each(
        workloads, lambda workload: machines.simulated(workload, asked.limit, shown.decides)
    )
    if shown.live:
        _play(runs, slow)
    return shown.runs(runs, several=len(workloads) > 1)


def _stream(
    file: Path, asked: Asked, costs: str | None, host: Host | OtherKernel, shown: Shown
) -> int:
    """Write the record to --out during the run, and show its summary. Return the exit status."""
    from report.base.screen import console
    from report.terminal.streamed import show_streamed

    assert shown.out is not None
    if costs not in (None, "ideal"):  # other costs need the whole run in memory
        raise not_kept(shown.out)
    drawn = asked.workload(file, drawn=True, costs=costs)
    workload = resolve(drawn, costs, host)
    shown.spare([workload])
    show_streamed(workload, *machines.streamed(workload, asked.limit, shown.out), console())
    return DONE


def _play(runs: Iterable[Run], slow: int | None) -> None:
    from report.replay.playing import play

    for run in runs:
        play(run, slow)
