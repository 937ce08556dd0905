"""Swapping: whom to send out of memory for a time, so that somebody who waits may come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kernel.process.control_block import Process

RULES = ("blocked", "lowest-priority", "longest-resident")
"""Whom first. All of them are blocked: to swap out who could run would idle the core."""


class Transfer(NamedTuple):
    """A program is written to the swap device (`out`), or read back into memory."""

    process: Process
    out: bool


def preference(
    rule: str, urgency: Callable[[Process], int], residents: Iterable[Process]
) -> list[Process]:
    """`residents`, who came in last last, in the order in which they are to be sent out.

    "blocked": whose wait began first; "lowest-priority": who is least important (`urgency` is
    largest); "longest-resident": who came in first. Equal: whose wait began first, then file order.
    """
    keys: dict[str, Callable[[Process], tuple[int, ...]]] = {
        "blocked": lambda process: (process.since, process.index),
        "lowest-priority": lambda process: (-urgency(process), process.since, process.index),
    }
    if rule == "longest-resident":
        return list(residents)
    return sorted(residents, key=keys[rule])
