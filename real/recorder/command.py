"""The command that is recorded: it begins when the watch is ready, and leaves nothing behind.

The recorder is a subreaper: what the command's processes leave behind becomes its children. So it
finds the daemons, and ends them when the command has ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence

from kernel.errors import UsageError
from real.host import syscalls
from translation import tr

GRACE = 1.0  # seconds between SIGTERM and SIGKILL


class Command:
    """A command in a process of its own. Use it as a context: at its end nothing of it is left."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self.pid = 0
        self.status: int | None = None  # as waitstatus_to_exitcode gives it
        self.usage = 0  # bytes, the most resident memory of the command itself
        self.ended: list[str] = []  # names of what it left behind and was ended

    def __enter__(self) -> Command:
        syscalls.set_subreaper(True)
        self._told, tell = os.pipe()  # close-on-exec: closes when the command begins
        held, self._release = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(held, tell)
        os.close(held)
        os.close(tell)
        self.death = os.pidfd_open(self.pid)
        return self

    def _become(self, held: int, tell: int) -> None:
        """Become the command when the parent says so. Its stdout is the recorder's stderr."""
        try:
            os.close(self._release)
            if os.read(held, 1):
                for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGQUIT):
                    signal.signal(number, signal.SIG_DFL)
                os.dup2(2, 1)
                os.execvp(self._words[0], self._words)
        except OSError as error:
            os.write(tell, str(error.errno).encode())
        finally:
            os._exit(127)

    def begin(self) -> None:
        """Let the command begin. Raises UsageError if it cannot be executed."""
        os.write(self._release, b"x")
        refused = os.read(self._told, 16)
        if refused:
            reason = os.strerror(int(refused))
            raise UsageError(
                tr(
                    "{command}: cannot be executed: {reason}",
                    command=self._words[0],
                    reason=reason,
                )
            )

    def is_over(self) -> bool:
        """Return whether the command itself has ended; reap it, and what it left as zombies."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid == self.pid:
                self.status = os.waitstatus_to_exitcode(status)
                self.usage = usage.ru_maxrss << 10
        return self.status is not None

    def signal(self, number: int) -> None:
        """Send a signal to the command itself, if it lives."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def __exit__(self, *exception: object) -> None:
        try:
            self._end_all()
        finally:
            for fd in (self._told, self._release, self.death):
                os.close(fd)
            syscalls.set_subreaper(False)

    def _end_all(self) -> None:
        """End the command and all that it has begun: SIGTERM, then SIGKILL."""
        self.is_over()
        if self.status is not None:
            self.ended = [name for _, name in descendants(os.getpid())]
        for number in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + GRACE
            sent: set[int] = set()
            while living := list(descendants(os.getpid())):
                for pid, _ in living:
                    if pid not in sent or number == signal.SIGKILL:
                        sent.add(pid)
                        with contextlib.suppress(ProcessLookupError, PermissionError):
                            os.kill(pid, number)
                            os.kill(pid, signal.SIGCONT)
                self.is_over()
                if time.monotonic() > until:
                    break
                time.sleep(0.01)
        self.is_over()


def descendants(pid: int) -> Iterator[tuple[int, str]]:
    """Yield pid and name of all processes below `pid` that live (zombies are dead)."""
    children: dict[int, list[tuple[int, str]]] = {}
    for entry in syscalls.processes():
        found = stat_of(int(entry.name))
        if found is not None and found[1][0] not in ("Z", "X"):
            children.setdefault(int(found[1][1]), []).append((int(entry.name), found[0]))
    waiting = [pid]
    while waiting:
        for child, name in children.get(waiting.pop(), ()):
            yield child, name
            waiting.append(child)


def stat_of(task: int) -> tuple[str, list[str]] | None:
    """Return the name, and the fields of /proc/TASK/stat after it; None: the task is gone."""
    try:
        with open(f"/proc/{task}/stat", "rb") as file:  # noqa: PTH123 - a Path costs more
            text = file.read()
    except (OSError, ProcessLookupError):
        return None
    name, _, rest = text.partition(b"(")[2].rpartition(b")")
    return name.decode(errors="replace"), rest.decode().split()
