"""A terminal for tests: a command runs in a pseudo-terminal, and pyte keeps what it draws."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import pyte

from tests.paths import ROOT
from tests.real.commands import take_signals

PATIENCE = 30.0  # seconds for something to appear


class Terminal:
    """`with Terminal("simulate", file, "--step") as terminal:` runs `python cli.py …` in it."""

    def __init__(self, *arguments: str, columns: int = 80, lines: int = 40, **env: str) -> None:
        self.columns, self.lines = columns, lines
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes = b""
        self._ours, self.fd = pty.openpty()
        self._resize()
        self.before: list[Any] = termios.tcgetattr(self.fd)
        known = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "cli.py", *arguments],
            cwd=ROOT,
            env={**known, "TERM": "xterm-256color", **env},
            stdin=self.fd,
            stdout=self.fd,
            stderr=self.fd,
            preexec_fn=self._lead,  # noqa: PLW1509 - a test has one thread
        )

    def _lead(self) -> None:
        """In the child: a session of its own, with this as its terminal."""
        take_signals()
        os.setsid()
        fcntl.ioctl(self.fd, termios.TIOCSCTTY, 0)

    def _resize(self) -> None:
        size = struct.pack("HHHH", self.lines, self.columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def resize(self, columns: int, lines: int) -> None:
        """Make it another size; the program in it is told, as by a real one."""
        self.columns, self.lines = columns, lines
        self._screen.resize(lines, columns)
        self._resize()

    @property
    def text(self) -> str:
        """What is on it."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def type_keys(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def until(self, condition: str | Callable[[str], bool]) -> str:
        """Read until this is to be seen on it, in a picture that has been drawn to its end.

        Raises AssertionError if it never is.
        """
        end = time.monotonic() + PATIENCE
        while not self.is_drawn or not (
            condition(self.text) if callable(condition) else condition in self.text
        ):
            if time.monotonic() > end:
                raise AssertionError(f"not seen: {condition}\n{self.text}")
            self._read(0.1)
        return self.text

    def wait(self, keys: str = "", patience: float = PATIENCE) -> int:
        """Read, and press the keys again and again, until the command ends; its exit status."""
        end = time.monotonic() + patience
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"it does not end\n{self.text}")
            if not self._read(0.05) and keys:
                self.type_keys(keys)
        while self._read(0.05):
            pass
        return self.process.returncode

    def _read(self, timeout: float) -> bool:
        if not select.select([self._ours], [], [], timeout)[0]:
            return False
        more = os.read(self._ours, 1 << 16)
        self.bytes += more
        self._stream.feed(more)
        return bool(more)

    @property
    def is_drawn(self) -> bool:
        """Is the cursor where a picture ends? One of several blocks arrives bit by bit."""
        whole = self.bytes.rfind(b"\x1b[?1049h") > self.bytes.rfind(b"\x1b[?1049l")
        return not whole or self._screen.cursor.y == self._screen.lines - 1

    @property
    def is_restored(self) -> bool:
        """Is it as it was: its modes, its cursor, its first screen?"""
        shown = self.bytes.rfind(b"\x1b[?25h") > self.bytes.rfind(b"\x1b[?25l")
        left = self.bytes.rfind(b"\x1b[?1049l") > self.bytes.rfind(b"\x1b[?1049h")
        return shown and left and termios.tcgetattr(self.fd) == self.before

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._ours)
        os.close(self.fd)
