"""Two runs of one scenario laid over each other: charts on one axis, differences, the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from report.axis import unit_for
from report.cells import core_rows, span_of
from report.differences import difference_table
from report.findings import conditions, distances, whereabouts
from report.gantt import Frame, core_lines, core_notes, legend
from report.labels import Labels
from report.paper import (
    BOLD,
    DIM,
    headline,
    print_facts,
    print_lines,
    print_notes,
    print_tables,
    say,
)
from report.screen import glyphs
from report.sentences import expectations, machine_words, policy_words, real_facts, ties_words
from report.tables import KEPT, MOST_ROWS
from timeline.compare import Comparison
from timeline.run import Run
from timeline.verdict import AGREE, DISAGREE

VERDICTS = {AGREE: "bold green", DISAGREE: "bold red"}


def show_comparison(first: Run, second: Run, comparison: Comparison, console: Console) -> None:
    """Print both runs' charts, how far they are apart, and last of all whether they agree."""
    headline(console, first.scenario)
    _rules(first, second, console)
    _charts((first, second), titles(first, second), console)
    _differences(first, second, comparison, console)
    print_facts(console, "How far apart", distances(comparison))
    print_facts(console, "Where the time went", whereabouts(comparison))
    print_facts(
        console, "What must hold, and what came out", conditions(comparison, glyphs(console))
    )
    for run, name in zip((first, second), titles(first, second), strict=True):
        if run.expectations:
            title = f"What the scenario expects of the {name} run"
            print_facts(console, title, expectations(run, glyphs(console)))
        print_facts(console, "The real machine", real_facts(run))
    say(console, comparison.sentence)
    say(console, f"Verdict: {comparison.verdict}", VERDICTS.get(comparison.verdict, "bold yellow"))


def titles(first: Run, second: Run) -> tuple[str, str]:
    """What the two runs are called: simulated and real, or first and second if both are one."""
    if first.backend == second.backend:
        return "first", "second"
    return first.backend, second.backend


def _rules(first: Run, second: Run, console: Console) -> None:
    """The rules of both, or of each if they differ."""
    for words in (
        [f"Policy: {policy_words(run.scheduler)}" for run in (first, second)],
        [f"Ties: {ties_words(run.scheduler)}" for run in (first, second)],
    ):
        for sentence in dict.fromkeys(words):
            say(console, sentence)
    console.print()


def _charts(runs: Sequence[Run], names: Sequence[str], console: Console) -> None:
    """The cores of the runs, one run below the other, on one time axis."""
    span = max(map(span_of, runs))
    if not span:
        say(console, "Nothing took any time: there is no chart to draw.")
        return
    everyone = dict.fromkeys(name for run in runs for name in run.process_names)
    labels = Labels(list(everyone))
    frame = Frame.fit(console, span, [f"core {c.core}" for run in runs for c in run.cores])
    notes: list[str] = []
    for run, name in zip(runs, names, strict=True):
        rows = core_rows(run, frame.axis)
        mine = labels.only(run.process_names)
        words = f" {frame.glyphs.separator} ".join([name.upper(), *machine_words(run)[1:]])
        say(console, words, BOLD)
        print_lines(console, [*core_lines(run, rows, mine, frame), frame.ticks()])
        notes += core_notes(rows, mine, frame.glyphs)
    print_lines(console, [frame.times()])
    print_notes(console, legend(labels, frame.glyphs))
    print_notes(console, list(dict.fromkeys(notes)))
    console.print()


def _differences(first: Run, second: Run, comparison: Comparison, console: Console) -> None:
    if not comparison.processes:
        return
    unit = unit_for(max(span_of(first), span_of(second)))
    say(console, f"Processes (times in {unit})", BOLD)
    both = titles(first, second)
    ellipsis = glyphs(console).ellipsis
    print_tables(console, difference_table(comparison, both, unit, console.width // 4, ellipsis))
    if len(comparison.processes) > MOST_ROWS:
        count = len(comparison.processes)
        say(console, f"{count:,} processes: the first {KEPT}, then the {KEPT} furthest apart", DIM)
        console.print()
