"""Our session ahead of others: with autogroup the kernel shares a core between sessions first.

What other sessions do then costs ours next to nothing, and among the processes of ours nothing
changes: their nice values and slices count as before. It needs root, and is put back afterwards.
"""

from __future__ import annotations

from pathlib import Path

AHEAD = -20
_FILE = Path("/proc/self/autogroup")
_SWITCH = Path("/proc/sys/kernel/sched_autogroup_enabled")


def put_ahead() -> int | None:
    """Put this session ahead; returns how nice it was, for `put_back`. None: it may not be."""
    try:
        if _SWITCH.read_text().strip() != "1":
            return None
        nice = int(_FILE.read_text().split()[-1])
        _FILE.write_text(str(AHEAD))
    except (OSError, ValueError, IndexError):
        return None
    return 0 if nice == AHEAD else nice  # another run of ours has put it there


def put_back(nice: int | None) -> None:
    """As nice as before; None: nothing was changed."""
    if nice is not None:
        _FILE.write_text(str(nice))
