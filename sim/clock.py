"""SimPy's clock, one instant at a time, and a timer for it that can be set again."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import repeat
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL


class Clock(simpy.Environment):
    """An environment whose step is an instant: all events of the next time, then `settle`.

    So what happens at one time is known to be complete, whatever the order of SimPy's heap.
    `settle` is told the time, and whether there was but one event. Events are those of this
    package's machines: they do not fail, and nobody waits for them but by their callbacks.
    """

    def __init__(self, settle: Callable[[int, bool], None]) -> None:
        super().__init__()
        self._settle = settle

    def step(self) -> None:
        """Raises EmptySchedule if there is nothing more to come."""
        self.advance(1)

    def advance(self, instants: int) -> None:
        """So many of them. Raises EmptySchedule if there is nothing more to come."""
        queue, settle = self._queue, self._settle
        now: Any
        event: Any
        for _ in repeat(None, instants):
            if not queue:
                raise EmptySchedule
            now, _, _, event = heappop(queue)
            self._now = now
            callbacks, event.callbacks = event.callbacks, None
            for callback in callbacks:
                callback(event)
            alone = True
            while queue and queue[0][0] == now:
                alone = False
                event = heappop(queue)[3]
                callbacks, event.callbacks = event.callbacks, None
                for callback in callbacks:
                    callback(event)
            settle(now, alone)


class Alarm(simpy.Event):
    """The end of a slice on `core`, to be `set` again and again, but not while it is set.

    SimPy's Timeout does the same for one time; a new one for each slice costs a tenth of a
    simulation.
    """

    def __init__(self, clock: Clock, core: int, ring: list[Callable[[Any], None]]) -> None:
        super().__init__(clock)
        self._ok = True  # as in Timeout: it cannot fail
        self._value = None
        self.core = core
        self.ring = ring
        self.callbacks: Any = None  # as if it had rung
        self._clock, self._queue, self._numbers = clock, clock._queue, clock._eid

    def set(self, delay: int) -> None:
        """It rings in `delay` ns. What `schedule` does, without one more call for each slice."""
        self.callbacks = self.ring
        at = self._clock._now + delay
        heappush(self._queue, (at, NORMAL, next(self._numbers), self))


class Later(simpy.Event):
    """A Timeout of `delay` ns for `who`, whose callbacks are known from the start."""

    def __init__(
        self, clock: Clock, delay: int, who: Any, callbacks: list[Callable[[Any], None]]
    ) -> None:
        self.env = clock
        self.callbacks = callbacks
        self.who = who
        self._ok = True  # as in Timeout: it cannot fail
        heappush(clock._queue, (clock._now + delay, NORMAL, next(clock._eid), self))
