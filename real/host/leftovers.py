"""The processes that may be left of a run: which of them live, and how they are killed.

A process belongs to a run if one of these is true:

- it is in the run's process group;
- it holds the writing end of the guardian's pipe: it was forked, and has not joined the group yet;
- it has the run's mark in its environment: `multiprocessing` has executed it as a helper.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from real.host import syscalls

MARK = "MULTIPROG_RUN"
"""The environment variable that marks programs which a run executes. Each run has its own value."""

DYING = 60.0  # seconds for killed processes to disappear, on a busy machine
DEAD = (b"Z", b"X")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """How the processes of one run are found."""

    group: int  # the process group; 0: there is none
    pipe: int  # the inode of the guardian's pipe, whose writing end no process may keep
    mark: str | None = None  # the value of MARK; None: the run executes no programs
    spared: frozenset[int] = frozenset()  # the pids of processes that are left out

    def living(self, *, unjoined: bool = False) -> list[int]:
        """Return the pids of the run's processes that are not dead.

        `unjoined`: look for processes that have not joined the group yet, too. That takes longer.
        """
        return [
            int(entry.name)
            for entry in syscalls.processes()
            if int(entry.name) not in self.spared and self._holds(entry, unjoined)
        ]

    def _holds(self, entry: Path, unjoined: bool) -> bool:
        with contextlib.suppress(OSError):  # the process is gone, or is another user's
            stat = (entry / "stat").read_bytes()  # the name in it may have any bytes
            state, _, group = stat.rpartition(b")")[2].split()[:3]
            if state in DEAD:
                return False
            if self.group and int(group) == self.group:
                return True
            return self._is_marked(entry) or (unjoined and self._holds_pipe(entry))
        return False

    def _is_marked(self, entry: Path) -> bool:
        if self.mark is None:
            return False
        with contextlib.suppress(OSError):
            entries = (entry / "environ").read_bytes().split(b"\0")
            return f"{MARK}={self.mark}".encode() in entries
        return False

    def _holds_pipe(self, entry: Path) -> bool:
        with contextlib.suppress(OSError):
            return any(self._is_writing_end(fd) for fd in (entry / "fd").iterdir())
        return False

    def _is_writing_end(self, fd: Path) -> bool:
        with contextlib.suppress(OSError):
            if fd.readlink().name == f"pipe:[{self.pipe}]":
                return bool(fd.lstat().st_mode & 0o200)
        return False

    def kill(self, seconds: float, *, unjoined: Callable[[], bool] = lambda: False) -> bool:
        """Kill the run's processes until none lives, for at most so many seconds.

        Return whether none lives. `unjoined` returns whether there may be processes that have not
        joined the group yet.
        """
        until, pause = time.monotonic() + seconds, 0.001
        while living := self.living(unjoined=unjoined()):
            if time.monotonic() > until:
                return False
            for pid in living:
                self._kill(pid, unjoined=unjoined())
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
        return True

    def _kill(self, pid: int, *, unjoined: bool) -> None:
        """Kill process `pid`, if it belongs to the run: the pid may be another process's by now."""
        with contextlib.suppress(ProcessLookupError, PermissionError), pidfd_of(pid) as fd:
            if self._holds(Path("/proc") / str(pid), unjoined):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
                hasten(pid)


@contextlib.contextmanager
def pidfd_of(pid: int) -> Iterator[int]:
    """Open a pidfd of the process in this context, and yield it.

    Raises ProcessLookupError if the process is gone.
    """
    fd = os.pidfd_open(pid)
    try:
        yield fd
    finally:
        os.close(fd)


def hasten(pid: int) -> None:
    """Put the process into the normal scheduling class, so that it gets CPU time to die.

    A process in the idle class may not get to its end while others keep its core busy.
    """
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))


def is_dead(pidfd: int, seconds: float = 0) -> bool:
    """Return whether the process of that pidfd is dead, or dies within so many seconds."""
    return bool(wait_readable([pidfd], seconds))


def end(pidfd: int, seconds: float) -> bool:
    """Wait so many seconds for a process that is about to end, and then kill it.

    Return whether it ended by itself. It may have been stopped, so it gets SIGCONT first.
    """
    with contextlib.suppress(ProcessLookupError):
        if not is_dead(pidfd):
            signal.pidfd_send_signal(pidfd, signal.SIGCONT)
        if not is_dead(pidfd, seconds):
            kill(pidfd)
            return False
    return True


def kill(pidfd: int) -> None:
    """Kill the process of that pidfd, and wait until it is dead, for at most DYING."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        is_dead(pidfd, DYING)


def wait_readable(fds: Iterable[int], seconds: float) -> list[int]:
    """Return the descriptors that can be read. Wait at most so many seconds for the first one."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return [fd for fd, _ in poll.poll(seconds * 1000)]
