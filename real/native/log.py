"""What a native worker logs beside its running intervals.

Each entry of its log is a pair. A running interval is its start and its end, both absolute ns, so
its first number is not negative. A negative first number says that the entry is another one:

- a wait: a number for the place, and when it is over;
- a move: a number for the processor, and when the worker was first seen there.
"""

from __future__ import annotations

LOCK = -2
"""A place to wait at: the interpreter lock."""

_MOVED = -(1 << 40)


def wait_entry(place: int) -> int:
    """Return the first number of a wait at `place`. `place_of` undoes it."""
    return -place - 4


def place_of(entry: int) -> int:
    """Return the place of a logged wait."""
    return -entry - 4


def move_entry(cpu: int) -> int:
    """Return the first number of a move to processor `cpu`. `cpu_of` undoes it."""
    return _MOVED - cpu


def is_move(entry: int) -> bool:
    """Return whether the first number of an entry says that it is a move."""
    return entry <= _MOVED


def cpu_of(entry: int) -> int:
    """Return the processor of a logged move."""
    return _MOVED - entry
