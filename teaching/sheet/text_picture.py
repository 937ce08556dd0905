"""The chart of a run as text of 80 columns, for Markdown and for course systems."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from teaching.sheet.terminal import picture
from timeline.record.run import Run

WIDTH = 80


def text_picture(run: Run, *, states: bool) -> str:
    """Return the chart as lines."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, color_system=None, force_terminal=False, markup=False)
    picture(run, console, states=states)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())
