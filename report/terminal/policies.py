"""The runs of one scenario under several policies: a table with a row for each, then charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from report.base.axis import unit_for
from report.base.chart import span_of
from report.base.printing import BOLD, DIM, Fact, headline, print_facts, print_tables, say
from report.base.screen import glyphs
from report.sections.decisions import show_decisions
from report.sections.overlay import overlay
from report.sections.policy_table import BEST, WORST, policy_table
from report.sections.run_titles import policy_names
from report.sections.sentences import (
    costs_words,
    equals_words,
    expectations,
    instant_words,
    machine_words,
    policy_words,
    real_facts,
)
from timeline.record.run import Run
from translation import tr

MOST_CORE_LINES = 40  # lines of cores in all charts together; with more, no charts are drawn


def show_policies_compared(runs: Sequence[Run], console: Console) -> None:
    """Print runs of one scenario under several policies: the rules, the table, the charts."""
    headline(console, runs[0].scenario)
    _rules(runs, console)
    names = policy_names(runs)
    unit = unit_for(max(map(span_of, runs)))
    say(console, tr("Policies (times in {unit})", unit=unit), BOLD)
    most, ellipsis = console.width // 4, glyphs(console).ellipsis
    print_tables(console, policy_table(runs, names, unit, most, ellipsis))
    say(
        console,
        tr("{best} marks the best of its column, {worst} the worst", best=BEST, worst=WORST),
        DIM,
    )
    console.print()
    if len(runs) * len(runs[0].cores) <= MOST_CORE_LINES:
        overlay(runs, names, console)
    print_facts(console, tr("The real machine"), machine_facts(runs, names))
    for run, name in zip(runs, names, strict=True):
        show_decisions(run, console, tr("Decisions of {policy}", policy=name))
        title = tr("What the scenario expects of {name}", name=name)
        print_facts(console, title, expectations(run, glyphs(console)))
        if run.stopped:
            words = tr("The run of {policy} was stopped: {why}", policy=name, why=tr(run.stopped))
            say(console, words, BOLD)


def _rules(runs: Sequence[Run], console: Console) -> None:
    words = f" {glyphs(console).separator} ".join(machine_words(runs[0]))
    say(console, f"{words[0].upper()}{words[1:]}", BOLD)
    words = tr(
        "Ties: {rules}; which of equal processes is ahead is in the table below",
        rules=instant_words(runs[0].scheduler),
    )
    say(console, words)
    if costs_words(runs[0]):
        say(console, tr("Costs: {costs}", costs=costs_words(runs[0])))
    console.print()
    rules = [(policy_words(run.scheduler), equals_words(run.scheduler)) for run in runs]
    print_facts(console, tr("Policies, and their rules for ties"), rules)


def machine_facts(runs: Sequence[Run], names: Sequence[str]) -> Iterator[Fact]:
    """Yield the facts of the real machine: once if equal for all runs, else once for each run."""
    facts = [dict(real_facts(run)) for run in runs]
    for label in dict.fromkeys(label for found in facts for label in found):
        said = [found.get(label, tr("not measured")) for found in facts]
        if len(set(said)) == 1:
            yield label, said[0]
            continue
        for index, (name, text) in enumerate(zip(names, said, strict=True)):
            yield "" if index else label, f"{name}: {text}"
