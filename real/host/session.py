"""The nice value of a session.

With autogroup the kernel first shares a core between sessions, and then between the processes of
each session. A session with the best nice value loses almost no CPU time to others. Between its own
processes nothing changes: their nice values and slices count as before. It needs root. The old nice
value is put back after the run.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

AHEAD = -20
_FILE = Path("/proc/self/autogroup")
_SWITCH = Path("/proc/sys/kernel/sched_autogroup_enabled")


def shares_cores() -> bool:
    """Return whether the kernel shares cores between sessions (autogroup).

    If it does, the nice value of a process counts only within its session.
    """
    try:
        return _SWITCH.read_text().strip() == "1"
    except OSError:
        return False


def niceness() -> int | None:
    """Return the nice value of this session, for `put_back`; None: it cannot be changed."""
    if not shares_cores():
        return None
    try:
        nice = int(_FILE.read_text().split()[-1])
    except (OSError, ValueError, IndexError):
        return None
    return 0 if nice == AHEAD else nice  # AHEAD is from another run of ours, not from the user


def put_ahead() -> bool:
    """Give this session the best nice value. Return whether the system allows it."""
    try:
        _FILE.write_text(str(AHEAD))
    except OSError:
        return False
    return True


def put_back(nice: int | None) -> None:
    """Give this session the nice value `nice` again; None: it was not changed, so do nothing."""
    if nice is not None:
        with contextlib.suppress(OSError):  # then it could not be changed before either
            _FILE.write_text(str(nice))
