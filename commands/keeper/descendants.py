"""Other processes: their states, and how the caller ends all its descendants."""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from kernel import current_call
from real.host import syscalls

LEFT_ALONE = 1.0  # seconds in which descendants may end by themselves
PATIENCE = 60.0  # seconds after which the search for descendants ends


def ended_or_stopped() -> Iterator[tuple[int, int]]:
    """Yield id and wait status of each child that has ended or was stopped since the last call."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            if pid == 0:
                return
            yield pid, status


def pidfd(pid: int) -> int:
    """Return a descriptor that is readable when the process has ended; -1 before Linux 5.3."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def resident_bytes(pid: int) -> int:
    """Return the bytes of the process that are in memory; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError):
        return 0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none if the process is gone."""
    try:
        about = Path(f"/proc/{pid}/stat").read_bytes()  # a process's name need not be UTF-8
        return about.rpartition(b")")[2].decode("ascii").split()
    except OSError:
        return []


def state_of(pid: int) -> str:
    """Return the letter of the process's state, as in /proc/PID/stat; X if it is gone."""
    return (_stat(pid) or ["X"])[0]


def cpu_seconds(pid: int) -> float:
    """Return the seconds of CPU time that the process has used."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def clear_up(ended: set[int]) -> int:
    """End all descendants of the caller. Return how many had to be killed, plus `ended`.

    `ended` are processes that were counted before. Processes that `current_call` spares end their
    own descendants, so the caller waits for them.
    """
    began, spared = time.monotonic(), current_call.spared()
    pause, most = 0.005, 50
    while (there := _descendants(ended)) and (passed := time.monotonic() - began) < PATIENCE:
        if passed > LEFT_ALONE or len(there) > most:
            for pid in there - spared:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                    ended.add(pid)
        if not there - spared - ended:
            time.sleep(pause)
        elif passed <= LEFT_ALONE:
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
    for pid in _descendants(ended):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return len(ended)


def has_descendants() -> bool:
    """Return whether the caller has living descendants. Dead children of the caller are reaped."""
    return bool(_descendants(set()))


def is_copy(status: int) -> bool:
    """Return whether a process with that wait status was a copy of the command.

    A copy does not have the cells, so it dies by SIGSEGV when it writes to them.
    """
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSEGV


def _descendants(copies: set[int]) -> set[int]:
    """Return all living descendants of the caller, and reap its dead children.

    Add dead children that were copies of the command to `copies`.
    """
    for pid, status in ended_or_stopped():
        if is_copy(status):
            copies.add(pid)
    parents: dict[int, int] = {}
    for entry in syscalls.processes():
        fields = _stat(int(entry.name))
        if fields:
            parents[int(entry.name)] = int(fields[1])
    found, new = set(), {os.getpid()}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new and pid not in found}
        found |= new
    return found
