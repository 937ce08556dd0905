"""SimPy's clock, one instant at a time, and a timer for it that can be set again."""

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

    So what happens at one time is known to be complete, whatever the order of SimPy's heap.
    `settle` is told the time, and whether there was but one event. Events are those of this
    package's machines: they do not fail, and only their callbacks wait for them.
    """

    def __init__(self, settle: Callable[[int, bool], None]) -> None:
        super().__init__()
        self.settle = settle
        self.ns = 0  # the same as `now`, which a property of SimPy's tells more slowly

    def step(self) -> None:
        """Go to the next instant. Raises EmptySchedule if nothing more will happen."""
        self.advance(1)

    def advance(self, instants: int) -> None:
        """Go through so many instants. Raises EmptySchedule if nothing more will happen."""
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
    """The end of a slice on `core`, to be `set` again and again; the last time counts.

    SimPy's Timeout does the same for one time; a new one for each slice costs a tenth of a
    simulation. SimPy's heap holds the alarm once for each time that it was set; `due` says which of
    these times counts.
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

        This does what SimPy's `schedule` does, without one more call for each slice.
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


_PUT: list[Callable[[Any], None]] = [_put]  # one list for all: to make one for each takes time
