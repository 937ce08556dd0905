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
from timeline.record.run import LifecycleEvent, Observation, ProcessRow, Run
from translation import mark, tr

REAPERS = (mark("supervisor"), mark("fork server"))
"""What reaps or adopts a process besides other processes, as a record names it."""
MOST_LINES = 60
"""How many observations are printed; a saved run has all of them."""


def show_process_tree(run: Run, console: Console) -> None:
    """Print the process tree, the printed lines and the observations, if there are any."""
    if not has_process_tree(run):
        return
    unit = unit_for(span_of(run))
    title = tr("Process tree (times in {unit})", unit=unit)
    print_facts(console, title, tree_facts(run, unit, glyphs(console)))
    print_facts(console, tr("Printed lines"), printed_lines(run, unit))
    facts = observation_facts(run, unit)
    print_facts(console, tr("Observations (times in {unit})", unit=unit), facts[:MOST_LINES])
    if len(facts) > MOST_LINES:
        more = tr(
            "{n:,} observations: the first {most} (--json has all)", n=len(facts), most=MOST_LINES
        )
        say(console, more)


def observation_facts(run: Run, unit: str) -> list[Fact]:
    """Return the observations of processes without printed lines, by time; times in `unit`."""
    return [
        (_at(row, unit), f"{tr(row.name)}: {words(row.value)}")
        for row in compared(run)
        if row.name != PRINTS
    ]


def _at(row: Observation, unit: str) -> str:
    return tr("{process} at {time}", process=row.process, time=brief(row.at_ns, unit))


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
    heading = tr(
        "Observations: {same} of {all} the same on both machines", same=same, all=len(everything)
    )
    facts = [fact for pair in pairs for fact in _pair(pair, titles, alphabet)]
    if of is not None:
        print_facts(console, heading, facts, close=True)
        return
    say(console, heading, BOLD)
    print_facts(console, tr("What was observed and printed"), facts[: 2 * MOST_LINES])
    if len(facts) > 2 * MOST_LINES:
        more = tr(
            "{n:,} lines: the first {most} (--json has all)", n=len(facts), most=2 * MOST_LINES
        )
        say(console, more)


def _pair(pair: ObservationPair, titles: tuple[str, str], alphabet: Glyphs) -> Iterator[Fact]:
    label = f"{pair.process}: {tr(pair.name)}"
    if pair.equal:
        yield f"{alphabet.yes} {label}", str(pair.first)
        return
    yield f"{alphabet.no} {label}", f"{titles[0]}: {_said(pair.first)}"
    yield "", f"{titles[1]}: {_said(pair.second)}"


def _said(value: str | None) -> str:
    return tr("nothing") if value is None else value


def has_process_tree(run: Run) -> bool:
    """Return whether the run records the starts and ends of processes."""
    return "life" in run.machine


def printed_lines(run: Run, unit: str) -> Iterator[Fact]:
    """Yield the lines that processes printed, by time; times in `unit`."""
    for row in run.observations:
        if row.name == PRINTS:
            yield _at(row, unit), str(row.value)


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
                label = tr("{thread} (thread)", thread=row.name)
                happened = _thread(row, unit)
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
    begun = brief(row.arrival_ns, unit)
    parts = [tr("from {begun}, has not ended", begun=begun)]
    ended: int | None = None
    lent = False  # has it the priority of another process?
    for event in events:
        at = brief(event.at_ns, unit)
        if event.event == "exited":
            ended = event.at_ns
            parts[0] = tr("from {begun} to {ended}, {how}", begun=begun, ended=at, how=_end(row))
        elif event.event in (INHERITS, RESTORED):
            if lent:
                parts[-1] = tr("{borrowed} to {time}", borrowed=parts[-1], time=at)
            lent = event.event == INHERITS
            if lent:
                lender = tr("its lock's ceiling") if event.by == row.name else event.by
                words = tr("with the priority of {lender} from {time}", lender=lender, time=at)
                parts.append(words)
        elif event.event == "adopted":
            words = tr("orphan from {time}, adopted by the {parent}", time=at, parent=tr(event.by))
            parts.append(words)
        elif event.event == "reaped":
            parts += _reaped(event, row, ended, unit)
    never_reaped = row.parent is not None and all(event.event != "reaped" for event in events)
    if ended is not None and never_reaped:
        parts.append(tr("a zombie to the end"))
    return tr("; ").join(parts)


def _reaped(event: LifecycleEvent, row: ProcessRow, ended: int | None, unit: str) -> Iterator[str]:
    """Yield which process reaped it, and until when it was a zombie, unless the times are alike."""
    if ended is not None and event.by != "supervisor":
        words = tr("reaped by {parent}", parent=event.by)
    elif row.parent is not None:
        words = tr("reaped by the {parent}", parent=tr(event.by))
    else:
        return
    at = brief(event.at_ns, unit)
    if ended is not None and brief(ended, unit) != at:
        words = tr("zombie until {time}, {reaped}", time=at, reaped=words)
    yield words


def _end(row: ProcessRow) -> str:
    if row.exitcode is not None and row.exitcode < 0:
        return tr("killed by signal {number}", number=-row.exitcode)
    return tr("exit code {code}", code=row.exitcode)


def _thread(row: ProcessRow, unit: str) -> str:
    """Return a thread's life, like `from 20 to 110`. A thread has no exit code of its own."""
    begun = brief(row.arrival_ns, unit)
    if row.completion_ns is None:
        return tr("from {begun}, has not ended", begun=begun)
    return tr("from {begun} to {ended}", begun=begun, ended=brief(row.completion_ns, unit))
