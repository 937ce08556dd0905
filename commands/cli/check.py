"""The command `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.asked import Asked, asks
from commands.names import scenario_argument
from commands.spoken import Spoken
from commands.statuses import DONE
from kernel.errors import UsageError
from translation import tr, tr_n

if TYPE_CHECKING:
    from kernel.workload import Workload


@click.command("check", cls=Spoken)
@scenario_argument("files", several=True)
@asks
def command(files: tuple[Path, ...], asked: Asked) -> int:
    """Validate scenario files. Print every mistake with its line, and what would be right.

    For periodic processes, print how much CPU time they need, and whether they can meet their
    deadlines.
    """
    from kernel.scheduling.checked import check_complete

    status = DONE
    for file in files:
        try:
            workload = asked.workload(file)
            check_complete(workload.scheduler.policy)
        except UsageError as error:
            click.echo(str(error), err=True)
            status = error.exit_status
        else:
            steps = sum(len(spec.program.places) for spec in workload.processes)
            many = len(workload.processes)
            click.echo(
                tr(
                    "{file}: correct: {processes}, {steps}",
                    file=file,
                    processes=tr_n("{n:,} process", "{n:,} processes", many),
                    steps=tr_n("{n:,} step", "{n:,} steps", steps),
                )
            )
            _show_memory(workload)
            _show_schedulability(workload)
    return status


def _show_memory(workload: Workload) -> None:
    """Print how main memory is divided, if it is modelled."""
    if workload.memory is not None:
        from kernel.units import format_size
        from report.sections.memory import memory_words
        from timeline.record.description import describe_memory

        words = memory_words(describe_memory(workload.memory, workload.devices))
        click.echo(
            tr("memory: {size}, {words}", size=format_size(workload.memory.size), words=words)
        )


def _show_schedulability(workload: Workload) -> None:
    """Print what scheduling theory says about periodic processes, if there are any."""
    if any(spec.period is not None for spec in workload.processes):
        from report.sections.schedulability import describe

        for line in describe(workload):
            click.echo(line)
