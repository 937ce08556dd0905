"""Which line of Python another process of the command executes, even while it runs in C.

That process handles a signal by `faulthandler`, whose handler is in C: it writes the traceback of
each thread into a file.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import sysconfig
import time
from pathlib import Path
from typing import NamedTuple

ASK = signal.SIGRTMAX - 3
"""The signal that asks for the tracebacks. `command.settle` registers the handler."""

ANSWERS = 0.2  # seconds for the answer
_THREAD = re.compile(r"^(Current thread|Thread) .*$", re.MULTILINE)
_LINE = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)
_ROOT = str(Path(__file__).parents[2])
_OURS = tuple(
    os.path.join(_ROOT, name)  # noqa: PTH118 - to be compared with text
    for name in (
        "cli.py",
        "commands/",
        "experiments/",
        "kernel/",
        "language/",
        "sim/",
        "real/",
        "timeline/",
        "report/",
    )
)
_PYTHON = tuple(
    {f"{sysconfig.get_path(name)}/" for name in ("stdlib", "platstdlib", "purelib", "scripts")}
)


class Place(NamedTuple):
    """A line that is being executed."""

    file: str
    line: int
    function: str


def place(pid: int, file: int) -> Place | None:
    """Return the innermost line of an own policy that process `pid` executes; None: none.

    `file` is the descriptor of the file into which the process writes the tracebacks.
    """
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, ASK)
    return _place(_answer(file))


def _answer(file: int) -> str:
    until, before = time.monotonic() + ANSWERS, -1
    while time.monotonic() < until:
        size = os.fstat(file).st_size
        if size and size == before:
            break
        before = size
        time.sleep(0.005)
    return os.pread(file, 1 << 16, 0).decode("ascii", "replace")


def _place(text: str) -> Place | None:
    """Return the place of the thread that handled the signal, which usually is the main thread."""
    threads = list(_THREAD.finditer(text))
    current = [each.end() for each in threads if each[1].startswith("Current")]
    for found in _LINE.finditer(text, current[0] if current else 0):
        if is_own(found[1]):
            written = found[1].encode("ascii").decode("unicode_escape", "replace")
            return Place(written, int(found[2]), found[3])
    return None


def is_own(file: str) -> bool:
    """Return whether the file is neither Python's, a library's nor Multiprog's."""
    return not (file.startswith(("<", *_OURS, *_PYTHON)) or file == sys.argv[0])
