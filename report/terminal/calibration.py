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
from translation import mark, tr

MEASURES = (
    mark("stop"),
    mark("continue"),
    mark("timer lateness"),
    mark("wake-up"),
    mark("start by fork"),
    mark("start by forkserver"),
    mark("start by spawn"),
    mark("fsync of 4 KiB"),
)
"""What is measured, as a profile names it."""
PRICES = {
    "spare": mark("Dispatches while the supervisor has a processor of its own"),
    "shared": mark("Dispatches with all processors in use"),
}
QUANTILES = {mark("median"): "p50_ns", "10 %": "p10_ns", "90 %": "p90_ns", "99 %": "p99_ns"}
COLUMNS = {
    mark("median"): "p50_ns",
    "10 %": "p10_ns",
    "90 %": "p90_ns",
    mark("largest"): "max_ns",
}


def show_profile(profile: Mapping[str, Any], console: Console) -> None:
    """Print a profile: its measures, the prices of dispatches, the costs that follow from them."""
    machine = profile["machine"]
    say(console, f"{machine['cpu']}, Linux {machine['kernel']}", BOLD)
    console.print()
    measures = profile["measures"]
    columns = [
        Column(tr(heading), [duration(row[key]) for row in measures.values()])
        for heading, key in COLUMNS.items()
    ]
    counts = Column(tr("times"), [f"{row['count']:,}" for row in measures.values()])
    sheet = Sheet(
        names_column(tr("what"), map(tr, measures), 30, "."),
        [Group([column]) for column in (*columns, counts)],
    )
    print_tables(console, sheet)
    for name, title in PRICES.items():
        if name in profile["prices"]:
            _show_price(tr(title), Price.from_json(profile["prices"][name]), console)
    print_facts(console, tr("What follows"), _follows(profile))
    found = [("!", tr(text)) for text in profile["warnings"]]
    title, nothing = tr("What makes the measurements unreliable"), [("", tr("nothing was found"))]
    print_facts(console, title, found or nothing)


def _show_price(title: str, price: Price, console: Console) -> None:
    """Print the dead times of dispatches, a row for each kind of circumstances."""
    say(console, title, BOLD)
    console.print()
    kinds = price.kinds
    columns = [
        Column(tr(heading), [duration(getattr(kind, name)) for kind in kinds])
        for heading, name in QUANTILES.items()
    ]
    counts = Column(tr("times"), [f"{kind.count:,}" for kind in kinds])
    names = names_column(tr("dispatch"), [_circumstances(kind) for kind in kinds], 40, ".")
    print_tables(console, Sheet(names, [Group([column]) for column in (*columns, counts)]))
    print_facts(console, tr("Other costs of a dispatch"), _beside(price))


def _circumstances(kind: DispatchKind) -> str:
    """Return the circumstances of a kind of dispatch in a few words."""
    words = [tr("first") if kind.first else tr("later")]
    if kind.home:
        words.append(tr("supervisor's core"))
    if kind.from_away_ns:
        words.append(tr("not run for {time}", time=duration(kind.from_away_ns)))
    if kind.from_idle_ns:
        words.append(tr("core idle {time}", time=duration(kind.from_idle_ns)))
    if kind.from_slice_ns:
        words.append(tr("after a slice of {time}", time=duration(max(kind.from_slice_ns, us(1)))))
    return tr(", ").join(words)


def _beside(price: Price) -> Iterator[Fact]:
    """Yield the costs of a dispatch other than its dead time."""
    words = tr(
        "{time}, and {more} a MiB",
        time=duration(price.loading_ns),
        more=duration(price.loading_per_mib_ns),
    )
    yield tr("loading a program"), words
    words = tr("{time} of one that is resumed", time=duration(price.hidden_ns))
    yield tr("of a dispatch, CPU time"), words
    yield tr("slices are longer by"), f"{price.overshoot_ppm / 10_000:.2f} %"
    if price.beside_ns:
        words = tr("{time} of a slice that goes on", time=duration(price.beside_ns))
        yield tr("a decision takes"), words


def _follows(profile: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield the costs of the model, and what the kernel's own scheduler does."""
    costs, free = profile["costs"], profile["free_costs"]
    words = tr(
        "by the circumstances, or where these cannot be told apart dispatch {dispatch}, switch "
        "{switch}; under policy linux, switch {free}",
        dispatch=duration(costs["dispatch"]),
        switch=duration(costs["switch"]),
        free=duration(free["switch"]),
    )
    yield tr("costs of the model"), words
    kernel = profile["scheduler"]
    base = kernel.get("base_slice_ns")
    words = tr("{hz} ticks a second", hz=kernel["hz"])
    if base:
        words = tr("{ticks}, slices of {time}", ticks=words, time=duration(base))
    yield tr("the kernel"), words
