"""How many processors this command may use."""

from __future__ import annotations

import os
import sys


def available() -> int:
    """Return how many processors this process may run on: at least 1."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
