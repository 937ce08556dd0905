"""Two runs of one scenario on a terminal: charts on one axis, differences, the verdict."""

from __future__ import annotations

from rich.console import Console

from report.base.axis import unit_for
from report.base.chart import span_of
from report.base.printing import BOLD, DIM, headline, print_facts, print_tables, say
from report.base.screen import glyphs
from report.base.tables import KEPT, MOST_ROWS
from report.sections.decisions import show_decisions
from report.sections.differences import difference_table, short_table
from report.sections.findings import findings, over_all_runs, parts
from report.sections.overlay import overlay
from report.sections.process_tree import show_observations
from report.sections.run_titles import titles
from report.sections.sentences import (
    expectations,
    machine_words,
    policy_words,
    real_facts,
    rules,
)
from report.sections.witness import witness_facts
from timeline.comparison.criteria import AGREE, AGREE_BUT_TIMES, DISAGREE, NOT_MEASURED
from timeline.comparison.model import Comparison
from timeline.record.run import Run
from translation import mark, tr, tr_text

UNUSUAL = ("draws", "completed_io")
"""The conventions of the scheduler that a record names if they are not the default."""
VERDICTS = {AGREE: "bold green", AGREE_BUT_TIMES: "bold green", DISAGREE: "bold red"}
CHARGED = mark("charged: the times of the model plus what dispatches cost on this machine")
MOST_OBSERVATIONS = 3
"""Observations of each kind, different and equal, in a short comparison."""


def show_comparison(
    first: Run, second: Run, comparison: Comparison, console: Console, *, full: bool = True
) -> None:
    """Print the charts of both runs, their differences, and last the verdict.

    With `full` all that is known is printed, else only the charts, the decisions, one table, the
    observations and the verdict.
    """
    if full:
        _show_all(first, second, comparison, console)
    else:
        _show_short(first, second, comparison, console)
    _verdict(comparison, console)


def _show_short(first: Run, second: Run, comparison: Comparison, console: Console) -> None:
    say(console, tr_text(str(first.scenario.get("title") or tr("Untitled"))), BOLD)
    unusual = (f"; {key}: {first.scheduler[key]}" for key in UNUSUAL if key in first.scheduler)
    ties = f"{first.scheduler.get('ties', 'arrival-first')}{''.join(unusual)}"
    policy = policy_words(first.scheduler)
    say(console, tr("Policy: {policy}; ties: {ties}", policy=policy, ties=ties))
    overlay((first, second), _headings(first, second, console), console)
    show_decisions(first, console)
    if comparison.processes:
        unit = unit_for(max(span_of(first), span_of(second)))
        most, ellipsis = console.width // 4, glyphs(console).ellipsis
        both = titles(first, second)
        print_tables(console, short_table(comparison, both, unit, most, ellipsis))
        if comparison.charged is not None:
            say(console, tr(CHARGED), DIM)
            console.print()
    _observations(comparison, titles(first, second), console)
    _witness(first, second, comparison, console, full=False)
    noise = comparison.noise
    if noise.beside or noise.disturbances:
        say(console, tr("Noise: {noise}", noise=noise.words()))


def _observations(comparison: Comparison, both: tuple[str, str], console: Console) -> None:
    """Print at most MOST_OBSERVATIONS observations that differ, and as many equal ones."""
    different = [pair for pair in comparison.observations if not pair.equal]
    equal = [pair for pair in comparison.observations if pair.equal]
    some = [*different[:MOST_OBSERVATIONS], *equal[:MOST_OBSERVATIONS]]
    show_observations(some, both, console, of=comparison.observations)


def _witness(
    first: Run, second: Run, comparison: Comparison, console: Console, *, full: bool
) -> None:
    """Print what the exported plain program said, if it was asked."""
    if comparison.witness is not None:
        both, alphabet = titles(first, second), glyphs(console)
        facts = witness_facts(comparison.witness, both, alphabet, full=full)
        print_facts(console, tr("The plain program"), facts, close=True)


def _verdict(comparison: Comparison, console: Console) -> None:
    """Print the two parts of the verdict with their reasons, advice on noise, and the verdict."""
    verdict, runs = comparison.verdict, comparison.repeats
    if runs is not None:
        print_facts(console, tr("Over {n} real runs", n=runs.runs), over_all_runs(comparison))
        say(console, tr("The first real run:"), DIM)
        verdict = runs.verdict
    if comparison.broken or verdict == NOT_MEASURED:
        say(console, tr(comparison.sentence))
    else:
        print_facts(console, "", parts(comparison), close=True)
    say(
        console, tr("Verdict: {verdict}", verdict=tr(verdict)), VERDICTS.get(verdict, "bold yellow")
    )


def _show_all(first: Run, second: Run, comparison: Comparison, console: Console) -> None:
    headline(console, first.scenario)
    _rules(first, second, console)
    overlay((first, second), _headings(first, second, console), console)
    show_decisions(first, console)
    _differences(first, second, comparison, console)
    show_observations(comparison.observations, titles(first, second), console)
    _witness(first, second, comparison, console, full=True)
    for title, facts in findings(comparison, glyphs(console)):
        print_facts(console, title, facts)
    for run, name in zip((first, second), titles(first, second), strict=True):
        if run.expectations:
            title = tr("What the scenario expects of the {name} run", name=name)
            print_facts(console, title, expectations(run, glyphs(console)))
        print_facts(console, tr("The real machine"), real_facts(run))
    if (
        not comparison.broken and comparison.verdict != NOT_MEASURED
    ):  # otherwise `_verdict` prints the sentence
        say(console, tr(comparison.sentence))


def _headings(first: Run, second: Run, console: Console) -> list[str]:
    separator = f" {glyphs(console).separator} "
    names = titles(first, second)
    return [
        separator.join([name.upper(), *machine_words(run)[1:]])
        for name, run in zip(names, (first, second), strict=True)
    ]


def _rules(first: Run, second: Run, console: Console) -> None:
    """Print the rules of both runs; a rule that both share is printed once."""
    for sentence in rules((first, second)):
        say(console, sentence)
    console.print()


def _differences(first: Run, second: Run, comparison: Comparison, console: Console) -> None:
    if not comparison.processes:
        return
    unit = unit_for(max(span_of(first), span_of(second)))
    say(console, tr("Processes (times in {unit})", unit=unit), BOLD)
    both = titles(first, second)
    ellipsis = glyphs(console).ellipsis
    print_tables(console, difference_table(comparison, both, unit, console.width // 4, ellipsis))
    if len(comparison.processes) > MOST_ROWS:
        words = tr(
            "{n:,} processes: the first {kept}, then the {kept} furthest apart",
            n=len(comparison.processes),
            kept=KEPT,
        )
        say(console, words, DIM)
        console.print()
