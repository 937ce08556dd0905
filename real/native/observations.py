"""What native programs observe and print: a file without a name, which all of them append to."""

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
    """Made before the fork. Each observation is one write, so none is lost and none waits."""

    def __init__(self) -> None:
        self._file = os.memfd_create("multiprog-said", os.MFD_CLOEXEC)
        # All of them write by one open file. Linux locks the offset of files with a name only, so
        # of two lines written at once one would be lost. What is appended has a lock of its own.
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)

    def say(self, process: int, name: str, value: Any) -> None:
        """Add an observation that process or thread number `process` makes now."""
        line = json.dumps([monotonic_ns(), process, name, value]) + "\n"
        os.write(self._file, line.encode())

    def said(self) -> Iterator[LoggedObservation]:
        """Yield all observations in order, without the one that a killed program did not finish."""
        size = os.fstat(self._file).st_size
        for line in os.pread(self._file, size, 0).splitlines():
            yield LoggedObservation(*json.loads(line))

    def close(self) -> None:
        """Give the memory of the file back."""
        os.close(self._file)
