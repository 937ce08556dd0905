"""What the process table of the operating system says of a process, by its pid."""

from __future__ import annotations

import os
from pathlib import Path

from kernel.errors import MultiprogError
from translation import tr

PF_KTHREAD = 0x200000
"""The flag of a kernel thread in /proc/PID/stat (include/linux/sched.h)."""


def exit_code_of(pid: int) -> int | None:
    """Return the exit code of a zombie; None: the process is gone, or lives.

    It is below 0 if a signal ended the process, as in Python. The process stays a zombie. Raises
    MultiprogError if the kernel hides the exit code from the caller.
    """
    try:
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        return _code_in_proc(pid)  # its parent is another process
    if found is None:
        return None
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def _code_in_proc(pid: int) -> int | None:
    """Return the exit code in /proc/PID/stat; None: the process is gone, or lives.

    For a caller without permission the kernel writes 0 there. Then this raises MultiprogError.
    """
    fields = _stat(pid)
    if not fields or fields[0] not in ("Z", "X"):
        return None
    try:  # reading this link needs the same permission, and fails without it
        Path(f"/proc/{pid}/ns/user").readlink()
    except PermissionError:
        raise MultiprogError(
            tr(
                "the exit code of process {pid} is hidden from this user: it must be of the same "
                "user, and its program readable",
                pid=pid,
            )
        ) from None
    except OSError:
        return None  # it was reaped in the meantime
    return os.waitstatus_to_exitcode(int(fields[49]))


def parent_of(pid: int) -> int | None:
    """Return the pid of the parent of process `pid`; None: the process is gone."""
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def state_of(pid: int) -> str | None:
    """Return the state of process `pid`, one letter as in `ps`; None: the process is gone."""
    fields = _stat(pid)
    return fields[0] if fields else None


def is_kernel_thread(pid: int) -> bool:
    """Return whether a process is a thread of the kernel, like kworker: no program runs in it."""
    fields = _stat(pid)
    return bool(fields) and bool(int(fields[6]) & PF_KTHREAD)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name; an empty list: the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - a Path costs more
            return stat.read().rpartition(b")")[2].decode().split()
    except (OSError, ProcessLookupError):
        return []
