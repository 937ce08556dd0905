"""The measures of this machine as tables, and the reasons why they may be unreliable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from kernel.dispatch_price import DispatchKind, Price
from kernel.units import us
from report.base.printing import BOLD, Fact, print_facts, print_tables, say
from report.base.tables import Column, Group, Sheet, names_column
from timeline.number_formats import duration

PRICES = {
    "spare": "Dispatches with a core to spare for the supervisor",
    "shared": "Dispatches with all processors in use",
}
QUANTILES = {"median": "p50_ns", "10 %": "p10_ns", "90 %": "p90_ns", "99 %": "p99_ns"}
COLUMNS = {"median": "p50_ns", "10 %": "p10_ns", "90 %": "p90_ns", "largest": "max_ns"}


def show_profile(profile: Mapping[str, Any], console: Console) -> None:
    """Print a profile: its measures, the prices of dispatches, the costs that follow from them."""
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
    for name, title in PRICES.items():
        if name in profile["prices"]:
            _show_price(title, Price.from_json(profile["prices"][name]), console)
    print_facts(console, "What follows", _follows(profile))
    found = [("!", text) for text in profile["warnings"]]
    print_facts(console, "What makes its measures unreliable", found or [("", "nothing was found")])


def _show_price(title: str, price: Price, console: Console) -> None:
    """Print the dead times of dispatches, a row for each kind of circumstances."""
    say(console, title, BOLD)
    console.print()
    kinds = price.kinds
    columns = [
        Column(heading, [duration(getattr(kind, name)) for kind in kinds])
        for heading, name in QUANTILES.items()
    ]
    counts = Column("times", [f"{kind.count:,}" for kind in kinds])
    names = names_column("dispatch", [_circumstances(kind) for kind in kinds], 40, ".")
    print_tables(console, Sheet(names, [Group([column]) for column in (*columns, counts)]))
    print_facts(console, "Besides the dead time", _beside(price))


def _circumstances(kind: DispatchKind) -> str:
    """Return the circumstances of a kind of dispatch in a few words."""
    words = ["first" if kind.first else "later"]
    if kind.home:
        words.append("supervisor's core")
    if kind.from_away_ns:
        words.append(f"away {duration(kind.from_away_ns)}")
    if kind.from_idle_ns:
        words.append(f"core idle {duration(kind.from_idle_ns)}")
    if kind.from_slice_ns:
        words.append(f"after {duration(max(kind.from_slice_ns, us(1)))}")
    return ", ".join(words)


def _beside(price: Price) -> Iterator[Fact]:
    """Yield the costs of a dispatch other than its dead time."""
    loading = duration(price.loading_ns), duration(price.loading_per_mib_ns)
    yield "loading a program", f"{loading[0]}, and {loading[1]} a MiB"
    yield "of a dispatch, CPU time", f"{duration(price.hidden_ns)} of one that is resumed"
    yield "slices are longer by", f"{price.overshoot_ppm / 10_000:.2f} %"
    if price.beside_ns:
        yield "a decision takes", f"{duration(price.beside_ns)} of a slice that goes on"


def _follows(profile: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield the costs of the model, and what the kernel's own scheduler does."""
    costs, free = profile["costs"], profile["free_costs"]
    yield (
        "costs of the model",
        "by the circumstances, or where these cannot be told apart "
        f"dispatch {duration(costs['dispatch'])}, switch {duration(costs['switch'])}; "
        f"under policy linux, switch {duration(free['switch'])}",
    )
    kernel = profile["scheduler"]
    base = kernel.get("base_slice_ns")
    said = f", slices of {duration(base)}" if base else ""
    yield "the kernel", f"{kernel['hz']} ticks a second{said}"
