"""The progress of long work on stderr: on a terminal, one line that is renewed.

The supervisor of a real run calls `update` between two dispatches. This module takes 4 µs for it,
ten times a second. `rich.progress` takes 1.3 ms, which would delay a dispatch.
"""

from __future__ import annotations

import sys
import time
from typing import TextIO

from translation import tr

PATIENCE_NS = 500_000_000  # on a terminal, shorter work shows nothing
RENEW_NS = 100_000_000  # between two renewals of the line on a terminal
REPORT_NS = 10_000_000_000  # between two lines in a file or a pipe
BAR = 20  # columns
ERASE = "\r\x1b[K"


class Progress:
    """A context that shows progress: `with Progress("running", total) as progress`.

    Work of less than half a second shows nothing. `update` takes less than 1 µs while there is
    nothing to show. It never fails: to a stream that is closed nothing more is written.
    """

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what = what
        self._total = total
        self._left: float | None = None  # seconds; None: not known
        self._done = 0
        self._stream = sys.stderr if stream is None else stream
        self._renews = _is_terminal(self._stream)
        self._began = time.monotonic_ns()
        self._due = self._began + (PATIENCE_NS if self._renews else REPORT_NS)
        self._shown = False

    def update(self, done: int) -> None:
        """Note that `done` of the total is done. The caller may call it very often."""
        self._done = done
        now = time.monotonic_ns()
        if now >= self._due:
            self._due = now + (RENEW_NS if self._renews else REPORT_NS)
            self._show(now)

    def renew(self, done: int, total: int, left: float | None) -> None:
        """Note that `done` is done of another total, and that the rest needs `left` seconds."""
        self._total, self._left = total, left
        self.update(done)

    def remark(self, text: str) -> None:
        """Print a line that is not erased."""
        self._erase()
        self._write(f"{text}\n")

    def close(self) -> None:
        """Erase the line, and show nothing any more."""
        self._erase()
        self._due = sys.maxsize

    def _show(self, now: int) -> None:
        line = self.line((now - self._began) // 1_000_000_000)
        self._write(f"{ERASE}{line}" if self._renews else f"{line}\n")
        self._shown = self._renews

    def line(self, elapsed: int) -> str:
        """Return the line, like `running: 3 of 8 [#######.............] 12 s`.

        The bar is shown only on a terminal. `elapsed` is in s.
        """
        bar = ""
        if self._renews and self._total > 0:
            full = min(BAR, BAR * self._done // self._total)
            bar = f" [{'#' * full}{'.' * (BAR - full)}]"
        line = tr(
            "{what}: {done:,} of {total:,}{bar} {elapsed} s",
            what=self._what,
            done=self._done,
            total=self._total,
            bar=bar,
            elapsed=elapsed,
        )
        if self._left is None:
            return line
        return tr("{line}, about {left:.0f} s left", line=line, left=self._left)

    def _erase(self) -> None:
        if self._shown:
            self._write(ERASE)
            self._shown = False

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._due = sys.maxsize

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # the stream is closed
        return False
