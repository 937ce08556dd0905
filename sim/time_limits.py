"""Limits of wall-clock time: for a simulation, and for an answer of a user's own policy."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kernel.errors import MultiprogError
from kernel.scheduling.checked import Watchdog
from kernel.units import format_duration
from kernel.workload import SchedulerSpec


def within(wall: int, progress: Callable[[int], None]) -> Callable[[int], None]:
    """Return `progress` with a limit: after `wall` ns from now it raises MultiprogError."""
    until = time.monotonic_ns() + wall

    def told(done: int) -> None:
        if time.monotonic_ns() > until:
            raise MultiprogError(
                f"the simulation took longer than {format_duration(wall)} (the limit wall): "
                "make the scenario smaller, or raise it, like --limit wall=2h"
            )
        progress(done)

    return told


@contextmanager
def answering(scheduler: SchedulerSpec) -> Iterator[None]:
    """Raise PolicyError in the caller's block if an own policy does not answer in time.

    The limit is the scheduler's `patience`. A signal handler checks it. Only the main thread gets
    signals, so in other threads nothing is checked.
    """
    if not scheduler.own or threading.current_thread() is not threading.main_thread():
        yield
        return
    watchdog = Watchdog(scheduler.patience)
    before = signal.signal(signal.SIGALRM, lambda *_: watchdog.look())
    signal.setitimer(signal.ITIMER_REAL, watchdog.every, watchdog.every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
