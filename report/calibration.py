"""What was measured of this machine, as a table with its spread, and what makes it a bad ruler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from report.paper import BOLD, Fact, print_facts, print_tables, say
from report.tables import Column, Group, Sheet, names_column
from timeline.verdict import duration

COLUMNS = {"median": "p50_ns", "10 %": "p10_ns", "90 %": "p90_ns", "largest": "max_ns"}


def show_profile(profile: Mapping[str, Any], console: Console) -> None:
    """Print it."""
    machine = profile["machine"]
    say(console, f"{machine['cpu']}, Linux {machine['kernel']}", BOLD)
    console.print()
    measures = profile["measures"]
    columns = [
        Column(heading, [duration(row[key]) for row in measures.values()])
        for heading, key in COLUMNS.items()
    ]
    counts = Column("times", [f"{row['count']:,}" for row in measures.values()])
    sheet = Sheet(
        names_column("what", list(measures), 30, "."),
        [Group([column]) for column in (*columns, counts)],
    )
    print_tables(console, sheet)
    print_facts(console, "What follows", _follows(profile))
    found = [("!", text) for text in profile["warnings"]]
    print_facts(console, "What makes it a bad ruler", found or [("", "nothing was found")])


def _follows(profile: Mapping[str, Any]) -> Iterator[Fact]:
    costs, free = profile["costs"], profile["free_costs"]
    yield (
        "costs of the model",
        f"dispatch {duration(costs['dispatch'])}, switch {duration(costs['switch'])}; "
        f"under policy linux, switch {duration(free['switch'])}",
    )
    kernel = profile["scheduler"]
    base = kernel.get("base_slice_ns")
    said = f", slices of {duration(base)}" if base else ""
    yield "the kernel", f"{kernel['hz']} ticks a second{said}"
