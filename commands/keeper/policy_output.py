"""Copy to stderr, up to a limit, what an own policy writes without Python's streams."""

from __future__ import annotations

import os
import select

from commands.keeper.messages import policy_asked, write_on_stderr
from language.policies.confinement import MOST_SAID, left_out

MOST_AT_ONCE = 4096  # bytes; a pipe that is writable takes so many at once


class PolicyOutput:
    """Copies the content of the pipe `source` to stderr, at most MOST_SAID bytes in all.

    The command's descriptors 1 and 2 are the other end of the pipe.
    """

    def __init__(self, source: int) -> None:
        self.source = source
        self._left = MOST_SAID  # bytes that may still be copied
        self._begun_line = False  # whether the last line is unfinished
        os.set_blocking(source, False)

    def copy(self) -> bool:
        """Copy what is in the pipe. Return False if the pipe has ended or stderr takes no more now.

        While stderr takes no more, the pipe fills, and the policy waits.
        """
        while self._left <= 0 or select.select([], [2], [], 0)[1]:
            try:
                text = os.read(self.source, MOST_AT_ONCE)
            except BlockingIOError:
                return True
            if not text:
                return False
            self._write(text)
        return False

    def _write(self, text: bytes) -> None:
        """Write `text` up to the limit, and at the limit a remark. Drop the rest."""
        if self._left <= 0:
            return
        write_on_stderr(text[: self._left])
        self._begun_line = not text.endswith(b"\n")
        self._left -= len(text)
        if self._left <= 0:
            write_on_stderr(f"\n{left_out(policy_asked())}\n".encode())
            self._begun_line = False

    def end_line(self) -> None:
        """End a line that the policy has left unfinished."""
        if self._begun_line:
            write_on_stderr(b"\n")
