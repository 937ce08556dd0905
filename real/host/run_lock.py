"""One real run at a time on a host: two at the same time would disturb each other's measurements.

The lock is the name of an abstract Unix socket. The name is no file, so all users share it. The
kernel frees the name when the last process that has the socket is gone. A run that waits for the
lock is connected to the socket, and reads end of file when the socket is closed. A run that does
not wait sends a byte through the same connection. The holder of the lock reads it later.

Only runs in the same network namespace see each other. Usually each container has one of its own.
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
from translation import recorded, tr

NAME = "\0multiprog-real-run"
JOINS = b"!"  # the byte that a run which does not wait sends to the holder of the lock
_BACKLOG = 4096  # connections that may wait until the holder accepts them
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class HostLock:
    """The lock, and the other real runs on the host that are known. `alone_on_host` makes it."""

    def __init__(self) -> None:
        self.beside: list[int] = []
        """Pids of the real runs at the same time; 0: the run is in another pid namespace."""
        self._held: socket.socket | None = None

    def pids_beside(self) -> list[int]:
        """Return the pids of the real runs that went on at the same time until now."""
        self._hear_of_those_that_joined()
        return self.beside

    def remarks(self) -> list[str]:
        """Return a sentence for each real run that went on at the same time."""
        return [
            recorded("another real run (pid {pid}) ran at the same time", pid=pid)
            for pid in self.pids_beside()
        ]

    def take(self) -> socket.socket | None:
        """Take the lock, and return None. If another run has it, return a connection to that run.

        Raises OSError if no socket can be made.
        """
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
        except ConnectionRefusedError:  # the other run has just ended, or does not listen yet
            other.close()
            time.sleep(0.001)
            return self.take()
        return other

    def join(self, other: socket.socket) -> None:
        """Run beside the holder of the lock, at the other end of `other`, and tell it so."""
        self.beside.append(pid_behind(other))
        with contextlib.suppress(OSError):  # the holder has just ended
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
        """Release the lock, if this run has it. A run that waits can take it then."""
        if self._held is not None:
            self._held.close()


@contextmanager
def alone_on_host(wait: bool, remark: Callable[[str], None]) -> Iterator[HostLock]:
    """Hold the lock in this context: other real runs on this host that wait begin after it.

    If another run has the lock, wait for its end, and tell `remark` so. Without `wait` do not wait
    for it, and do not take the lock. Raises Interrupted if a signal ends the waiting.
    """
    lock = HostLock()
    if sys.platform.startswith("linux"):  # elsewhere there are no real runs
        try:
            _take(lock, wait, remark)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            remark(tr("whether another real run is going on cannot be known here: {why}", why=why))
    try:
        yield lock
    finally:
        lock.release()


def _take(lock: HostLock, wait: bool, remark: Callable[[str], None]) -> None:
    told = False
    with Interruptions() as interruptions:
        while (other := lock.take()) is not None:
            with other:
                run = _described(pid_behind(other))
                if not wait:
                    remark(
                        tr(
                            "another real run is going on ({run}): the two will disturb each other",
                            run=run,
                        )
                    )
                    lock.join(other)
                    return
                if not told:
                    remark(
                        tr(
                            "another real run is going on ({run}): waiting for its end; --no-wait "
                            "runs at once",
                            run=run,
                        )
                    )
                    told = True
                # the connection is readable when the other run has closed its socket: end of file
                select.select([other.fileno(), interruptions.fd], [], [])
            if interruptions.caught is not None:
                raise Interrupted(tr(interruptions.reason()))


def pid_behind(connection: socket.socket) -> int:
    """Return the pid of the process at the other end; 0: it is in another pid namespace."""
    size = _CREDENTIALS.size
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(_CREDENTIALS.unpack(raw)[0])


def _described(pid: int) -> str:
    try:
        began = time.localtime(psutil.Process(pid).create_time())
    except psutil.Error:
        return tr("pid {pid}", pid=pid)
    return tr("pid {pid}, since {time}", pid=pid, time=time.strftime("%H:%M:%S", began))
