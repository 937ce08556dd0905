"""Locks, message queues and barriers, which serve waiting processes first come, first served.

A process is known by its index. These objects decide which process goes on; they do not wake it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Lock:
    """`multiprocessing.Lock`: any process may release it, and no process may take it twice."""

    holder: int | None = None
    waiting: deque[int] = field(default_factory=deque)

    def acquire(self, index: int) -> bool:
        """Take the lock, if no process has it. Its holder may not take it again."""
        if self.holder is not None:
            return False
        self.holder = index
        return True

    def release(self) -> int | None:
        """Hand the lock to the first process that waits for it, if any, and return its index."""
        self.holder = self.waiting.popleft() if self.waiting else None
        return self.holder


@dataclass(slots=True)
class MessageQueue:
    """`multiprocessing.SimpleQueue`: a pipe of values that is never full."""

    values: deque[Any] = field(default_factory=deque)
    waiting: deque[int] = field(default_factory=deque)  # receivers


@dataclass(slots=True)
class Barrier:
    """`multiprocessing.Barrier`: the last of its parties lets all of them pass."""

    parties: int
    waiting: list[int] = field(default_factory=list)
