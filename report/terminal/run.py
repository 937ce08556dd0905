"""One run on a terminal: charts, tables, sentences."""

from __future__ import annotations

from rich.console import Console

from report.base.axis import unit_for
from report.base.cells import core_cells, state_cells
from report.base.chart import Chart, span_of
from report.base.printing import (
    BOLD,
    DIM,
    headline,
    print_facts,
    print_lines,
    print_notes,
    print_tables,
    say,
)
from report.base.screen import glyphs
from report.sections.deadlines import LINE, missed_columns, missed_line, missed_notes
from report.sections.deadlock import show_deadlock
from report.sections.decisions import show_decisions
from report.sections.gantt import (
    Frame,
    core_lines,
    core_notes,
    legend,
    line_names,
    state_lines,
    state_notes,
)
from report.sections.latencies import kinds_of_latency
from report.sections.memory import (
    endings,
    memory_facts,
    memory_lines,
    memory_notes,
    memory_words,
    place_names,
    placement_table,
)
from report.sections.memory_levels import level_lines, level_names, level_notes
from report.sections.process_tree import show_process_tree
from report.sections.processes import cut_words, process_table, short_process_table
from report.sections.python_words import python_lines
from report.sections.sentences import (
    costs_words,
    expectations,
    machine_words,
    policy_words,
    real_facts,
    ties_words,
    totals,
)
from timeline.comparison.causes.noise import noise_of
from timeline.record.jobs import misses
from timeline.record.run import REAL, Run
from translation import tr, tr_text

MOST_STATE_LINES = 30  # processes; with more, no lines of states are drawn


def show_run(run: Run, console: Console, *, full: bool = True) -> None:
    """Print all that is known of one run; without `full` charts, one table and observations."""
    if full:
        headline(console, run.scenario)
        show_rules(run, console)
    else:
        _show_head(run, console)
    _charts(run, console, full=full)
    show_decisions(run, console)
    if full:
        _memory(run, console)
    _processes(run, console, full=full)
    show_process_tree(run, console)
    print_facts(console, tr("What the scenario expects"), expectations(run, glyphs(console)))
    if full:
        print_facts(console, tr("The real machine"), real_facts(run))
    else:
        _show_ends(run, console)
    show_deadlock(run, console)
    if run.stopped:
        say(console, tr("The run was stopped: {why}", why=tr(run.stopped)), BOLD)


def _show_head(run: Run, console: Console) -> None:
    """Print the title and the rules; for a simulated run also the scenario's `about`."""
    if run.backend == REAL:
        say(console, tr_text(str(run.scenario.get("title") or tr("Untitled"))), BOLD)
    else:
        headline(console, run.scenario)
    show_rules(run, console)


def _show_ends(run: Run, console: Console) -> None:
    """Print programs that a memory step ended, and the noise if it hides an expectation."""
    if run.memory_events:
        title = tr("Ended by what they did in memory")
        print_facts(console, title, endings(run, unit_for(span_of(run))))
    if any(expectation.holds is None for expectation in run.expectations):
        noise = noise_of(run)
        advice = tr("; ").join(map(tr, list(noise.advice())[:2]))
        facts = [(tr("Noise"), tr(noise.words())), (tr("To do"), advice)]
        print_facts(console, "", facts, close=True)


def show_latencies(run: Run, console: Console) -> None:
    """Print the latencies: for each kind a table of processes and a histogram of all."""
    alphabet = glyphs(console)
    kinds = list(kinds_of_latency(run, console.width // 4, alphabet.ellipsis, alphabet.running))
    for kind in kinds:
        say(console, tr("{title} (times in {unit})", title=kind.title, unit=kind.unit), BOLD)
        print_tables(console, kind.sheet)
        print_facts(console, "", kind.bars)
    if not kinds:
        words = tr("No process has waited for a core or ended a burst: there are no latencies.")
        say(console, words)


def show_rules(run: Run, console: Console) -> None:
    """Print the machine, the policy, ties and costs."""
    alphabet = glyphs(console)
    words = f" {alphabet.separator} ".join(machine_words(run))
    say(console, f"{words[0].upper()}{words[1:]}", BOLD)
    say(console, tr("Policy: {policy}", policy=policy_words(run.scheduler)))
    say(console, tr("Ties: {rules}", rules=ties_words(run.scheduler)))
    if costs_words(run):
        say(console, tr("Costs: {costs}", costs=costs_words(run)))
    for line in python_lines(run):
        say(console, line)
    console.print()


def _charts(run: Run, console: Console, *, full: bool) -> None:
    span = span_of(run)
    if not span:
        say(console, tr("Nothing took any time: there is no chart to draw."))
        console.print()
        return
    chart = Chart(run)
    labels = chart.labels
    detailed = len(run.processes) <= MOST_STATE_LINES
    frame = Frame.fit(console, span, _gutter(chart, detailed))
    rows = core_cells(chart, frame.axis)
    print_lines(console, core_lines(chart, rows, frame))
    notes = core_notes(rows, labels, frame.glyphs)
    if detailed:
        states = state_cells(chart, frame.axis)
        missed = missed_columns(chart, frame.axis)
        print_lines(console, [frame.ticks(), *state_lines(states, missed, labels, frame)])
        notes += state_notes(states, frame.glyphs)
    else:
        print_lines(console, missed_line(chart, frame))
    notes += missed_notes(run, frame)
    if run.memory_events:
        print_lines(console, [frame.ticks(), *memory_lines(run, labels, frame)])
        notes += memory_notes(run)
        if full:
            print_lines(console, [frame.ticks(), *level_lines(run, frame)])
            notes += level_notes(run)
    print_lines(console, [frame.ticks(), frame.times()])
    if not detailed:
        print_notes(console, legend(labels, frame.glyphs))
    print_notes(console, notes)
    console.print()


def _gutter(chart: Chart, detailed: bool) -> list[str]:
    names, run = chart.core_names, chart.run
    if run.memory_events:
        names += place_names(run) + level_names(run)
    if detailed:
        return names + line_names(chart.labels)
    return [*names, tr(LINE)] if misses(run) else names


def _memory(run: Run, console: Console) -> None:
    if not run.memory_events:
        return
    unit = unit_for(span_of(run))
    sheet = placement_table(run, unit, console.width // 4, glyphs(console).ellipsis)
    words = memory_words(run.machine.get("memory") or {})
    say(console, tr("Memory: {scheme} (times in {unit})", scheme=words, unit=unit), BOLD)
    print_tables(console, sheet)
    print_facts(console, tr("Memory over time (means)"), memory_facts(run))
    print_facts(console, tr("Ended by what they did in memory"), endings(run, unit))


def _processes(run: Run, console: Console, *, full: bool) -> None:
    if not run.processes:
        return
    unit = unit_for(span_of(run))
    fitting = unit, console.width // 4, glyphs(console).ellipsis
    sheet = process_table(run, *fitting)
    if not full and len(sheet.tables(console.width, glyphs(console).floor)) > 1:
        sheet = short_process_table(run, *fitting)
    sheet.names.foot = tr("mean")
    say(console, tr("Processes (times in {unit})", unit=unit), BOLD)
    print_tables(console, sheet)
    cut = cut_words(run, unit)
    if cut:
        say(console, cut, DIM)
    words = f" {glyphs(console).separator} ".join(totals(run, unit))
    say(console, f"{words[0].upper()}{words[1:]}", BOLD)
    console.print()
