"""What processes share to wait for each other: locks, queues and barriers, first come first served.

Whoever waits is known by its index. These objects decide who goes on; they wake nobody.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Lock:
    """`multiprocessing.Lock`: any process may release it, and no process may take it twice."""

    holder: int | None = None
    line: deque[int] = field(default_factory=deque)

    def acquire(self, who: int) -> bool:
        """Take it, if nobody has it: nor may its holder take it again."""
        if self.holder is not None:
            return False
        self.holder = who
        return True

    def release(self) -> int | None:
        """It is handed to the first in line, who is returned."""
        self.holder = self.line.popleft() if self.line else None
        return self.holder


@dataclass(slots=True)
class MessageQueue:
    """`multiprocessing.SimpleQueue`: a pipe of values that is never full."""

    values: deque[Any] = field(default_factory=deque)
    line: deque[int] = field(default_factory=deque)  # receivers


@dataclass(slots=True)
class Barrier:
    """`multiprocessing.Barrier`: the last of its parties lets all of them pass."""

    parties: int
    waiting: list[int] = field(default_factory=list)
