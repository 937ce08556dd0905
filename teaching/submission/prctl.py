"""The system call `prctl`, which Python does not offer.

`real.host.syscalls` has calls of this kind, too. It is not imported here: the zygote must have
nothing in memory but what a submission may use.
"""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def prctl(option: int, *values: int) -> int:
    """Return the result of `prctl`; -1: it failed, and `ctypes.get_errno()` says why."""
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, *padded))


def die_with(parent: int) -> None:
    """Let the kernel kill the caller when its parent, whose pid is `parent`, dies.

    A change of the user takes this back, so it comes after one.
    """
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
