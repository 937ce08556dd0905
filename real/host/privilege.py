"""The privileges that make the supervisor punctual, if the system grants them."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from real.host import syscalls
from translation import mark

FIFO_PRIORITY = 10
REAL_TIME = mark("real-time priority")
"""The name of this privilege in the record."""


@contextlib.contextmanager
def punctual(spare: frozenset[int], home: int | None = None) -> Iterator[list[str]]:
    """Make the calling process as punctual as the system allows. Yields what was granted, in words.

    It gets real-time priority, which workers do not inherit, and the cores do not go to sleep. It
    runs on the `spare` processors, if there are any. If there are none, a process with real-time
    priority stays on the processor `home`, so that it disturbs the same core in each run. All of
    this ends with the context, or with the process.
    """
    affinity = os.sched_getaffinity(0)
    collecting = gc.isenabled()
    with contextlib.ExitStack() as undo:
        gc.collect()
        gc.disable()
        if collecting:
            undo.callback(gc.enable)
        syscalls.set_timer_slack(1)
        undo.callback(syscalls.set_timer_slack, 0)
        if spare:
            os.sched_setaffinity(0, spare)
            undo.callback(os.sched_setaffinity, 0, affinity)
        granted: list[str] = []
        try:
            policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(0, policy, os.sched_param(FIFO_PRIORITY))
            undo.callback(os.sched_setscheduler, 0, os.SCHED_OTHER, os.sched_param(0))
            granted.append(REAL_TIME)
            if home is not None and not spare:
                os.sched_setaffinity(0, {home})
                undo.callback(os.sched_setaffinity, 0, affinity)
        except PermissionError:
            pass
        with contextlib.suppress(OSError):
            awake = undo.enter_context(Path("/dev/cpu_dma_latency").open("wb", buffering=0))
            awake.write(bytes(4))  # 0 us: the time that a core may take to wake, while it is open
            granted.append(mark("cores kept awake"))
        yield granted


@contextlib.contextmanager
def raised_file_limit() -> Iterator[None]:
    """Raise the limit on descriptors to the hard limit in this context: a worker needs three."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
