"""What a native worker logs beside its running intervals: waits and moves.

Each entry of its log is a pair of numbers. A running interval is a start and an end, both absolute
ns, so its first number is not negative. An entry whose first number is negative is one of these:

- a wait: a number for the place, and when the wait is over, absolute ns;
- the end of a job that was dropped at its deadline, as a wait at DROPPED that is over at once;
- a move: a number for the processor, and when the worker was first seen there, absolute ns.
"""

from __future__ import annotations

LOCK = -2
"""The place of a wait for the interpreter lock."""

DROPPED = 1 << 20
"""In place of the place of a wait: a job is dropped. No scenario has so many devices."""

_MOVED = -(1 << 40)


def wait_entry(place: int) -> int:
    """Return the first number of the entry for a wait at `place`. `place_of` is its inverse."""
    return -place - 4


def place_of(entry: int) -> int:
    """Return the place of a logged wait. `entry` is its first number."""
    return -entry - 4


def move_entry(cpu: int) -> int:
    """Return the first number of the entry for a move to `cpu`. `cpu_of` is its inverse."""
    return _MOVED - cpu


def is_move(entry: int) -> bool:
    """Return whether the first number of an entry says that it is a move."""
    return entry <= _MOVED


def cpu_of(entry: int) -> int:
    """Return the processor of a logged move. `entry` is its first number."""
    return _MOVED - entry
