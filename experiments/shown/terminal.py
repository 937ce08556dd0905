"""The answer on the terminal: what was done, the table, the chart, the sentences."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from experiments.results.answer import Answer
from experiments.shown.numbers import scale_of
from experiments.shown.panels import drawing_of
from experiments.shown.table import ALIKE, BEST, MOST_ROWS, answer_table, percentile_table
from experiments.shown.terminal_chart import chart_lines
from experiments.shown.words import differences, is_grouped, plan_words, remarks
from report.base.printing import BOLD, DIM, headline, print_lines, print_tables, say
from report.base.screen import clean, glyphs
from translation import tr


def show_answer(answer: Answer, console: Console, *, full: bool = False) -> None:
    """Print the answer. With `full` the table has all points."""
    separator, ellipsis = glyphs(console).separator, glyphs(console).ellipsis
    headline(console, {"title": answer.title, "about": answer.about})
    say(console, f" {separator} ".join(plan_words(answer)), BOLD)
    console.print()
    most = console.width // 3
    print_tables(console, answer_table(answer, most, ellipsis, whole=full))
    if any(answer.best(at) is not None for at in range(len(answer.measures))):
        marks = tr("{mark} the best of its column", mark=BEST)
        if any(answer.alike(at) for at in range(len(answer.measures))):
            marks += "   " + tr("{mark} not shown to differ from the best", mark=ALIKE)
        say(console, marks, DIM)
    if not full and len(answer.points) > MOST_ROWS:
        say(
            console,
            tr("{points} points: --full prints all of them", points=len(answer.points)),
            DIM,
        )
    console.print()
    _charts(answer, console, full)
    _percentiles(answer, console, most, ellipsis)
    shown = range(len(answer.measures)) if full or not is_grouped(answer) else range(1)
    for at in shown:
        for sentence in differences(answer, at):
            say(console, sentence)
    for remark in remarks(answer):
        say(console, remark)


def _charts(answer: Answer, console: Console, full: bool) -> None:
    """Print the chart of the first measure, or of all of them."""
    drawing = drawing_of(answer)
    if drawing is None:
        return
    for at, measure in enumerate(answer.measures if full else answer.measures[:1]):
        lines = chart_lines(answer, drawing, at, console.width, glyphs(console))
        if lines:
            unit = scale_of(measure, answer.estimates[at]).unit
            say(console, f"{measure.name}{f', {unit}' if unit else ''}", BOLD)
            print_lines(console, map(Text, map(clean, lines)))
            console.print()


def _percentiles(answer: Answer, console: Console, most: int, ellipsis: str) -> None:
    if not answer.plan.percentiles:
        return
    for at, measure in enumerate(answer.measures):
        unit = scale_of(measure, answer.estimates[at]).unit
        in_unit = f", {unit}" if unit else ""
        heading = tr(
            "{measure} over replications{unit}: percentiles, with intervals by order statistics",
            measure=measure.name,
            unit=in_unit,
        )
        say(console, heading, BOLD)
        print_tables(console, percentile_table(answer, at, most, ellipsis))
