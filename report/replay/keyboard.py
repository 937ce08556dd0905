"""Single keys from a terminal. At the end the terminal gets its settings back."""

from __future__ import annotations

import os
import re
import select
import signal
import termios
from collections.abc import Mapping
from types import FrameType
from typing import Any, Self

KEYS: Mapping[bytes, str] = {
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b"\x1b[H": "home",
    b"\x1b[1~": "home",
    b"\x1b[F": "end",
    b"\x1b[4~": "end",
    b"\x1b": "escape",
    b"\x03": "interrupt",
    b" ": "space",
    b"\r": "enter",
    b"\n": "enter",
}
"""The name of each special key, by the bytes that a terminal sends for it."""
_KEY = re.compile(rb"\x1b\[[0-9;?]*[@-~]|[\xc0-\xff][\x80-\xbf]*|.", re.DOTALL)
"""The bytes of one key: a control sequence, a letter of several bytes, or one byte."""
_BEGUN = re.compile(rb"\x1b(\[[0-9;?]*)?")
"""The beginning of what may become a control sequence."""
PATIENCE = 0.05  # seconds to wait for the other bytes of a key
ENDINGS = (signal.SIGTERM, signal.SIGHUP)


class Keyboard:
    """A context in which the terminal `fd` passes on each key at once, and does not echo it.

    In it SIGTERM and SIGHUP raise KeyboardInterrupt, so that the terminal always gets its settings
    back. Ctrl-Z does nothing, as the shell would be left with the alternate screen.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._saved: Any = None
        self._handlers: dict[int, Any] = {}
        self._unread = b""
        self.resized = False  # since it was last set to False

    def __enter__(self) -> Self:
        self._saved = termios.tcgetattr(self._fd)
        mode = termios.tcgetattr(self._fd)
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[6][termios.VSUSP] = b"\0"
        termios.tcsetattr(self._fd, termios.TCSADRAIN, mode)
        for number in ENDINGS:
            self._handlers[number] = signal.signal(number, signal.default_int_handler)
        self._handlers[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, self._resize)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)

    def _resize(self, _number: int, _frame: FrameType | None) -> None:
        self.resized = True

    def key(self, timeout: float | None = None) -> str | None:
        """Return the name of the next key, or its character if it has no name.

        Return None if no key comes within `timeout` seconds, or the terminal has changed its size.
        Raises EOFError if the terminal is closed.
        """
        if not self._unread and not self._read(timeout):
            return None
        while _BEGUN.fullmatch(self._unread) and self._read(PATIENCE):
            pass
        found = _KEY.match(self._unread)
        assert found is not None
        sent = found.group()
        self._unread = self._unread[len(sent) :]
        return KEYS.get(sent) or sent.decode("utf-8", "replace")

    def _read(self, timeout: float | None) -> bool:
        """Wait for bytes, and return whether some have come. Raises EOFError if input has ended."""
        while True:
            slept = 0.25 if timeout is None else timeout  # SIGWINCH does not end a select
            ready, _, _ = select.select([self._fd], [], [], slept)
            if ready:
                more = os.read(self._fd, 64).replace(b"\x1bO", b"\x1b[")
                if not more:
                    raise EOFError
                self._unread += more
                return True
            if timeout is not None or self.resized:
                return False
