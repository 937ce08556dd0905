"""The terminal's alternate screen, which any process that is left alive can leave."""

from __future__ import annotations

import contextlib
import mmap
import os
from types import TracebackType
from typing import Self

ENTER = b"\x1b[?1049h\x1b[H\x1b[?25l"
"""Show the alternate screen, and no cursor."""
LEAVE = b"\x1b[0m\x1b[?1049l\x1b[?25h"
"""Show what was there before, and the cursor."""


class AlternateScreen:
    """Whether the terminal `fd` shows it: known to this process and all its forks.

    A process notes it before it enters the screen, and after it has left it. If the process is
    killed in between, another one leaves the screen. It is left once: a terminal that leaves it
    again moves its cursor.
    """

    def __init__(self, fd: int) -> None:
        self.fd = os.dup(fd)
        self._shared = mmap.mmap(-1, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        """Show what was there before, if the terminal does not."""
        if self.shown:
            self._write(LEAVE)
            self.shown = False

    def _write(self, what: bytes) -> None:
        """Write without waiting: the terminal may be held by Ctrl-S, or gone.

        The terminal is opened anew: other processes share the open file, and want to wait in it.
        """
        with contextlib.suppress(OSError):
            fd = os.open(f"/proc/self/fd/{self.fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(fd, what)
            finally:
                os.close(fd)
