"""The nice value of a session: with autogroup the kernel shares a core between sessions first.

A session that is ahead of the others loses next to nothing to them. Among its own processes nothing
changes: their nice values and slices count as before. It needs root, and is put back afterwards.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

AHEAD = -20
_FILE = Path("/proc/self/autogroup")
_SWITCH = Path("/proc/sys/kernel/sched_autogroup_enabled")


def shares_cores() -> bool:
    """Return whether the kernel shares cores between sessions.

    Then the nice value of a process counts within its session only.
    """
    try:
        return _SWITCH.read_text().strip() == "1"
    except OSError:
        return False


def niceness() -> int | None:
    """Return the nice value of this session, for `put_back`; None: it cannot be put ahead."""
    if not shares_cores():
        return None
    try:
        nice = int(_FILE.read_text().split()[-1])
    except (OSError, ValueError, IndexError):
        return None
    return 0 if nice == AHEAD else nice  # another run of ours has put it there


def put_ahead() -> bool:
    """Put this session ahead of others. Return whether the system allows it."""
    try:
        _FILE.write_text(str(AHEAD))
    except OSError:
        return False
    return True


def put_back(nice: int | None) -> None:
    """Give this session the nice value that it had; None: it was not changed."""
    if nice is not None:
        with contextlib.suppress(OSError):  # it could not be put ahead either
            _FILE.write_text(str(nice))
