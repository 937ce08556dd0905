"""How many processors the workers of this command may use."""

from __future__ import annotations

import os
import sys


def available() -> int:
    """Return how many processors workers may run on: at least 1.

    Elsewhere than on Linux it is 1: workers are watched and ended by means that Linux has.
    """
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return 1
