"""stdin, stdout and stderr as a shell, a service or a teacher's script may have left them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO, cast


def prepare_streams() -> None:
    """Open what was closed onto the null device, and let no character fail.

    A closed stdin or stderr would else be None, and its number would go to the next file that is
    opened, which would then receive what is meant for it. A closed stdout stays None: there is
    nowhere for a result to go, and the caller says so. What an encoding has no character for is
    written as an escape.
    """
    if sys.stdin is None:
        sys.stdin = _onto_nothing(0, "r")
    if sys.stderr is None:
        sys.stderr = _onto_nothing(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            with suppress(OSError):  # a stream that a caller has replaced stays as it is
                stream.reconfigure(errors="backslashreplace")


def _onto_nothing(number: int, mode: str) -> TextIO:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number, inheritable=True)
        os.close(opened)
    os.set_inheritable(number, True)
    return cast(TextIO, os.fdopen(number, mode, encoding="utf-8", closefd=False))
