"""The command `compare`."""

from __future__ import annotations

from pathlib import Path

import click

from commands.asked import Asked, asks
from commands.machines import Handling, charges, handles, only_here
from commands.names import scenario_argument
from commands.shown import Shown, compared_status, is_stream, shows, status_of
from commands.spoken import Spoken
from commands.statuses import FAILED
from kernel.errors import UsageError
from report.result import Result
from translation import tr


@click.command("compare", cls=Spoken)
@scenario_argument("files", several=True)
@click.option(
    "--runs", type=click.IntRange(1, 1000), metavar="N", help="Make N real runs; report medians."
)
@click.option(
    "--program",
    is_flag=True,
    help="Also run the scenario as a plain Python program, as a third witness.",
)
@asks
@charges
@only_here
@handles
@shows
def command(
    files: tuple[Path, ...],
    runs: int | None,
    program: bool,
    asked: Asked,
    costs: str | None,
    handling: Handling,
    shown: Shown,
) -> int:
    """Compare the model with a real run, or two saved runs. Say how far apart they are and why.

    Two saved runs are compared as they are: compare a.json b.json
    """
    from dataclasses import replace

    from commands.compared import concluded, model_and_real_runs, saved_runs
    from report.terminal.delivery import deliver_comparison

    shown.check(asked.reads(*files, costs=costs))
    if all(file.suffix == ".json" or is_stream(file) for file in files):
        other = shown.explain or shown.live or costs is not None or runs is not None or program
        if other or not (asked.nothing and handling.nothing):
            raise UsageError(tr("saved runs are compared as they are: leave out the other options"))
        compared = saved_runs(files, asked.limit)
        shown = replace(shown, explain=True)
    elif len(files) == 1:
        compared = model_and_real_runs(
            files[0], runs or 1, asked, costs, handling, shown, program=program
        )
    else:
        raise UsageError(
            tr("compare takes one scenario file, or two saved runs (.json, .jsonl or .jsonl.gz)")
        )
    first, second = compared.first, compared.others[0]
    # the second run was stopped before all processes were started: there is nothing to compare
    if second.stopped and first.process_names != second.process_names:
        return status_of(second) if not second.divergences else shown.diverged(first, second)
    comparison, verdict = concluded(compared, repeated=runs is not None)
    with shown.written(Result([first, second], comparison)) as result:
        deliver_comparison(
            result.runs[0],
            result.runs[1],
            comparison,
            shown.as_json,
            shown.out,
            full=shown.full,
            latency=compared.sides if shown.latency else None,
        )
    shown.walk([first, second])
    # the comparison with the model judges a real run, not the scenario's expectations
    statuses = map(compared_status, compared.others)
    return max(status_of(first), *statuses, FAILED * (verdict == "disagree"))
