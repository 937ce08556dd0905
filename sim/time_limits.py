"""Limits of wall-clock time: for a simulation, and for an answer of a user's own policy."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from kernel.errors import MultiprogError
from kernel.interval_timer import calling
from kernel.scheduling.checked import Watchdog
from kernel.units import format_duration
from kernel.workload import SchedulerSpec
from translation import tr


def within(wall: int, progress: Callable[[int], None]) -> Callable[[int], None]:
    """Return `progress` with a limit: after `wall` ns from now it raises MultiprogError."""
    until = time.monotonic_ns() + wall

    def told(done: int) -> None:
        if time.monotonic_ns() > until:
            raise MultiprogError(
                tr(
                    "the simulation took longer than {wall} (the limit wall): make the scenario "
                    "smaller, or raise it, like --limit wall=2h",
                    wall=format_duration(wall),
                )
            )
        progress(done)

    return told


def answering(scheduler: SchedulerSpec) -> AbstractContextManager[object]:
    """Return a context in which PolicyError is raised if an own policy does not answer in time.

    The limit is the scheduler's `patience`. Nothing is checked where `kernel.interval_timer` has no
    timer.
    """
    if not scheduler.own:
        return nullcontext()
    watchdog = Watchdog(scheduler.patience)
    return calling(watchdog.look, watchdog.every)
