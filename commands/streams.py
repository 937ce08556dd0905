"""Prepare stdin, stdout and stderr, which a shell, a service or a script may have closed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO, cast


def prepare_streams() -> None:
    """Open a closed stream onto the null device, and make every character printable.

    Python's stream for a closed descriptor is None. The next file that is opened would get the
    number of that descriptor, and with it the text that is meant for the stream. A closed stdout
    stays None: a result cannot be printed, and the caller says so. A character that the encoding of
    a stream lacks is written as an escape.
    """
    if sys.stdin is None:
        sys.stdin = _onto_nothing(0, "r")
    if sys.stderr is None:
        sys.stderr = _onto_nothing(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            with suppress(OSError):  # a stream that the caller has replaced is not changed
                stream.reconfigure(errors="backslashreplace")


def _onto_nothing(number: int, mode: str) -> TextIO:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number, inheritable=True)
        os.close(opened)
    os.set_inheritable(number, True)
    return cast(TextIO, os.fdopen(number, mode, encoding="utf-8", closefd=False))
