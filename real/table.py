"""What the system's process table says of a process, by its number."""

from __future__ import annotations

import os


def exit_code_of(pid: int) -> int | None:
    """The exit code that a zombie keeps, as Python counts; None: it is gone, or lives.

    /proc shows it to who may look into the process: its owner.
    """
    fields = _stat(pid)
    if not fields or fields[0] not in ("Z", "X"):
        return None
    return os.waitstatus_to_exitcode(int(fields[49]))


def parent_of(pid: int) -> int | None:
    """The pid of its parent; None: it is gone."""
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def state_of(pid: int) -> str | None:
    """Its state, one letter; None: it is gone."""
    fields = _stat(pid)
    return fields[0] if fields else None


def _stat(pid: int) -> list[str]:
    """What stands in /proc/PID/stat behind the name; nothing: it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - a Path costs more
            return stat.read().rpartition(b")")[2].decode().split()
    except (OSError, ProcessLookupError):
        return []
