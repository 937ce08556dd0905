"""A process that is measured: it is forked onto a processor, and the measurement waits for it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from kernel.errors import Interrupted, MultiprogError
from real.host import syscalls
from real.host.process_table import state_of
from real.host.time_limits import ExpectedProcess
from translation import mark, recorded, tr

LONGEST = 60.0  # seconds to wait for what takes some ms: other programs may have the processors
HELD_UP = mark("calibrating was stopped: a process that was being measured was killed, or stopped")


class MeasuredProcess:
    """Ends a loop that waits for process `pid` if the process was killed or stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._until = pid, time.monotonic() + LONGEST
        self._expected = ExpectedProcess(recorded("a process that was being measured"), pid)

    def look(self) -> None:
        """Raise Interrupted if the process was stopped, or the caller has waited for LONGEST."""
        try:
            self._expected.look()
        except MultiprogError:
            raise Interrupted(tr(HELD_UP)) from None
        if time.monotonic() > self._until:
            raise Interrupted(tr(HELD_UP))

    def look_closely(self) -> None:
        """Raise Interrupted as `look` does, and also if the process is dead."""
        self.look()
        if state_of(self._pid) in ("Z", None):
            raise Interrupted(tr(HELD_UP))


@contextlib.contextmanager
def forked_on(cpu: int, work: Callable[[], None]) -> Iterator[int]:
    """Fork a process that calls `work` on processor `cpu`. It is killed at the end of the context.

    Yields its pid.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            syscalls.die_with(parent)
            os.sched_setaffinity(0, {cpu})
            work()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextlib.contextmanager
def running_on(cpus: Sequence[int]) -> Iterator[None]:
    """Run the calling process on `cpus` in this context; if there are none, change nothing."""
    before = os.sched_getaffinity(0)
    try:
        if cpus:
            os.sched_setaffinity(0, cpus)
        yield
    finally:
        os.sched_setaffinity(0, before)
