"""The result of a streamed run on a terminal. The record of such a run is only in a file."""

from __future__ import annotations

from rich.console import Console

from kernel.workload import Workload
from report.base.axis import brief, unit_for
from report.base.printing import BOLD, headline, say
from report.base.screen import glyphs
from report.sections.sentences import totals
from report.terminal.run import show_rules
from timeline.files.streaming import Streamed
from timeline.record.description import describe_machine, describe_scheduler
from timeline.record.intervals import Intervals
from timeline.record.metrics import Mean, Summary
from timeline.record.run import SIMULATED, Run
from translation import tr


def show_streamed(workload: Workload, record: Streamed, summary: Summary, console: Console) -> None:
    """Print the rules, the totals, and exact means over all processes."""
    run = Run(
        backend=SIMULATED,
        scenario=workload.source,
        scheduler=describe_scheduler(workload),
        machine=describe_machine(SIMULATED, workload),
        makespan_ns=summary.makespan_ns,
        cores=summary.cores,
        processes=[],
        averages=summary.averages,
        intervals=Intervals(),
    )
    headline(console, run.scenario)
    show_rules(run, console)
    many = record.totals
    unit = unit_for(summary.makespan_ns)
    words = tr("{n:,} processes, {intervals:,} intervals", n=many.rows, intervals=record.rows)
    say(console, words, BOLD)
    for name, mean in (
        (tr("turnaround"), many.turnaround),
        (tr("response"), many.response),
        (tr("waiting"), many.waiting),
    ):
        say(console, tr("{label}: {words}", label=name, words=_words(mean)))
    if many.turnaround.many < many.rows:
        say(console, tr("{n:,} of them have not finished", n=many.rows - many.turnaround.many))
    words = f" {glyphs(console).separator} ".join(totals(run, unit))
    say(console, f"{words[0].upper()}{words[1:]}", BOLD)


def _words(mean: Mean) -> str:
    if mean.rounded is None:
        return tr("none")
    unit = unit_for(mean.rounded)
    return tr(
        "mean {mean} {unit}, of {n:,}: {total:,} ns in all",
        mean=brief(mean.rounded, unit),
        unit=unit,
        n=mean.many,
        total=mean.total,
    )
