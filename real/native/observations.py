"""What native programs observe and print: a file without a name, to which all programs append."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from time import monotonic_ns
from typing import Any, NamedTuple


class LoggedObservation(NamedTuple):
    """One observation of a process: when (absolute ns), its name, and its value."""

    at: int
    process: int  # index
    name: str
    value: Any


class ObservationFile:
    """The file of the observations. It is made before the fork.

    Each observation is one write. So no observation is lost, and no program waits.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("multiprog-said", os.MFD_CLOEXEC)
        # All programs write through one open file description. Linux locks its offset only for
        # files with a name, so one of two lines written at once would be lost. With O_APPEND each
        # write goes to the end of the file, which the kernel finds under the lock of the write.
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)

    def say(self, process: int, name: str, value: Any) -> None:
        """Add an observation that the process with index `process` makes now."""
        line = json.dumps([monotonic_ns(), process, name, value]) + "\n"
        os.write(self._file, line.encode())

    def said(self) -> Iterator[LoggedObservation]:
        """Yield all observations, in the order in which they were written."""
        size = os.fstat(self._file).st_size
        for line in os.pread(self._file, size, 0).splitlines():
            yield LoggedObservation(*json.loads(line))

    def close(self) -> None:
        """Close the file, which frees its memory."""
        os.close(self._file)
