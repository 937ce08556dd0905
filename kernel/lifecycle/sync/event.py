"""Events: a flag for which any number of actors can wait."""

from __future__ import annotations

from kernel.lifecycle.sync.actor import Actor
from kernel.lifecycle.sync.condition import Condition
from kernel.lifecycle.sync.semaphore import counting, holding, lock, lock_of
from kernel.lifecycle.sync.waiting import Reason, Steps
from translation import recorded


class Event:
    """`multiprocessing.Event` (multiprocessing/synchronize.py): a condition and a semaphore."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.condition = Condition(name, lock(lock_of(name)))
        self.condition.wait_semaphore.explain = lambda: Reason(
            recorded("for {event}, which no process sets", event=name), because=""
        )
        self._flag = counting(name, 0)

    def set(self, actor: Actor) -> Steps:
        """Set the flag, and wake up all that wait."""
        return holding(self.condition.lock, actor, self._set(actor))

    def _set(self, actor: Actor) -> Steps:
        self._flag.try_acquire(actor)
        self._flag.release(actor)
        yield from self.condition.notify(actor, None)

    def clear(self, actor: Actor) -> Steps:
        """Clear the flag."""
        yield from self.condition.lock.acquire(actor)
        self._flag.try_acquire(actor)
        self.condition.lock.release(actor)

    def wait(self, actor: Actor, timeout: int | None = None) -> Steps:
        """Wait until the flag is set. Return whether it is."""
        return holding(self.condition.lock, actor, self._wait(actor, timeout))

    def _wait(self, actor: Actor, timeout: int | None) -> Steps:
        if not self._is_set(actor):
            yield from self.condition.wait(actor, timeout)
        return self._is_set(actor)

    def _is_set(self, actor: Actor) -> bool:
        if not self._flag.try_acquire(actor):
            return False
        self._flag.release(actor)
        return True
