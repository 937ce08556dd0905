"""The helper processes of multiprocessing, and what they leave on the machine.

They are the fork server and the resource tracker. Without `end_helpers` they would stay until the
calling process ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any

from kernel.errors import MultiprogError
from real.host.time_limits import ExpectedProcess

SEMAPHORES = Path("/dev/shm")
ENDING = 4.0  # seconds for a helper to end when it is told to


def end_helpers() -> None:
    """End the fork server and the resource tracker of this process. A later use starts them again.

    If this Python has no function to end one of them, it stays. So does one that this process has
    not started: a spawned process has the resource tracker of its parent.
    """
    server: Any = getattr(forkserver, "_forkserver", None)
    tracker: Any = getattr(resource_tracker, "_resource_tracker", None)
    for helper, number in ((server, "_forkserver_pid"), (tracker, "_pid")):
        stop, pid = getattr(helper, "_stop", None), getattr(helper, number, None)
        if stop is not None and pid is not None:
            with killed_after(ENDING, pid):
                stop()


@contextlib.contextmanager
def killed_after(seconds: float, pid: int) -> Iterator[None]:
    """Kill process `pid`, a child of ours, if this context takes longer than `seconds`.

    In the context the caller waits for the end of the process. The process may have been stopped
    from outside, so it gets SIGCONT first.
    """
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        pidfd = -1
    if pidfd < 0:
        yield
        return
    killer = threading.Timer(seconds, signal.pidfd_send_signal, (pidfd, signal.SIGKILL))
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGCONT)
        killer.start()
        yield
    finally:
        killer.cancel()
        if killer.ident is not None:
            killer.join()
        os.close(pidfd)


@contextlib.contextmanager
def killed_if_stopped(pid: int | None) -> Iterator[None]:
    """Kill process `pid` if it is stopped from outside in this context.

    It is a child of the caller, which waits for it in this context. None: do nothing.
    """
    if pid is None:
        yield
        return
    over, expected = threading.Event(), ExpectedProcess("", pid)

    def look() -> None:
        while not over.wait(0.25):
            try:
                expected.look()
            except MultiprogError:
                os.kill(pid, signal.SIGKILL)
                return

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def fork_servers_pid() -> int | None:
    """Return the pid of the fork server of this process; None: it has started none."""
    server: Any = getattr(forkserver, "_forkserver", None)
    pid: int | None = getattr(server, "_forkserver_pid", None)
    return pid


def resource_trackers_pid() -> int | None:
    """Return the pid of the resource tracker of this process; None: it has started none."""
    tracker: Any = getattr(resource_tracker, "_resource_tracker", None)
    pid: int | None = getattr(tracker, "_pid", None)
    return pid


class Semaphores:
    """The named semaphores of one run. Each name begins with the run's own prefix."""

    def __init__(self) -> None:
        """Choose the prefix, so that the guardian knows it before a semaphore has it."""
        self.prefix = f"/multiprog-{os.getpid()}-{secrets.token_hex(4)}"

    @contextlib.contextmanager
    def named(self) -> Iterator[None]:
        """Give semaphores that are made in this context the prefix, in child processes, too."""
        before = _config().get("semprefix")
        _config()["semprefix"] = self.prefix
        try:
            yield
        finally:
            _config()["semprefix"] = before

    def remove(self) -> None:
        """Remove the semaphores that are left when no process of the run lives.

        A process may be killed after it made a semaphore and before it told the resource tracker of
        it. The tracker may be killed, too.
        """
        for left in SEMAPHORES.glob(f"sem.{self.prefix.removeprefix('/')}-*"):
            with contextlib.suppress(OSError):
                left.unlink()


def _config() -> dict[str, Any]:
    """Return the configuration that multiprocessing hands on to children of this process."""
    process: Any = multiprocessing.current_process()
    config: dict[str, Any] = process._config  # noqa: SLF001 - Python has no other way to set it
    return config


class ServersFolder:
    """The folder for the sockets of a run's fork servers.

    A process that starts a fork server makes a folder for its socket. It removes the folder at its
    end, but not if it is killed. So a run has one folder for all servers, and the guardian removes
    that.
    """

    def __init__(self) -> None:
        """Choose the path, so that the guardian knows it before the folder is made."""
        self.path = Path(tempfile.gettempdir()) / f"pymp-{secrets.token_hex(4)}"
        self._before: str | None = None

    def make(self) -> None:
        """Make the folder, and let multiprocessing put its files there, in child processes, too."""
        self.path.mkdir(mode=0o700)
        config = _config()
        self._before = config.get("tempdir")
        config["tempdir"] = str(self.path)

    def close(self) -> None:
        """Let multiprocessing put its files where it put them before, and remove the folder."""
        config = _config()
        if config.get("tempdir") == str(self.path):
            config["tempdir"] = self._before
        self.remove()

    def remove(self) -> None:
        """Remove the folder with all its files, if it exists."""
        shutil.rmtree(self.path, ignore_errors=True)
