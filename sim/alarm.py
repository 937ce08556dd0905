"""A timer that can be set again: one for each core instead of one event for each slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy


class Alarm(simpy.Event):
    """An event for `env.schedule`, again and again: give it its `ring` as `callbacks` each time.

    Its `callbacks` are None unless it is scheduled. SimPy's Timeout does the same for one time;
    making a new one for each slice costs a tenth of a simulation.
    """

    def __init__(self, env: simpy.Environment, ring: Callable[[simpy.Event], None]) -> None:
        super().__init__(env)
        self._ok = True  # as in Timeout: it cannot fail
        self._value = None
        self.ring: list[Callable[[Any], None]] = [ring]
        self.callbacks: Any = None  # as if it had rung
