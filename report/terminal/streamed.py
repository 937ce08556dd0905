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
    say(console, f"{many.rows:,} processes, {record.rows:,} intervals", BOLD)
    for name, mean in (
        ("turnaround", many.turnaround),
        ("response", many.response),
        ("waiting", many.waiting),
    ):
        say(console, f"{name}: {_words(mean)}")
    if many.turnaround.many < many.rows:
        say(console, f"{many.rows - many.turnaround.many:,} of them have not finished")
    words = f" {glyphs(console).separator} ".join(totals(run, unit))
    say(console, f"{words[0].upper()}{words[1:]}", BOLD)


def _words(mean: Mean) -> str:
    if mean.rounded is None:
        return "none"
    unit = unit_for(mean.rounded)
    return f"mean {brief(mean.rounded, unit)} {unit}, of {mean.many:,}: {mean.total:,} ns in all"
