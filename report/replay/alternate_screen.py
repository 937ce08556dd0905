"""The terminal's alternate screen. Each process of the command that is still alive can leave it."""

from __future__ import annotations

import contextlib
import mmap
import os
from typing import Self

ENTER = b"\x1b[?1049h\x1b[H\x1b[?25l"
"""Show the alternate screen, and no cursor."""
LEAVE = b"\x1b[0m\x1b[?1049l\x1b[?25h"
"""Show what the terminal showed before, and the cursor."""


class AlternateScreen:
    """Whether the terminal `fd` shows the alternate screen; processes share this by fork.

    A process sets `shown` before it enters the screen, and clears it after it has left the screen.
    If the process is killed in between, another process leaves the screen. The screen must be left
    only once, as a terminal that leaves it again moves its cursor.
    """

    def __init__(self, fd: int) -> None:
        self.fd = os.dup(fd)
        self._shared = mmap.mmap(-1, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._shared.close()
        os.close(self.fd)

    @property
    def shown(self) -> bool:
        """Whether the terminal shows the alternate screen."""
        return bool(self._shared[0])

    @shown.setter
    def shown(self, shown: bool) -> None:
        self._shared[0] = shown

    def enter(self) -> None:
        """Show the alternate screen again, after `leave`."""
        self.shown = True
        self._write(ENTER)

    def leave(self) -> None:
        """Show what the terminal showed before, if it shows the alternate screen."""
        if self.shown:
            self._write(LEAVE)
            self.shown = False

    def _write(self, what: bytes) -> None:
        """Write without waiting, as Ctrl-S may hold the terminal, or it may be gone.

        The terminal is opened anew: O_NONBLOCK on the shared open file would also hold for the
        other processes, which need blocking writes.
        """
        with contextlib.suppress(OSError):
            fd = os.open(f"/proc/self/fd/{self.fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(fd, what)
            finally:
                os.close(fd)
