"""Our session ahead of others: with autogroup the kernel shares a core between sessions first.

What other sessions do then costs ours next to nothing, and among the processes of ours nothing
changes: their nice values and slices count as before. It needs root, and is put back afterwards.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

AHEAD = -20
_FILE = Path("/proc/self/autogroup")
_SWITCH = Path("/proc/sys/kernel/sched_autogroup_enabled")


def shares_cores() -> bool:
    """Does the kernel share a core between sessions, so that nice values count within one only?"""
    try:
        return _SWITCH.read_text().strip() == "1"
    except OSError:
        return False


def niceness() -> int | None:
    """How nice this session is, for `put_back`, before it is put ahead. None: it cannot be."""
    if not shares_cores():
        return None
    try:
        nice = int(_FILE.read_text().split()[-1])
    except (OSError, ValueError, IndexError):
        return None
    return 0 if nice == AHEAD else nice  # another run of ours has put it there


def put_ahead() -> bool:
    """Put this session ahead; False: it may not be."""
    try:
        _FILE.write_text(str(AHEAD))
    except OSError:
        return False
    return True


def put_back(nice: int | None) -> None:
    """As nice as before; None: nothing was changed."""
    if nice is not None:
        with contextlib.suppress(OSError):  # it could not be put ahead either
            _FILE.write_text(str(nice))
