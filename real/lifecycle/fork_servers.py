"""The fork servers of a run: a process that starts others by `forkserver` has one that forks.

The server is the parent of those processes, and takes the exit code of a child as soon as that has
ended; then it cannot be read in the process table any more. So the supervisor stops a server that
has nothing to do, and continues it to fork, and to reap a child after its end has been seen.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from kernel.errors import MultiprogError
from real.host.leftovers import hasten, is_dead, wait_readable
from real.host.process_table import parent_of, state_of
from real.host.time_limits import STOPPED, ExpectedProcess, TimeLimit

PATIENCE = 20.0  # seconds to do what it is asked to, on a busy machine


@dataclass(slots=True)
class _Server:
    """A fork server. `pidfd` is readable when it is dead."""

    name: str  # for messages
    pid: int
    pidfd: int
    held: bool = False  # has the supervisor stopped it?


class ForkServers:
    """All fork servers of a run, by the index of the process that has started each."""

    def __init__(self) -> None:
        self._servers: dict[int, _Server] = {}

    def is_one(self, pid: int) -> bool:
        """Return whether that is the pid of a fork server."""
        return any(server.pid == pid for server in self._servers.values())

    def at_work(self) -> list[tuple[str, int]]:
        """Return name and pid of the servers that the supervisor has not stopped."""
        return [(server.name, server.pid) for server in self._servers.values() if not server.held]

    def held(self) -> set[int]:
        """Return the pids of the servers that the supervisor has stopped."""
        return {server.pid for server in self._servers.values() if server.held}

    def begun(self, starter: int, pid: int, name: str = "") -> None:
        """Stop the server `pid` of process `starter`, of that name: it has just forked."""
        if starter not in self._servers:
            words = f"the fork server of {name}"
            self._servers[starter] = _Server(words, pid, os.pidfd_open(pid))
        self._stop(self._servers[starter])

    def let_fork(self, starter: int) -> None:
        """Let the server of `starter` go on, which is about to ask it for a process.

        At its other calls it stays stopped: a child that dies then would be reaped too early.
        """
        if starter in self._servers:
            self._go_on(self._servers[starter])

    def let_reap(self, starter: int, child: int) -> None:
        """Let the server of `starter` reap process `child`, a zombie."""
        server = self._servers[starter]
        slept = _times_slept(server.pid)
        self._go_on(server)
        # reaping comes first, then it tells the exit code, then it sleeps: before that, no stop.
        # It is "S" within the call that reaps, too, but that does not give up the core.
        failure = "a fork server did not reap its child"
        _wait(server, lambda: parent_of(child) is None, failure)
        _wait(
            server,
            lambda: (
                state_of(server.pid) in ("Z", None)
                or (_times_slept(server.pid) > slept and state_of(server.pid) == "S")
            ),
            failure,
        )
        self._stop(server)

    def leave(self, starter: int) -> None:
        """Let the server of `starter` end: that process and all that the server forked are dead.

        The server sees that before it sees the end of the last of them, which becomes a child of
        the supervisor.
        """
        if starter in self._servers:
            self._go_on(self._servers[starter])

    def close(self) -> None:
        """Kill the servers that are left. What they have forked becomes the supervisor's."""
        for server in self._servers.values():
            self._signal(server, signal.SIGKILL)
            hasten(server.pid)
            wait_readable([server.pidfd], PATIENCE)

    def reap(self) -> None:
        """Take the dead servers out of the process table. Their starters must be dead."""
        for server in self._servers.values():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(server.pid, 0)
            os.close(server.pidfd)
        self._servers.clear()

    def _stop(self, server: _Server) -> None:
        server.held = True
        self._signal(server, signal.SIGSTOP)
        stopped = (*STOPPED, "Z", None)
        _wait(server, lambda: state_of(server.pid) in stopped, "a fork server did not stop")

    def _go_on(self, server: _Server) -> None:
        server.held = False
        self._signal(server, signal.SIGCONT)

    def _signal(self, server: _Server, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(server.pidfd, number)


def _times_slept(pid: int) -> int:
    """Return how often it has given up its core to wait for something; 0 if it is gone."""
    try:
        return int(psutil.Process(pid).num_ctx_switches().voluntary)
    except psutil.Error:
        return 0


def _wait(server: _Server, holds: Callable[[], bool], failure: str) -> None:
    """Wait until it holds. Raises MultiprogError, with the text `failure`, if it never does."""
    patience, expected = TimeLimit(PATIENCE), ExpectedProcess(server.name, server.pid)
    while not holds():
        if is_dead(server.pidfd) and not holds():  # it may have done so just before it ended
            raise MultiprogError(f"{server.name} was killed")
        expected.look()
        if patience.is_over():
            raise MultiprogError(failure)
        time.sleep(0.0001)
