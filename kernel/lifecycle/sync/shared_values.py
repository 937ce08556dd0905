"""Value and Array: numbers in memory that the processes share, with or without a lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.semaphore import Semaphore, lock_of, rlock
from kernel.lifecycle.sync.waiting import Steps

BITS = 64
"""The size of a C `long long`, typecode q."""


class SharedNumbers:
    """`multiprocessing.Value` and `Array` (multiprocessing/sharedctypes.py) of C `long long`s.

    With a lock, each reading and each writing takes the lock. To add is to read and then to write,
    so the lock is free between the two.
    """

    def __init__(
        self, name: str, numbers: Sequence[int], *, has_lock: bool, is_array: bool = False
    ) -> None:
        self.name, self.numbers, self.is_array = name, list(numbers), is_array
        self.lock: Semaphore | None = rlock(lock_of(name)) if has_lock else None

    def read(self, actor: Actor, index: int) -> Steps:
        """Return a number."""
        yield from self._acquire(actor)
        try:
            return self.numbers[self._checked(index)]
        finally:  # no wait in between
            self._release(actor)

    def write(self, actor: Actor, index: int, number: Any) -> Steps:
        """Assign a number. It keeps its last 64 bits. Raises what CPython raises."""
        yield from self._acquire(actor)
        try:
            if not isinstance(number, int):
                kind = type(number).__name__
                raise Raised(f"TypeError: {kind!r} object cannot be interpreted as an integer")
            self.numbers[self._checked(index)] = _wrapped(number)
        finally:  # no wait in between
            self._release(actor)

    def add(self, actor: Actor, index: int, number: int) -> Steps:
        """Add a number: `value += number`."""
        found = yield from self.read(actor, index)
        yield from self.write(actor, index, found + number)

    def _acquire(self, actor: Actor) -> Steps:
        if self.lock is not None:
            yield from self.lock.acquire(actor)

    def _release(self, actor: Actor) -> None:
        if self.lock is not None:
            self.lock.release(actor)

    def _checked(self, index: int) -> int:
        if not 0 <= index < len(self.numbers):
            raise Raised("IndexError: invalid index")
        return index


def _wrapped(number: int) -> int:
    number &= (1 << BITS) - 1
    return number - (1 << BITS) if number >> (BITS - 1) else number
