"""The process tree: which process started which, how each ended, what it observed and printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console

from kernel.lifecycle.priority_protocols import INHERITS, RESTORED
from report.base.axis import brief, unit_for
from report.base.chart import span_of
from report.base.printing import BOLD, Fact, print_facts, say
from report.base.screen import ASCII, Glyphs, glyphs
from timeline.comparison.observations import PRINTS, ObservationPair, compared, words
from timeline.record.run import LifecycleEvent, ProcessRow, Run

MOST_LINES = 60
"""How many observations are printed; a saved run has all of them."""


def show_process_tree(run: Run, console: Console) -> None:
    """Print the process tree, the printed lines and the observations, if there are any."""
    if not has_process_tree(run):
        return
    unit = unit_for(span_of(run))
    print_facts(console, f"Process tree (times in {unit})", tree_facts(run, unit, glyphs(console)))
    print_facts(console, "Printed lines", printed_lines(run, unit))
    heading = f"Observations (times in {unit})"
    _print_first(console, heading, observation_facts(run, unit), MOST_LINES, "observations")


def observation_facts(run: Run, unit: str) -> list[Fact]:
    """Return the observations of processes without printed lines, by time; times in `unit`."""
    return [
        (f"{row.process} at {brief(row.at_ns, unit)}", f"{row.name}: {words(row.value)}")
        for row in compared(run)
        if row.name != PRINTS
    ]


def show_observations(
    pairs: Sequence[ObservationPair],
    titles: tuple[str, str],
    console: Console,
    of: Sequence[ObservationPair] | None = None,
) -> None:
    """Print the observations of two runs. An observation that is equal in both is printed once.

    If `pairs` is only a part of all pairs, `of` has all of them, and the heading counts those.
    Without `of` at most 2 * MOST_LINES lines are printed.
    """
    if not pairs:
        return
    alphabet, everything = glyphs(console), pairs if of is None else of
    same = sum(pair.equal for pair in everything)
    count = f"{same} of {len(everything)} the same on both machines"
    facts = [fact for pair in pairs for fact in _pair(pair, titles, alphabet)]
    if of is not None:
        print_facts(console, f"Observations: {count}", facts, close=True)
        return
    say(console, f"Observations: {count}", BOLD)
    _print_first(console, "What was observed and printed", facts, 2 * MOST_LINES, "lines")


def _print_first(console: Console, heading: str, facts: list[Fact], most: int, what: str) -> None:
    """Print the first `most` facts, and say how many there are if these are not all."""
    print_facts(console, heading, facts[:most])
    if len(facts) > most:
        say(console, f"{len(facts):,} {what}: the first {most} (--json has all)")


def _pair(pair: ObservationPair, titles: tuple[str, str], alphabet: Glyphs) -> Iterator[Fact]:
    label = f"{pair.process}: {pair.name}"
    if pair.equal:
        yield f"{alphabet.yes} {label}", str(pair.first)
        return
    yield f"{alphabet.no} {label}", f"{titles[0]}: {_said(pair.first)}"
    yield "", f"{titles[1]}: {_said(pair.second)}"


def _said(value: str | None) -> str:
    return "nothing" if value is None else value


def has_process_tree(run: Run) -> bool:
    """Return whether the run records the starts and ends of processes."""
    return "life" in run.machine


def printed_lines(run: Run, unit: str) -> Iterator[Fact]:
    """Yield the lines that processes printed, by time; times in `unit`."""
    for row in run.observations:
        if row.name == PRINTS:
            yield f"{row.process} at {brief(row.at_ns, unit)}", str(row.value)


def tree_facts(run: Run, unit: str, alphabet: Glyphs) -> Iterator[Fact]:
    """Yield each process below its parent, with its life in words; times in `unit`."""
    events: dict[str, list[LifecycleEvent]] = {
        name: list(rows)
        for name, rows in groupby(
            sorted(run.lifecycle, key=lambda e: e.process), lambda e: e.process
        )
    }
    children: dict[str | None, list[ProcessRow]] = {}
    for row in run.processes:
        children.setdefault(row.parent, []).append(row)

    def below(parent: str | None, indent: str) -> Iterator[Fact]:
        rows = children.get(parent, [])
        for number, row in enumerate(rows):
            last = number == len(rows) - 1
            branch, more = _branch(alphabet, last) if parent is not None else ("", "")
            if row.name in run.threads:
                label, happened = f"{row.name} (thread)", _thread(row, unit)
            else:
                label, happened = row.name, _life(row, events.get(row.name, []), unit)
            yield indent + branch + label, happened
            yield from below(row.name, indent + more)

    yield from below(None, "")


def _branch(alphabet: Glyphs, last: bool) -> tuple[str, str]:
    """Return the characters before a name, and before the names below it."""
    if alphabet is ASCII:
        return "+- ", "   " if last else "|  "
    return ("└─ ", "   ") if last else ("├─ ", "│  ")


def _life(row: ProcessRow, events: Sequence[LifecycleEvent], unit: str) -> str:
    """Return a process's life: `from 20 to 110, exit code 3; zombie until 160, reaped by A`."""
    parts = [f"from {brief(row.arrival_ns, unit)}"]
    ended: int | None = None
    lent = False  # has it the priority of another process?
    for event in events:
        at = brief(event.at_ns, unit)
        if event.event == "exited":
            ended = event.at_ns
            parts[0] += f" to {at}, {_end(row.exitcode)}"
        elif event.event in (INHERITS, RESTORED):
            parts[-1] += f" to {at}" if lent else ""
            lent = event.event == INHERITS
            if lent:
                lender = "its lock's ceiling" if event.by == row.name else event.by
                parts.append(f"with the priority of {lender} from {at}")
        elif event.event == "adopted":
            parts.append(f"orphan from {at}, adopted by the {event.by}")
        elif event.event == "reaped" and ended is not None and event.by != "supervisor":
            parts.append(f"{_zombie(at, ended, unit)}reaped by {event.by}")
        elif event.event == "reaped" and row.parent is not None:
            parts.append(f"{_zombie(at, ended, unit)}reaped by the {event.by}")
    if ended is None:
        parts[0] += ", has not ended"
    elif row.parent is not None and not any(event.event == "reaped" for event in events):
        parts.append("a zombie to the end")
    return "; ".join(parts)


def _thread(row: ProcessRow, unit: str) -> str:
    """Return a thread's life, like `from 20 to 110`. A thread has no exit code of its own."""
    begun = f"from {brief(row.arrival_ns, unit)}"
    if row.completion_ns is None:
        return f"{begun}, has not ended"
    return f"{begun} to {brief(row.completion_ns, unit)}"


def _zombie(at: str, ended: int | None, unit: str) -> str:
    """Return until when a process was a zombie; "" if both times are printed alike."""
    return "" if ended is None or brief(ended, unit) == at else f"zombie until {at}, "


def _end(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code}"
    return f"exit code {code}"
