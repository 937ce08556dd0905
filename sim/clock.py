"""SimPy's clock, one instant at a time, and a timer for it that can be set again."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from typing import Any

import simpy
from simpy.core import EmptySchedule


class Clock(simpy.Environment):
    """An environment whose step is an instant: all events of the next time, then `settle`.

    So what happens at one time is known to be complete, whatever the order of SimPy's heap. Events
    are those of this package's machines: they do not fail, and nobody waits for them but by their
    callbacks.
    """

    def __init__(self, settle: Callable[[int], None]) -> None:
        super().__init__()
        self._settle = settle

    def step(self) -> None:
        """Raises EmptySchedule if there is nothing more to come."""
        queue = self._queue
        if not queue:
            raise EmptySchedule
        now: Any = queue[0][0]
        self._now = now
        while queue and queue[0][0] == now:
            event = heappop(queue)[3]
            callbacks: Any = event.callbacks
            event.callbacks = None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
        self._settle(now)


class Alarm(simpy.Event):
    """The end of a slice on `core`, for `env.schedule`, again and again.

    Give it its `ring` as `callbacks` each time; they are None unless it is scheduled. SimPy's
    Timeout does the same for one time; a new one for each slice costs a tenth of a simulation.
    """

    def __init__(
        self, env: simpy.Environment, core: int, ring: list[Callable[[Any], None]]
    ) -> None:
        super().__init__(env)
        self._ok = True  # as in Timeout: it cannot fail
        self._value = None
        self.core = core
        self.ring = ring
        self.callbacks: Any = None  # as if it had rung
