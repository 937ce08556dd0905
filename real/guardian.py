"""The guardian: whatever happens to the supervisor, its workers do not outlive it.

All workers are in one process group, led by a process that does nothing else. The guardian, which
is not in the group, holds the reading end of a pipe; the writing end is the supervisor's alone.
When it closes, by any death, or `close` writes to it, the guardian kills the group until nothing of
it lives.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable

from kernel import watched
from real import linux

PATIENCE = 60.0  # seconds for the killed to disappear; longer than a busy machine makes them wait
AHEAD = -20  # the niceness of a guardian, where it is allowed: others may keep all cores busy


class Guardian:
    """Started before the first worker. `group` is the process group that workers join."""

    def __init__(self, afterwards: Callable[[], None] = lambda: None) -> None:
        """`afterwards` is what it does last of all, when nothing of the group lives."""
        reading, self._pipe = os.pipe()
        told, tell = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            for fd in (reading, self._pipe, told, tell):
                os.close(fd)
            raise
        if self.pid == 0:
            os.close(self._pipe)
            os.close(told)
            _guard(reading, tell, afterwards)
        watched.spare(self.pid)
        os.close(reading)
        os.close(tell)
        self.group = int.from_bytes(os.read(told, 8), "little")
        os.close(told)

    def join(self) -> None:
        """In a worker: join the group, then give up the inherited end of the pipe.

        Not the other way round: between the two nobody would know of it.
        """
        os.setpgid(0, self.group)
        os.close(self._pipe)

    def close(self) -> None:
        """Kill what is left of the group, and wait until the guardian has seen it go.

        It is told in so many words: a process that an own policy left may hold the pipe open.
        """
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, b"!")
        os.close(self._pipe)
        os.waitpid(self.pid, 0)
        watched.spare_no_more(self.pid)


def _guard(pipe: int, tell: int, afterwards: Callable[[], None]) -> None:
    """The guardian's whole life; never returns."""
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)
        _be_quiet()
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, AHEAD)
        leader = os.fork()
        if leader == 0:
            _lead(tell)
        os.setpgid(leader, leader)
        os.write(tell, leader.to_bytes(8, "little"))
        os.close(tell)
        os.read(pipe, 1)
        _kill(leader)
        afterwards()
    finally:
        os._exit(0)


def _lead(tell: int) -> None:
    """The group's leader: exists, so that the group does."""
    try:
        linux.die_with_parent()
        os.close(tell)
        while True:
            signal.pause()
    finally:
        os._exit(0)


def _kill(group: int) -> None:
    """Kill the group until none of it lives. The dead are init's to reap, as we are not theirs.

    Nobody joins any more: who has not joined yet holds the pipe open.
    """
    until, pause = time.monotonic() + PATIENCE, 0.001
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(group, signal.SIGKILL)
            living = _living(group)
            if not living:
                os.waitpid(group, 0)  # the leader alone is ours to reap
                return
            for pid in living:
                hasten(pid)
            time.sleep(pause)
            pause = min(2 * pause, 0.05)


def hasten(pid: int) -> None:
    """Let it run like any other, as dying takes CPU time too.

    One that may only use idle time does not die for as long as others keep its core busy.
    """
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))


def _living(group: int) -> list[int]:
    """The processes of the group that are not yet dead."""
    living = []
    for entry in linux.processes():
        with contextlib.suppress(OSError):  # gone meanwhile
            stat = (entry / "stat").read_bytes()  # the name in it may be any bytes
            state, _, its_group = stat.rpartition(b")")[2].split()[:3]
            if int(its_group) == group and state not in (b"Z", b"X"):
                living.append(int(entry.name))
    return living


def _be_quiet() -> None:
    """Hold nobody's terminal or pipe open."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
