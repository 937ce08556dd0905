"""The processes that multiprocessing starts for itself: they would stay until ours ends."""

from __future__ import annotations

from multiprocessing import forkserver, resource_tracker
from typing import Any


def end_helpers() -> None:
    """End the fork server, and what looks after named semaphores; a later use starts them again.

    Where Python has no way to end one of them, it stays.
    """
    server: Any = getattr(forkserver, "_forkserver", None)
    tracker: Any = getattr(resource_tracker, "_resource_tracker", None)
    for helper in (server, tracker):
        stop = getattr(helper, "_stop", None)
        if stop is not None:
            stop()
