"""The fork servers of a run.

A process that starts others by the start method forkserver has a fork server, which forks them. The
server is their parent. It reaps a child as soon as the child has ended. Then the exit code cannot
be read in the process table any more. So the supervisor stops a server that has nothing to do. It
continues the server to fork, and to reap a child whose end the supervisor has seen.
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
from translation import mark, recorded, tr

PATIENCE = 20.0  # seconds for a server to do what it is asked to do, on a busy machine


@dataclass(slots=True)
class _Server:
    """A fork server."""

    name: str  # for messages
    pid: int
    pidfd: int  # readable when the server is dead
    held: bool = False  # the supervisor has stopped the server


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
        """Stop the server `pid`, which has just forked. `name` is the name of its `starter`."""
        if starter not in self._servers:
            words = recorded("the fork server of {process}", process=name)
            self._servers[starter] = _Server(words, pid, os.pidfd_open(pid))
        self._stop(self._servers[starter])

    def let_fork(self, starter: int) -> None:
        """Continue the server of process `starter`, which is about to start a process.

        At other calls of `starter` the server stays stopped: it would reap a child that dies then
        too early.
        """
        if starter in self._servers:
            self._go_on(self._servers[starter])

    def let_reap(self, starter: int, child: int) -> None:
        """Let the server of process `starter` reap the zombie `child`. Raises MultiprogError."""
        server = self._servers[starter]
        slept = _times_slept(server.pid)
        self._go_on(server)
        # The server reaps the child, sends the exit code, and sleeps. It must not be stopped before
        # it sleeps. The state "S" alone does not show that, as the server may have it within the
        # system call that reaps. But in that call it does not give up the core.
        failure = mark("a fork server did not reap its child")
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
        """Let the server of process `starter` end: `starter` and all children of it are dead.

        The server sees that before it sees the end of its last child. So it does not reap the last
        child, which becomes a child of the supervisor.
        """
        if starter in self._servers:
            self._go_on(self._servers[starter])

    def close(self) -> None:
        """Kill the servers that are left. Their children become children of the supervisor."""
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
        failure = mark("a fork server did not stop")
        _wait(server, lambda: state_of(server.pid) in stopped, failure)

    def _go_on(self, server: _Server) -> None:
        server.held = False
        self._signal(server, signal.SIGCONT)

    def _signal(self, server: _Server, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(server.pidfd, number)


def _times_slept(pid: int) -> int:
    """Return the number of voluntary context switches of a process; 0: it is gone."""
    try:
        return int(psutil.Process(pid).num_ctx_switches().voluntary)
    except psutil.Error:
        return 0


def _wait(server: _Server, holds: Callable[[], bool], failure: str) -> None:
    """Wait until `holds()` is true.

    Raises MultiprogError if the server was killed or stopped from outside, or, with the text
    `failure`, if it takes longer than PATIENCE.
    """
    patience, expected = TimeLimit(PATIENCE), ExpectedProcess(server.name, server.pid)
    while not holds():
        if is_dead(server.pidfd) and not holds():  # it may have become true just before the end
            raise MultiprogError(tr("{process} was killed", process=server.name))
        expected.look()
        if patience.is_over():
            raise MultiprogError(tr(failure))
        time.sleep(0.0001)
