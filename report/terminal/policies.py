"""Several policies on one scenario: a table with a row for each, then their charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from report.base.axis import unit_for
from report.base.cells import span_of
from report.base.printing import BOLD, DIM, Fact, headline, print_facts, print_tables, say
from report.base.screen import glyphs
from report.base.tables import Column, Group, Sheet, counts_column, names_column, times_column
from report.sections.deadlines import ratio
from report.sections.decisions import show_decisions
from report.sections.overlay import overlay
from report.sections.sentences import (
    costs_words,
    equals_words,
    expectations,
    instant_words,
    machine_words,
    policy_words,
    real_facts,
)
from timeline.comparison.measures import Measures, measures
from timeline.number_formats import digits
from timeline.record.run import Run

MOST_CORE_LINES = 40  # in all charts together; more are left out
BEST = "*"
PLACES = 2  # decimals


def show_policies_compared(runs: Sequence[Run], console: Console) -> None:
    """Print runs of one scenario under several policies: the rules, the table, the charts."""
    headline(console, runs[0].scenario)
    _rules(runs, console)
    names = [str(run.scheduler.get("policy", "?")) for run in runs]
    unit = unit_for(max(map(span_of, runs)))
    say(console, f"Policies (times in {unit})", BOLD)
    print_tables(console, policy_table(runs, names, unit, console))
    say(console, f"{BEST} the best of its column", DIM)
    console.print()
    if len(runs) * len(runs[0].cores) <= MOST_CORE_LINES:
        overlay(runs, names, console)
    print_facts(console, "The real machine", machine_facts(runs, names))
    for run, name in zip(runs, names, strict=True):
        show_decisions(run, console, f"Decisions of {name}")
        title = f"What the scenario expects of {name}"
        print_facts(console, title, expectations(run, glyphs(console)))
        if run.stopped:
            say(console, f"The run of {name} was stopped: {run.stopped}", BOLD)


def _rules(runs: Sequence[Run], console: Console) -> None:
    words = f" {glyphs(console).separator} ".join(machine_words(runs[0]))
    say(console, f"{words[0].upper()}{words[1:]}", BOLD)
    say(console, f"Ties: {instant_words(runs[0].scheduler)}; among equals as below")
    if costs_words(runs[0]):
        say(console, f"Costs: {costs_words(runs[0])}")
    console.print()
    rules = [(policy_words(run.scheduler), equals_words(run.scheduler)) for run in runs]
    print_facts(console, "Policies, and their rules for ties", rules)


def machine_facts(runs: Sequence[Run], names: Sequence[str]) -> Iterator[Fact]:
    """What the records say of the real machine: once if it is the same for all, else for each."""
    facts = [dict(real_facts(run)) for run in runs]
    for label in dict.fromkeys(label for found in facts for label in found):
        said = [found.get(label, "not measured") for found in facts]
        if len(set(said)) == 1:
            yield label, said[0]
            continue
        for index, (name, text) in enumerate(zip(names, said, strict=True)):
            yield "" if index else label, f"{name}: {text}"


def policy_table(runs: Sequence[Run], names: Sequence[str], unit: str, console: Console) -> Sheet:
    """A row for each run. The best of a column has a mark, if not all are equally good."""
    rows = [measures(run) for run in runs]
    return Sheet(
        names_column("policy", names, console.width // 4, glyphs(console).ellipsis),
        [Group([column]) for column in (*_times(rows, unit), *_others(rows, unit))],
    )


def _times(rows: Sequence[Measures], unit: str) -> list[Column]:
    """Turnaround, response and waiting: means, and what 95 of 100 do not exceed."""
    columns: dict[str, Callable[[Measures], int | None]] = {
        "mean\nturn-\naround": lambda row: row.turnaround_ns,
        "95 %\nturn-\naround": lambda row: row.turnaround_p95_ns,
        "mean\nre-\nsponse": lambda row: row.response_ns,
        "mean\nwait-\ning": lambda row: row.waiting_ns,
        "95 %\nwait-\ning": lambda row: row.waiting_p95_ns,
    }
    return [
        _marked(times_column(heading, values, unit, PLACES), values, least=True)
        for heading, of in columns.items()
        for values in [[of(row) for row in rows]]
    ]


def _others(rows: Sequence[Measures], unit: str) -> list[Column]:
    """Fairness, what it cost, how much was done how fast, and missed deadlines if there are any."""
    fairness = [row.fairness for row in rows]
    throughput = [row.throughput_per_s for row in rows]
    spans = [row.makespan_ns for row in rows]
    switches, lost = [row.switches for row in rows], [row.preemptions for row in rows]
    texts = ["" if value is None else f"{value:.3f}" for value in fairness]
    columns = [
        _marked(Column("fair-\nness", texts), fairness, least=False),
        _marked(counts_column("swit-\nches", switches), switches, least=True),
        _marked(counts_column("pre-\nempted", lost), lost, least=True),
        _marked(
            Column("through-\nput per s", [digits(value, 4) for value in throughput]),
            throughput,
            least=False,
        ),
        _marked(times_column("make-\nspan", spans, unit, PLACES), spans, least=True),
    ]
    if any(row.misses is not None for row in rows):
        missed = [row.misses and row.misses.missed for row in rows]
        texts = [ratio(row.misses) or "" for row in rows]
        columns.append(_marked(Column("missed", texts), missed, least=True))
    return columns


def _marked(column: Column, values: Sequence[float | None], *, least: bool) -> Column:
    """The column with a mark behind the best of its values, and behind all that look the same."""
    known = [value for value in values if value is not None]
    best = (min if least else max)(known, default=None)
    looks = {cell for cell, value in zip(column.cells, values, strict=True) if value == best}
    if best is None or looks.issuperset(column.cells):
        looks = set()
    cells = [f"{cell}{BEST if cell in looks else ' '}" for cell in column.cells]
    heading = "\n".join(f"{line} " for line in column.heading.split("\n"))
    return Column(heading, cells)
