"""A limit of CPU time for code of an own policy that runs while a scenario is read."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kernel.errors import NoAnswer
from kernel.units import format_duration


@contextmanager
def ending(limit: int) -> Iterator[None]:
    """Raise NoAnswer in the block if it takes more than `limit` ns of CPU time.

    The time of imports counts, too; waiting for a slow disk does not. A signal ends the block, and
    Python handles signals only in the main thread; so in another thread there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise NoAnswer(
            f"has not come to its end in {format_duration(limit)} of CPU time (the limit policy)"
        )

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, limit / 1e9, limit / 1e9)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
