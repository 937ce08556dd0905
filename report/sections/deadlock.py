"""The graph of a deadlock: which process waits for which."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from kernel.process.waits_for import circle
from report.base.printing import Fact, print_facts
from report.base.screen import ASCII, Glyphs, glyphs
from timeline.record.run import Run
from translation import tr


def show_deadlock(run: Run, console: Console) -> None:
    """Print which process waits for which, if the run ended in a deadlock."""
    title = tr("Which process waits for which")
    print_facts(console, title, list(deadlock_facts(run, glyphs(console))))


def deadlock_facts(run: Run, alphabet: Glyphs) -> Iterator[Fact]:
    """Yield each process that waits for ever with the processes that it waits for, and a circle."""
    arrow = "->" if alphabet is ASCII else "→"
    for row in run.deadlock:
        holders = f" {arrow} {', '.join(row.holders)}" if row.holders else ""
        if row.because:
            words = tr("waits {what}, {because}", what=tr(row.waits), because=tr(row.because))
        else:
            words = tr("waits {what}", what=tr(row.waits))
        yield row.process, f"{words}{holders}"
    if found := circle(run.deadlock):
        yield tr("circle"), f" {arrow} ".join([*found, found[0]])
