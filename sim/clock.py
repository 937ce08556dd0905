"""SimPy's clock, one instant at a time, and a timer that can be set again."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import repeat
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL

from kernel.process.control_block import Process


class Clock(simpy.Environment):
    """An environment whose step is an instant: all events of the next time, then `settle`.

    So `settle` is called when all events of its time are known, in any order of SimPy's heap. It
    gets the time, and whether there was only one event. All events are made by this package: they
    do not fail, and only their callbacks wait for them.
    """

    def __init__(self, settle: Callable[[int, bool], None]) -> None:
        super().__init__()
        self.settle = settle
        self.ns = 0  # equal to `now`, which is a slower property of SimPy

    def step(self) -> None:
        """Go to the next instant. Raises EmptySchedule if nothing more will happen."""
        self.advance(1)

    def advance(self, instants: int) -> None:
        """Go through `instants` instants. Raises EmptySchedule if nothing more will happen."""
        queue, settle = self._queue, self.settle
        now: Any
        event: Any
        for _ in repeat(None, instants):
            try:
                now, _, _, event = heappop(queue)
            except IndexError:
                raise EmptySchedule from None
            self._now = self.ns = now
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
    """The end of a slice on `core`. It is `set` for each slice; only the last time counts.

    A new Timeout of SimPy for each slice would take a tenth of a simulation. SimPy's heap holds the
    alarm once for each time for which it was set; `due` is the one that counts.
    """

    def __init__(self, clock: Clock, core: int, ring: Callable[[Any], None]) -> None:
        super().__init__(clock)
        self._ok = True  # as in Timeout: it cannot fail
        self._value = None
        self.core = core
        self.callbacks = [ring]
        self.due: Any = None  # ns; None: it is not set
        self._clock, self._queue, self._numbers = clock, clock._queue, clock._eid

    def set(self, delay: int) -> None:
        """Set the alarm to ring in `delay` ns.

        This does what SimPy's `schedule` does, and saves a call for each slice.
        """
        self.due = due = self._clock._now + delay
        heappush(self._queue, (due, NORMAL, next(self._numbers), self))


class WaitOver(simpy.Event):
    """A Timeout of `delay` ns that puts `process` into the list `over`."""

    _ok = True  # as in Timeout: it cannot fail

    def __init__(self, clock: Clock, delay: int, process: Process, over: list[Process]) -> None:
        self.callbacks = _PUT
        self.process, self.over = process, over
        heappush(clock._queue, (clock._now + delay, NORMAL, next(clock._eid), self))


def _put(event: Any) -> None:
    event.over.append(event.process)


_PUT: list[Callable[[Any], None]] = [_put]  # one list for all events saves time
