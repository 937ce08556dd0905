"""The smallest workload that shows what is wrong: as a scenario, in a sentence, in two charts."""

from __future__ import annotations

import io
import textwrap

from rich.console import Console

from kernel.units import format_duration
from kernel.workload import SchedulerSpec
from report.sections.overlay import overlay
from teaching.assignment.cases import Case
from teaching.assignment.schedule import first_difference
from timeline.record.run import Run

WIDTH = 78  # columns
_INDENT = "  "


def counterexample(
    case: Case, scheduler: SchedulerSpec, said: str, mine: Run | None, model: Run
) -> str:
    """Return the feedback for a case: what it is, what is wrong, and both charts.

    `mine` is None if the submission broke a rule; then only the chart of the model is shown.
    """
    parts = [textwrap.indent(case.text(scheduler), _INDENT), _wrapped(said)]
    if mine is not None:
        parts[1] += _ready_then(mine, model)
        parts.append(_charts([mine, model], ["yours", scheduler.name]))
    else:
        parts.append(_charts([model], [scheduler.name]))
    return "\n".join(part.rstrip("\n") for part in parts if part)


def _wrapped(said: str) -> str:
    return "\n".join(textwrap.wrap(said, WIDTH))


def _ready_then(mine: Run, model: Run) -> str:
    """Return which processes are ready, at the first difference of the two runs."""
    found = first_difference(mine, model)
    if found is None or not found.ready:
        return ""
    names = ", ".join(sorted(found.ready))
    are = "is" if len(found.ready) == 1 else "are"
    return f"\nIn yours {names} {are} ready at {format_duration(found.at)}."


def _charts(runs: list[Run], headings: list[str]) -> str:
    text = io.StringIO()
    console = Console(
        file=text,
        width=WIDTH,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    overlay(runs, headings, console)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    return "\n".join(line for line in lines if line)
