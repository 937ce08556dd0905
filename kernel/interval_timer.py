"""A timer that calls a function again and again while a block of code is executed."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def calling(look: Callable[[], None], every: float, *, cpu_time: bool = False) -> Iterator[None]:
    """Call `look` every so many seconds while the block is executed. It may raise an exception.

    With `cpu_time` the seconds are CPU time of this process, otherwise wall-clock time. Python
    handles signals only in the main thread, so in another thread `look` is never called. Nor is it
    called where the system has no such timers: on Windows and in a browser.
    """
    if sys.platform == "win32" or not hasattr(signal, "setitimer"):
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    timer = signal.ITIMER_PROF if cpu_time else signal.ITIMER_REAL
    number = signal.SIGPROF if cpu_time else signal.SIGALRM
    before = signal.signal(number, lambda *_: look())
    signal.setitimer(timer, every, every)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)
