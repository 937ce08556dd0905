"""The longer sentences for rules that an own policy broke. Each follows the name of a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.process.control_block import Process
from kernel.units import format_duration
from translation import tr


def forgotten(ready: Mapping[Process, tuple[str, Any]], now: int) -> str:
    """Return what is said of no answer while processes are ready, each with why it became so."""
    process, (why, _) = min(ready.items(), key=lambda told: told[0].ready_since)
    others = len(ready) - 1
    named = {
        "process": process.name,
        "why": why,
        "now": format_duration(now),
        "since": format_duration(process.ready_since),
    }
    if not others:
        return tr(
            'returned None at {now}, but {process} has been ready since {since}, "{why}": every '
            "process that ready() is called with must be picked, and no core may idle meanwhile",
            **named,
        )
    return tr(
        'returned None at {now}, but {process} has been ready since {since}, "{why}" (and '
        "{others} more): every process that ready() is called with must be picked, and no core "
        "may idle meanwhile",
        others=others,
        **named,
    )


def fruitless(loser: Process, most: int, now: int) -> str:
    """Return what is said of a policy that takes cores from processes that have not run yet."""
    return tr(
        "took cores {most:,} times in a row from processes that had not run yet, now {process}'s "
        "at {now}: no process gets any further; the process that is picked instead must not lose "
        "the core again at once",
        most=most,
        process=loser.name,
        now=format_duration(now),
    )


def written(process: Process, fields: Sequence[str]) -> str:
    """Return what is said of fields of a process that changed in a call of the policy."""
    return tr(
        "found {fields} of {process} changed: a policy must not write to a process, but for its "
        "account",
        fields=", ".join(fields) or "state",
        process=process.name,
    )
