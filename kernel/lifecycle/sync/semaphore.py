"""The first primitive: a POSIX semaphore, as CPython's locks and semaphores use it."""

from __future__ import annotations

from collections.abc import Callable

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.waiting import Line, Reason, Steps, Wait
from translation import recorded

SEM_VALUE_MAX = 2**31 - 1
"""The maximum of a semaphore that is not bounded (Linux)."""


class Semaphore:
    """`_multiprocessing.SemLock` (Modules/_multiprocessing/semaphore.c) over `sem_t`.

    Nothing is handed over: the semaphore is free until an actor that runs takes it. Each process
    counts how often it has taken the semaphore and not released it, and knows which of its threads
    took it last. A `recursive` semaphore is an RLock.
    """

    def __init__(self, name: str, value: int, maximum: int, *, recursive: bool = False) -> None:
        """Make a semaphore. `name` is its words in a deadlock: `lock m`."""
        self.name, self.value = name, value
        self.line = Line()
        self.holders: list[Actor] = []
        """The actors that have taken it and not released it, if each releases what it took."""
        self.explain: Callable[[], Reason] | None = None
        """Returns the reason of a wait, if it is not simply that others hold the semaphore."""
        self._maximum, self._recursive = maximum, recursive
        self._counts: dict[int, int] = {}  # by process
        self._last: dict[int, Actor] = {}  # by process

    def possible(self) -> bool:
        """See Awaited."""
        return self.value > 0

    def changed(self) -> None:
        """See Awaited."""
        self.line.wake(self.value)

    def reason(self) -> Reason:
        """See Awaited."""
        if self.explain is not None:
            return self.explain()
        return Reason(
            recorded("for {what}", what=self.name), [holder.member for holder in self.holders]
        )

    def is_mine(self, actor: Actor) -> bool:
        """Return whether the process has taken it, and this thread of it was the last to do so."""
        return self.count(actor) > 0 and self._last[actor.process] is actor

    def count(self, actor: Actor) -> int:
        """Return how often the process has taken it, less how often it has released it."""
        return self._counts.get(actor.process, 0)

    def acquire(self, actor: Actor, timeout: int | None = None) -> Steps:
        """Take it, and return True; or return False after `timeout` ns, see Wait."""
        if (self._recursive and self.is_mine(actor)) or self.value > 0:
            return self.try_acquire(actor)
        if not (yield Wait(self, timeout)):
            return False
        return self.try_acquire(actor)

    def try_acquire(self, actor: Actor) -> bool:
        """Take it without waiting. Return whether it was possible."""
        if self._recursive and self.is_mine(actor):
            self._counts[actor.process] += 1
            return True
        if self.value == 0:
            return False
        self.value -= 1
        self._counts[actor.process] = self.count(actor) + 1
        self._last[actor.process] = actor
        self.holders.append(actor)
        return True

    def release(self, actor: Actor) -> None:
        """Release it, and wake the first actor that waits. Raises what CPython raises."""
        if self._recursive:
            if not self.is_mine(actor):
                raise Raised(
                    "AssertionError: attempt to release recursive lock not owned by thread"
                )
            if self.count(actor) > 1:
                self._counts[actor.process] -= 1
                return
        elif self.value >= self._maximum:
            raise Raised("ValueError: semaphore or lock released too many times")
        self.value += 1
        self._counts[actor.process] = self.count(actor) - 1
        if self.holders:
            self.holders.remove(actor if actor in self.holders else self.holders[0])
        self.changed()


def lock(name: str) -> Semaphore:
    """Return `multiprocessing.Lock` (multiprocessing/synchronize.py): a semaphore of at most 1."""
    return Semaphore(name, 1, 1)


def rlock(name: str) -> Semaphore:
    """Return `multiprocessing.RLock` (multiprocessing/synchronize.py)."""
    return Semaphore(name, 1, 1, recursive=True)


def lock_of(name: str) -> str:
    """Return the words for the lock that an object of that name has inside."""
    return recorded("the lock of {name}", name=name)


def counting(name: str, value: int, *, bounded: bool = False) -> Semaphore:
    """Return `multiprocessing.Semaphore` or `BoundedSemaphore` (multiprocessing/synchronize.py)."""
    return Semaphore(name, value, value if bounded else SEM_VALUE_MAX)


def holding(semaphore: Semaphore, actor: Actor, steps: Steps) -> Steps:
    """Do as `with semaphore:` around the steps. A process that is killed in them keeps it."""
    yield from semaphore.acquire(actor)
    try:
        found = yield from steps
    except Exception:
        semaphore.release(actor)
        raise
    semaphore.release(actor)
    return found
