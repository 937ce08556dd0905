"""Swapping: which processes leave memory for a while, so that a waiting program may enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kernel.process.control_block import Process

RULES = ("blocked", "lowest-priority", "longest-resident")
"""The rules for which process is swapped out first. Only blocked processes are swapped out: without
a process that could run, a core might idle."""


class Transfer(NamedTuple):
    """A program is written to the swap device (`out`), or read back into memory."""

    process: Process
    out: bool


def preference(
    rule: str, urgency: Callable[[Process], int], residents: Iterable[Process]
) -> list[Process]:
    """Return `residents`, given in the order of admission, in the order in which they leave.

    "blocked": the one whose wait began first; "lowest-priority": the least important one (its
    `urgency` is largest); "longest-resident": the one admitted first. Equal: the one whose wait
    began first, then file order.
    """
    keys: dict[str, Callable[[Process], tuple[int, ...]]] = {
        "blocked": lambda process: (process.since, process.index),
        "lowest-priority": lambda process: (-urgency(process), process.since, process.index),
    }
    if rule == "longest-resident":
        return list(residents)
    return sorted(residents, key=keys[rule])
