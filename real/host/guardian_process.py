"""What the guardian and the leader of the process group do: they wait for the end, and clean up.

Both wait on a pipe or on a pidfd, and not for a pid, which may become the pid of another process.
There is one exception: the leader is the guardian's own child, so its pid is not used again before
the guardian has reaped it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from real.host import syscalls
from real.host.cleanup import Cleanup
from real.host.leftovers import is_dead, kill

CLEANING = 4.0  # seconds for the guardian to clean up, before another process does it
AHEAD = -20  # the nice value of a guardian, if allowed: other programs may keep all cores busy
HIGHEST_DESCRIPTOR = 1 << 30  # no descriptor has a higher number
DONE = 0  # the guardian's exit code when it has cleaned up

IGNORED = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGPIPE,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
)
"""Signals that come from a terminal or are meant for the supervisor. A guardian ignores them."""


@dataclass(frozen=True, slots=True)
class GuardianProcess:
    """The process that the supervisor forks as the guardian. It forks the leader."""

    cleanup: Cleanup
    reading: int  # the reading end of the guardian's pipe
    supervisor: int  # pidfd of the supervisor
    keep: Collection[int]  # the descriptors that the cleanup needs

    def guard(self, tell: int) -> NoReturn:
        """Be the guardian: write the leader's pid to `tell`, and clean up at the end."""
        code = 1
        try:
            os.setpgid(0, 0)
            self._withdraw(tell)
            syscalls.call_oneself("guardian")
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, 0, AHEAD)
            leaders_death = self._fork_leader(tell)
            self._await_end()
            self.cleanup.perform(self._may_be_unjoined)
            code = DONE
            if leaders_death is not None:
                kill(leaders_death)
                os.waitpid(self.cleanup.group, 0)
        finally:
            os._exit(code)

    def _fork_leader(self, tell: int) -> int | None:
        """Fork the leader, and tell the supervisor its pid. Return its pidfd; None: it failed."""
        guardian = os.pidfd_open(os.getpid())
        try:
            leader = os.fork()
        except OSError as error:
            _send(tell, -(error.errno or errno.EIO))
            return None
        if leader == 0:
            os.close(tell)
            self._lead(guardian)
        self.cleanup.group = leader
        with contextlib.suppress(PermissionError):  # the leader has made the group itself
            os.setpgid(leader, leader)
        _send(tell, leader)
        os.close(tell)
        return os.pidfd_open(leader)

    def _lead(self, guardian: int) -> NoReturn:
        """Be the leader. The group exists as long as the leader does."""
        try:
            os.setpgid(0, 0)
            self.cleanup.group = os.getpid()
            syscalls.call_oneself("leader")
            self._await_end()
            if not is_dead(guardian, CLEANING):
                kill(guardian)
            self.cleanup.perform(self._may_be_unjoined)
        finally:
            os._exit(0)

    def _await_end(self) -> None:
        """Wait until the supervisor says that the run is over, closes its pipe, or is dead."""
        poll = select.poll()
        for fd in (self.reading, self.supervisor):
            poll.register(fd, select.POLLIN)
        poll.poll()

    def _may_be_unjoined(self) -> bool:
        """Return whether the supervisor is dead, and a child of it lives outside the group."""
        return is_dead(self.supervisor) and not is_dead(self.reading)

    def _withdraw(self, tell: int) -> None:
        """Ignore the signals in IGNORED, and close all descriptors that are not needed."""
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        kept = sorted({self.reading, self.supervisor, tell, *self.keep} - {0, 1, 2})
        null = os.open(os.devnull, os.O_RDWR)
        for fd in {0, 1, 2} - {self.reading, self.supervisor, tell, null}:
            os.dup2(null, fd)
        for before, after in pairwise([2, *kept, HIGHEST_DESCRIPTOR]):
            os.closerange(before + 1, after)


def _send(tell: int, number: int) -> None:
    """Send a number to the supervisor, which may be dead by now."""
    with contextlib.suppress(OSError):
        os.write(tell, number.to_bytes(8, "little", signed=True))
