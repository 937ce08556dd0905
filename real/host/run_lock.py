"""One real run at a time on a host: two at once would each measure the other.

The lock is the name of an abstract Unix socket. It belongs to no file and to no user, so root and
users share it, and the kernel gives it back when the last process of its holder is gone. A run that
waits is connected to that socket, and reads the end of the file when it is closed. A run that does
not wait says so through the same connection, and the holder finds that at its own end.

Only runs in one network namespace see each other: containers usually have one each.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from kernel.errors import Interrupted
from real.host.interrupts import Interruptions

NAME = "\0multiprog-real-run"
JOINS = b"!"  # what a run that does not wait sends to the holder of the lock
_BACKLOG = 4096  # connections that wait: the holder accepts them at its end
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class HostLock:
    """What a run knows of the other runs on its host. `alone_on_host` makes it."""

    def __init__(self) -> None:
        self.beside: list[int] = []
        """Pids of the real runs that were there at the same time; 0 in another pid namespace."""
        self._held: socket.socket | None = None

    def pids_beside(self) -> list[int]:
        """Return the pids of the real runs that have been there at the same time until now."""
        self._hear_of_those_that_joined()
        return self.beside

    def remarks(self) -> list[str]:
        """Return a sentence for each other run that was there."""
        return [
            f"another real run (pid {pid}) was there at the same time" for pid in self.pids_beside()
        ]

    def take(self) -> socket.socket | None:
        """Take the lock; if another run has it, return a connection to that one."""
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            held.bind(NAME)
            held.listen(_BACKLOG)
        except OSError as error:
            held.close()
            if error.errno != errno.EADDRINUSE:
                raise
            return self._connect()
        held.setblocking(False)
        self._held = held
        return None

    def _connect(self) -> socket.socket | None:
        other = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            other.connect(NAME)
        except ConnectionRefusedError:  # it has ended meanwhile, or does not listen yet
            other.close()
            time.sleep(0.001)
            return self.take()
        return other

    def join(self, other: socket.socket) -> None:
        """Run beside the holder, at the other end of the connection, and tell it so."""
        self.beside.append(pid_behind(other))
        with contextlib.suppress(OSError):  # it has just ended
            other.send(JOINS)

    def _hear_of_those_that_joined(self) -> None:
        while self._held is not None:
            try:
                connection, _ = self._held.accept()
            except OSError:
                return
            with connection:
                pid = pid_behind(connection)
                connection.setblocking(False)
                with contextlib.suppress(OSError):
                    if connection.recv(1) == JOINS and pid not in self.beside:
                        self.beside.append(pid)

    def release(self) -> None:
        """Give the lock back: a run that waits goes on."""
        if self._held is not None:
            self._held.close()


@contextmanager
def alone_on_host(wait: bool, remark: Callable[[str], None]) -> Iterator[HostLock]:
    """Keep other real runs of this host from beginning in this context, unless they do not wait.

    If another run is there, wait for its end, and tell `remark` of it. Without `wait` run beside
    it. Raises Interrupted if a signal ends the waiting.
    """
    lock = HostLock()
    if sys.platform.startswith("linux"):  # elsewhere there are no real runs
        try:
            _take(lock, wait, remark)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            remark(f"whether another real run is going on cannot be known here: {why}")
    try:
        yield lock
    finally:
        lock.release()


def _take(lock: HostLock, wait: bool, remark: Callable[[str], None]) -> None:
    told = False
    with Interruptions() as interruptions:
        while (other := lock.take()) is not None:
            with other:
                there = f"another real run is going on ({_described(pid_behind(other))})"
                if not wait:
                    remark(f"{there}: the two will disturb each other")
                    lock.join(other)
                    return
                if not told:
                    remark(f"{there}: waiting for its end; --no-wait runs at once")
                    told = True
                # what can be read of it is the end of the file
                select.select([other.fileno(), interruptions.fd], [], [])
            if interruptions.caught is not None:
                raise Interrupted(interruptions.reason())


def pid_behind(connection: socket.socket) -> int:
    """Return the pid of the process at the other end; 0: it is in a pid namespace of its own."""
    size = _CREDENTIALS.size
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(_CREDENTIALS.unpack(raw)[0])


def _described(pid: int) -> str:
    try:
        began = time.localtime(psutil.Process(pid).create_time())
    except psutil.Error:
        return f"pid {pid}"
    return f"pid {pid}, since {time.strftime('%H:%M:%S', began)}"
