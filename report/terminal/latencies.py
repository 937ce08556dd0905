"""The wake-up latencies of a comparison on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from report.base.printing import BOLD, DIM, print_tables, say
from report.base.screen import glyphs
from report.sections.latencies_compared import wake_ups
from timeline.record.run import Run
from translation import tr


def show_wake_ups(
    sides: tuple[Sequence[Run], Sequence[Run]],
    titles: tuple[str, str],
    console: Console,
    *,
    full: bool,
) -> None:
    """Print the wake-up latencies of both sides, and what they are of. See `wake_ups`."""
    console.print()
    found = wake_ups(sides, titles, console.width // 4, glyphs(console).ellipsis)
    if found is None:
        say(console, tr("No process waited and was woken: there are no wake-up latencies."))
    else:
        say(
            console,
            tr("Wake-up latencies, which the verdict does not judge (in {unit})", unit=found.unit),
            BOLD,
        )
        print_tables(console, found.sheet)
        if found.left_out:
            say(console, tr("{n:,} processes with smaller ones are left out", n=found.left_out))
        models, others = sides
        if len(models) > 1:
            say(
                console,
                tr(
                    "The prediction takes {n} phases of the tick together, because a real run "
                    "cannot choose its phase.",
                    n=len(models),
                ),
            )
        if len(others) > 1:
            say(console, tr("The real latencies are those of all {n} runs.", n=len(others)))
    if not full:
        say(console, tr("--full prints all kinds of latencies of both runs"), DIM)
