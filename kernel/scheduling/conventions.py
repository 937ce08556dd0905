"""Conventions: the published rules among which courses and books differ, each under a name.

A rule that concerns every policy is a key of `scheduler`: `draws`, `completed_io`. A rule of some
policies is a parameter of these. A convention is recorded and printed only where it is not the
default, so that its name is seen where it matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kernel.process.control_block import Process

Draw = Callable[[Process], Any]
"""Returns the key of a process in a draw. The process with the least key is ahead."""

READY_ORDER = "ready-order"


def _by_arrival(process: Process) -> tuple[int, int]:
    return process.arrival, process.index


def name_order(name: str) -> tuple[tuple[Any, ...], str]:
    """Return the key of a name in a draw: text by its characters, and numbers by their values."""
    parts = re.split(r"([0-9]+)", name)  # text and numbers in turn, text first
    counted = tuple(int(part) if at % 2 else part for at, part in enumerate(parts))
    return counted, name


def _by_name(process: Process) -> tuple[tuple[Any, ...], str]:
    return name_order(process.name)


def _by_pid(process: Process) -> int:
    return process.index


DRAWS: dict[str, Draw | None] = {
    READY_ORDER: None,
    "arrival": _by_arrival,
    "name": _by_name,
    "pid": _by_pid,
}
"""Which of several processes is ahead if nothing else decides. None: the one told first."""

COMPLETED_IO = ("before-arrivals", "after-arrivals")
"""When I/O that is over at an instant is taken: before programs arrive, or after them."""
