"""The processes that multiprocessing starts for itself: they would stay until ours ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import shutil
import tempfile
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
    prefix = f"/multiprog-{os.getpid()}"
    _config()["semprefix"] = prefix
    return prefix


def _config() -> dict[str, Any]:
    """What multiprocessing hands on to children of this process."""
    process: Any = multiprocessing.current_process()
    config: dict[str, Any] = process._config
    return config


class ServersFolder:
    """Where the fork servers of a run have the sockets by which they are called.

    Who starts one makes a folder for it, and removes it at its own end: unless it is killed. So
    there is one for all of them, which the supervisor removes, or the guardian if that is dead.
    """

    def __init__(self) -> None:
        """Choose it. It is not there yet: the guardian must know of it before."""
        self.path = Path(tempfile.gettempdir()) / f"pymp-{secrets.token_hex(4)}"
        self._before: str | None = None

    def make(self) -> None:
        """From now on multiprocessing puts there what it puts into files, in children too."""
        self.path.mkdir(mode=0o700)
        config = _config()
        self._before = config.get("tempdir")
        config["tempdir"] = str(self.path)

    def close(self) -> None:
        """As it was before."""
        config = _config()
        if config.get("tempdir") == str(self.path):
            config["tempdir"] = self._before
        self.remove()

    def remove(self) -> None:
        """With all that is in it, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.path)


def remove_left(prefix: str, folder: ServersFolder | None, supervisor: int) -> None:
    """In the guardian, a child of the supervisor: if that is dead, remove what it has left."""
    if folder is not None and os.getppid() != supervisor:
        folder.remove()
    remove_semaphores(prefix, supervisor)


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
