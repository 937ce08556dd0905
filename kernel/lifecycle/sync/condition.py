"""Conditions: an actor sleeps until another one notifies it, and then holds the lock again."""

from __future__ import annotations

from collections.abc import Callable

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.semaphore import Semaphore, counting
from kernel.lifecycle.sync.waiting import Reason, Steps, finally_do
from translation import mark, recorded


class Condition:
    """`multiprocessing.Condition` (multiprocessing/synchronize.py): a lock and three semaphores.

    Of the semaphores one counts the sleepers, one those of them that woke up, and on the third they
    sleep. An actor that notifies waits until as many have woken up as it has let go on. If one of
    the sleepers was killed, that is for ever.
    """

    def __init__(self, name: str, lock: Semaphore) -> None:
        self.name, self.lock = name, lock
        self.sleeping_count = counting(name, 0)
        self.woken_count = counting(name, 0)
        self.wait_semaphore = counting(name, 0)
        self.woken_count.explain = self._why_it_notifies
        self.wait_semaphore.explain = lambda: Reason(
            recorded("to be notified at {condition}", condition=name), because=""
        )
        self.sleepers: list[Actor] = []
        """The actors that sleep here, dead ones among them, for the words of a deadlock."""

    def _why_it_notifies(self) -> Reason:
        """Return why an actor waits in `notify`: a sleeper has not woken up."""
        asleep = [sleeper.member for sleeper in self.sleepers]
        words = recorded(
            "in {condition} until all that it notifies have woken up", condition=self.name
        )
        return Reason(words, asleep, link=mark("among them {holders}"))

    def wait(self, actor: Actor, timeout: int | None = None) -> Steps:
        """Sleep until a notification. Return False if the timeout is over before."""
        if not self.lock.is_mine(actor):
            raise Raised("AssertionError: must acquire() condition before using wait()")
        self.sleeping_count.release(actor)
        count = self.lock.count(actor)
        for _ in range(count):
            self.lock.release(actor)
        self.sleepers.append(actor)

        def wake_up() -> Steps:
            self.sleepers.remove(actor)
            self.woken_count.release(actor)
            for _ in range(count):
                yield from self.lock.acquire(actor)

        return (yield from finally_do(self.wait_semaphore.acquire(actor, timeout), wake_up))

    def wait_for(
        self,
        actor: Actor,
        predicate: Callable[[], bool],
        timeout: int | None,
        clock: Callable[[], int],
    ) -> Steps:
        """Wait until the predicate is true. Return False if `timeout` ns are over before."""
        ends = None if timeout is None else clock() + timeout
        while not predicate():
            left = None if ends is None else ends - clock()
            if left is not None and left <= 0:
                return predicate()
            yield from self.wait(actor, left)
        return True

    def notify(self, actor: Actor, most: int | None = 1) -> Steps:
        """Wake up at most so many sleepers (None: all), and wait until they have woken up."""
        if not self.lock.is_mine(actor):
            raise Raised("AssertionError: lock is not owned")
        if self.wait_semaphore.try_acquire(actor):
            raise Raised(
                "AssertionError: notify: Should not have been able to acquire + _wait_semaphore"
            )
        while self.woken_count.try_acquire(actor):  # those whose timeout was over
            self.sleeping_count.try_acquire(actor)
        notified = 0
        while (most is None or notified < most) and self.sleeping_count.try_acquire(actor):
            self.wait_semaphore.release(actor)
            notified += 1
        for _ in range(notified):
            yield from self.woken_count.acquire(actor)
        while notified and self.wait_semaphore.try_acquire(actor):
            pass  # those whose timeout was over meanwhile
