"""The decisions of a run, each with the ready processes and their keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from kernel.policies import POLICIES
from kernel.scheduling.explain import Decision
from kernel.units import format_duration
from report.base.axis import unit_for
from report.base.chart import span_of
from report.base.printing import BOLD, DIM, plain, print_lines, say
from report.base.screen import Glyphs, glyphs, wrap
from report.base.tables import Column, cut, times_column
from timeline.record.run import Run
from translation import mark, tr

MOST_DECISIONS = 40  # rows of the table
MOST_READY = 8  # processes shown of the ready queue at one decision
LONGEST_TEXT = 400  # characters shown of a process with its keys, or of a rule: a policy wrote them
NARROWEST = 16  # columns for the ready queue
VERBS = {"picked": mark("runs"), "preempted": mark("is preempted")}
KEY_WORDS = (
    mark("since"),
    mark("rest"),
    mark("remaining"),
    mark("expected"),
    mark("ratio"),
    mark("level"),
    mark("used"),
    mark("queue"),
    mark("tickets"),
    mark("pass"),
    mark("weight"),
    mark("period"),
    mark("deadline"),
    mark("relative deadline"),
    mark("laxity"),
    mark("class"),
    mark("priority"),
    mark("ahead"),
    mark("group"),
)
"""The keys of the policies that come with Multiprog, as they are shown."""


def show_decisions(run: Run, console: Console, title: str = "") -> None:
    """Print the first decisions of a run, if they were recorded. `title`: in place of the usual."""
    if run.decisions is None:
        return
    shown, unit = run.decisions[:MOST_DECISIONS], unit_for(span_of(run))
    rules = list(dict.fromkeys(decision.rule for decision in run.decisions))
    named = {"title": title or tr("Decisions"), "unit": unit}
    if len(rules) == 1 and rules[0]:
        rule = _shortened(tr(rules[0]), glyphs(console))
        heading = tr("{title}, by the rule: {rule} (times in {unit})", rule=rule, **named)
    else:
        heading = tr("{title} (times in {unit})", **named)
    say(console, heading, BOLD)
    if not shown:
        say(console, tr("There was nothing to decide."))
    else:
        columns = _columns(run, shown, unit, console)
        reasons = [_reasons(each, console, with_rule=len(rules) > 1) for each in shown]
        print_lines(console, _lines(columns, reasons, console))
        if words := _of_equals(run.scheduler):
            say(console, words, DIM)
    if len(run.decisions) > len(shown):
        words = tr(
            "the first {shown} of {all:,} decisions; --json and --out have all of them",
            shown=len(shown),
            all=len(run.decisions),
        )
        say(console, words, DIM)
    console.print()


def _of_equals(scheduler: Mapping[str, Any]) -> str:
    """Return why a running process stays when one with an equal key becomes ready.

    No decision is recorded for this: nothing changes. "" for a policy that does not preempt by
    keys, and if the scenario says that such a newcomer preempts.
    """
    policy = POLICIES.get(str(scheduler.get("policy")))
    preempts = getattr(policy, "takes_cores", False) or scheduler.get("preemptive")
    if not preempts or scheduler.get("newcomer") == "preempts":
        return ""
    return tr(
        "A process that becomes ready with the same key as the running process does not preempt it."
    )


def _columns(run: Run, shown: Sequence[Decision], unit: str, console: Console) -> list[Column]:
    """Return the columns: the time, the core if there are several, and the decision."""
    most, ellipsis = console.width // 4, glyphs(console).ellipsis
    columns = [times_column(tr("at"), [decision.at_ns for decision in shown], unit, 3)]
    if len(run.cores) > 1:
        columns.append(Column(tr("core"), [str(decision.core) for decision in shown]))
    names = [cut(decision.process, most, ellipsis) for decision in shown]
    texts = [f"{n} {tr(VERBS.get(d.event, d.event))}" for n, d in zip(names, shown, strict=True)]
    return [*columns, Column(tr("decision"), texts, numeric=False)]


def _reasons(decision: Decision, console: Console, with_rule: bool) -> list[str]:
    """Return the ready processes with their keys, and the rule if `with_rule`.

    The process of the decision is always among them.
    """
    alphabet = glyphs(console)
    ready = decision.ready[:MOST_READY]
    if decision.process not in [name for name, _ in ready]:
        ready = (*ready[:-1], *(e for e in decision.ready if e[0] == decision.process))
    texts = [_entry(name, keys, console, alphabet) for name, keys in ready]
    if len(ready) < len(decision.ready):
        texts.append(tr("and {n:,} more", n=len(decision.ready) - len(ready)))
    if with_rule:
        texts.append(tr("by {rule}", rule=tr(decision.rule)))
    texts = [_shortened(text, alphabet) for text in texts]
    return [*(f"{text};" for text in texts[:-1]), *texts[-1:]]


def _shortened(text: str, alphabet: Glyphs) -> str:
    """Return the text without what lies beyond its first LONGEST_TEXT characters."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + alphabet.ellipsis


def _entry(name: str, keys: Mapping[str, Any], console: Console, alphabet: Glyphs) -> str:
    """Return a process with its keys, like `A remaining 30ms, since 5ms`."""
    words = ", ".join(key_text(key, value) for key, value in keys.items())
    return plain(console, f"{cut(name, console.width // 4, alphabet.ellipsis)} {words}".rstrip())


def key_text(key: str, value: object) -> str:
    """Return a key of a policy with its value, like `remaining 30ms`."""
    return f"{_word(key)} {_value(key, value)}"


def _word(key: str) -> str:
    return tr(key.removesuffix("_ns").replace("_", " "))


def _value(key: str, value: object) -> str:
    if key.endswith("_ns") and isinstance(value, int):
        return format_duration(value)
    return tr("none") if value is None else str(value)


def _lines(
    columns: Sequence[Column], reasons: Sequence[Sequence[str]], console: Console
) -> Iterator[Text]:
    """Yield the lines of the table. A decision has as many lines as its ready processes need."""
    left = sum(column.width + 2 for column in columns)
    room = max(NARROWEST, console.width - left)
    yield _row([column.heading for column in columns], columns, tr("ready queue"), "bold")
    yield Text(glyphs(console).floor * min(console.width, left + room), "dim")
    for index, texts in enumerate(reasons):
        cells = [column.cells[index] for column in columns]
        for number, line in enumerate(_filled(texts, room)):
            yield _row(cells if not number else [""] * len(cells), columns, line)


def _row(cells: Sequence[str], columns: Sequence[Column], line: str, style: str = "") -> Text:
    padded = [column.padded(cell) for column, cell in zip(columns, cells, strict=True)]
    return Text("  ".join([*padded, line]).rstrip(), style)


def _filled(texts: Iterable[str], room: int) -> list[str]:
    """Return lines of at most `room` columns, each with as many of the texts as it holds.

    A text that is longer than a line is broken.
    """
    lines: list[str] = []
    for text in texts:
        if lines and cell_len(lines[-1]) + 1 + cell_len(text) <= room:
            lines[-1] += f" {text}"
        else:
            lines += wrap(text, room)
    return lines or [""]
