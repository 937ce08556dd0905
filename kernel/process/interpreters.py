"""Which interpreters execute the threads of a process, and so whether one lock holds them up."""

from __future__ import annotations

import sys
from collections.abc import Callable

SHARED_LOCK = "gil"
"""All threads are in one interpreter, whose lock lets one of them execute at a time."""
NO_LOCK = "free-threaded"
"""All threads are in one interpreter without a lock: a free-threaded build (PEP 703)."""
OWN_LOCKS = "per-interpreter"
"""Each thread is in an interpreter of its own, with a lock and variables of its own (PEP 684)."""
INTERPRETERS = (SHARED_LOCK, NO_LOCK, OWN_LOCKS)


def running_interpreter() -> str:
    """Return the kind of the Python that runs. Its threads are in one interpreter."""
    has_lock: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    return SHARED_LOCK if has_lock() else NO_LOCK
