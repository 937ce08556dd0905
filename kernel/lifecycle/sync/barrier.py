"""Barriers: actors wait until a number of them are there."""

from __future__ import annotations

from collections.abc import Callable

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.condition import Condition
from kernel.lifecycle.sync.semaphore import holding, lock_of, rlock
from kernel.lifecycle.sync.waiting import Reason, Steps, finally_do
from translation import recorded

FILLING, DRAINING, RESETTING, BROKEN = 0, 1, -1, -2


class Barrier:
    """`multiprocessing.Barrier`: that of `threading` over a multiprocessing Condition.

    An actor is counted from its coming to its leaving. One that was killed here stays counted, and
    a sleeper of the condition.
    """

    def __init__(self, name: str, parties: int, clock: Callable[[], int]) -> None:
        """Make a barrier. `clock` returns the time, ns."""
        self.name, self.parties = name, parties
        self.condition = Condition(name, rlock(lock_of(name)))
        self.condition.wait_semaphore.explain = self._why_it_waits
        self.state, self.count = FILLING, 0
        self._clock = clock

    def _why_it_waits(self) -> Reason:
        words = recorded(
            "at {barrier} with {there} of {parties}",
            barrier=self.name,
            there=self.count,
            parties=self.parties,
        )
        return Reason(words, because="")

    def wait(self, actor: Actor, timeout: int | None = None) -> Steps:
        """Wait until all parties are there. Raises BrokenBarrierError."""
        return holding(self.condition.lock, actor, self._wait(actor, timeout))

    def _wait(self, actor: Actor, timeout: int | None) -> Steps:
        while self.state in (RESETTING, DRAINING):
            yield from self.condition.wait(actor)
        if self.state == BROKEN:
            raise Raised("BrokenBarrierError")
        self.count += 1
        steps = self._release(actor) if self.count == self.parties else self._sleep(actor, timeout)
        yield from finally_do(steps, lambda: self._leave(actor))

    def _release(self, actor: Actor) -> Steps:
        self.state = DRAINING
        try:
            yield from self.condition.notify(actor, None)
        except Exception:
            yield from self._break(actor)
            raise

    def _sleep(self, actor: Actor, timeout: int | None) -> Steps:
        over = yield from self.condition.wait_for(
            actor, lambda: self.state != FILLING, timeout, self._clock
        )
        if not over:
            yield from self._break(actor)
        if not over or self.state < 0:
            raise Raised("BrokenBarrierError")

    def _leave(self, actor: Actor) -> Steps:
        self.count -= 1
        if self.count == 0 and self.state in (RESETTING, DRAINING):
            self.state = FILLING
            yield from self.condition.notify(actor, None)

    def abort(self, actor: Actor) -> Steps:
        """Break the barrier: all that wait, or come, get BrokenBarrierError."""
        return holding(self.condition.lock, actor, self._break(actor))

    def _break(self, actor: Actor) -> Steps:
        self.state = BROKEN
        yield from self.condition.notify(actor, None)

    def reset(self, actor: Actor) -> Steps:
        """Empty the barrier: all that wait get BrokenBarrierError, and it can be used again."""
        return holding(self.condition.lock, actor, self._reset(actor))

    def _reset(self, actor: Actor) -> Steps:
        if not self.count:
            self.state = FILLING
        elif self.state in (FILLING, BROKEN):
            self.state = RESETTING
        yield from self.condition.notify(actor, None)
