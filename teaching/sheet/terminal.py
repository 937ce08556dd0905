"""A sheet on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from report.base.cells import core_cells, state_cells
from report.base.chart import Chart, span_of
from report.base.printing import BOLD, print_facts, print_lines, print_notes, print_tables, say
from report.base.screen import wrap
from report.base.tables import Column, Group
from report.base.tables import Sheet as Columns
from report.sections.gantt import (
    Frame,
    core_lines,
    core_notes,
    line_names,
    state_lines,
    state_notes,
)
from teaching.sheet.blocks import Block, Code, Facts, Heading, Items, Paragraph, Picture, Table
from timeline.record.run import Run


def show(blocks: Iterable[Block], console: Console) -> None:
    """Print the blocks of a sheet."""
    for block in blocks:
        match block:
            case Heading():
                say(console, block.text, BOLD)
            case Paragraph():
                say(console, block.text)
            case Facts():
                print_facts(console, "", block.facts)
            case Table():
                _table(block, console)
            case Items():
                for mark, text in block.items:
                    say(console, f"   {mark}) {text}")
                console.print()
            case Code():
                for line in block.text.splitlines():
                    say(console, f"    {line}")
                console.print()
            case Picture():
                picture(block.run, console, states=block.states)


def _table(table: Table, console: Console) -> None:
    columns = [
        Column(heading, [row[at] for row in table.rows], numeric=at not in table.left)
        for at, heading in enumerate(table.headings)
    ]
    widest = console.width - sum(column.width + 2 for column in columns[:-1])
    if columns[-1].width > widest >= 10:
        _wrapped(columns, widest, console)
        return
    print_tables(console, Columns(columns[0], [Group([column]) for column in columns[1:]]))


def _wrapped(columns: list[Column], width: int, console: Console) -> None:
    """Print a table whose last column is text that needs several lines."""
    last = columns[-1]
    many = [wrap(cell, width) or [""] for cell in last.cells]
    heads = [
        Column(
            column.heading,
            [
                cell if not line else ""
                for cell, lines in zip(column.cells, many, strict=True)
                for line in range(len(lines))
            ],
            numeric=column.numeric,
        )
        for column in columns[:-1]
    ]
    texts = Column(last.heading, [line for lines in many for line in lines], numeric=False)
    print_tables(console, Columns(heads[0], [Group([*heads[1:], texts])]))


def picture(run: Run, console: Console, *, states: bool) -> None:
    """Print the chart of a run: its cores, and with `states` each process."""
    span = span_of(run)
    if not span:
        return
    chart = Chart(run)
    names = [*chart.core_names, *(line_names(chart.labels) if states else [])]
    frame = Frame.fit(console, span, names)
    rows = core_cells(chart, frame.axis)
    print_lines(console, core_lines(chart, rows, frame))
    notes = core_notes(rows, chart.labels, frame.glyphs)
    if states:
        of_states = state_cells(chart, frame.axis)
        none: list[set[int]] = [set() for _ in run.processes]
        lines = state_lines(of_states, none, chart.labels, frame)
        print_lines(console, [frame.ticks(), *lines])
        notes += state_notes(of_states, frame.glyphs)
    print_lines(console, [frame.ticks(), frame.times()])
    print_notes(console, notes)
    console.print()
