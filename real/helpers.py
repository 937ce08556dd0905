"""The processes that multiprocessing starts for itself: they would stay until ours ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any

SEMAPHORES = Path("/dev/shm")
_LEFT_BY_THE_TRACKER = 2.0  # seconds for what looks after semaphores to remove them itself


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


def name_semaphores() -> str:
    """Semaphores that are made from now on, with a name, begin with what is returned."""
    process: Any = multiprocessing.current_process()
    prefix = f"/multiprog-{os.getpid()}"
    process._config["semprefix"] = prefix
    return prefix


def remove_semaphores(prefix: str, supervisor: int) -> None:
    """In the guardian, a child of the supervisor: if that is dead, remove what it has left.

    Between making one and telling the tracker of it there is a moment in which it may be killed.
    """
    if os.getppid() == supervisor:
        return
    until = time.monotonic() + _LEFT_BY_THE_TRACKER
    pattern = f"sem.{prefix.removeprefix('/')}-*"
    while list(SEMAPHORES.glob(pattern)) and time.monotonic() < until:
        time.sleep(0.02)
    for left in SEMAPHORES.glob(pattern):
        with contextlib.suppress(OSError):
            left.unlink()
