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
            try:
                now, _, _, event = heappop(queue)
            except IndexError:
                raise EmptySchedule from None
            self._now = now
            for callback in event.callbacks:
                callback(event)
            if not queue or queue[0][0] > now:
                settle(now, True)
                continue
            while queue and queue[0][0] == now:
                event = heappop(queue)[3]
                for callback in event.callbacks:
                    callback(event)
            settle(now, False)


class Alarm(simpy.Event):
    """The end of a slice on `core`, to be `set` again and again; the last time counts.

    SimPy's Timeout does the same for one time; a new one for each slice costs a tenth of a
    simulation. Each time it was set it stands in SimPy's heap: `due` says for which it shall ring.
    """

    def __init__(self, clock: Clock, core: int, ring: Callable[[Any], None]) -> None:
        super().__init__(clock)
        self._ok = True  # as in Timeout: it cannot fail
        self._value = None
        self.core = core
        self.callbacks = [ring]
        self.due: Any = None  # ns; None: it shall not ring
        self._clock, self._queue, self._numbers = clock, clock._queue, clock._eid

    def set(self, delay: int) -> None:
        """It rings in `delay` ns. What `schedule` does, without one more call for each slice."""
        self.due = due = self._clock._now + delay
        heappush(self._queue, (due, NORMAL, next(self._numbers), self))


class Later(simpy.Event):
    """A Timeout of `delay` ns for `who`, whose callbacks are known from the start."""

    _ok = True  # as in Timeout: it cannot fail

    def __init__(
        self, clock: Clock, delay: int, who: Any, callbacks: list[Callable[[Any], None]]
    ) -> None:
        self.callbacks = callbacks
        self.who = who
        heappush(clock._queue, (clock._now + delay, NORMAL, next(clock._eid), self))
