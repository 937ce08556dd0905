"""Reviews: the policy is called at a time that it named itself."""

from __future__ import annotations

from simpy import Event
from simpy.events import Timeout

from kernel.system.system import System
from sim.clock import Clock


class Reviews:
    """Settles each instant, then sets a timer for the review that the policy asks for.

    The policy may name another time at each instant. A timer does nothing if the policy has named
    another time since it was set.
    """

    def __init__(self, clock: Clock, system: System) -> None:
        self._clock, self._system = clock, system
        self._next: int | None = None  # ns

    def settle(self, now: int, alone: bool) -> None:
        """Settle the instant `now`, ns; `alone`: it has only one event."""
        self._system.settle(now, alone)
        if self._next is None or self._system.reviews.vary:
            self._await_next()

    def _await_next(self) -> None:
        at = self._system.next_review()
        if at == self._next:
            return
        self._next = at
        if at is not None:
            Timeout(self._clock, at - self._clock.ns, at).callbacks.append(self._review)

    def _review(self, timer: Event) -> None:
        if self._next == timer.value:
            self._next = None
            self._system.instant.timers.append(None)
