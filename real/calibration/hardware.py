"""How fast the processors and the disk are."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from real.calibration.measured_process import running_on


def fsyncs(folder: Path, count: int = 20) -> list[int]:
    """Return how long each fsync of 4 KiB to a file in `folder` took, ns."""
    found = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(count):
            file.write(bytes(4096))
            file.flush()
            at = time.monotonic_ns()
            os.fsync(file.fileno())
            found.append(time.monotonic_ns() - at)
    return found


def speeds(cpus: Sequence[int]) -> Iterator[int]:
    """Yield, for each processor, the median CPU time of the same work, ns."""
    for cpu in cpus:
        with running_on([cpu]):
            times = []
            for _ in range(15):
                at = time.thread_time_ns()
                sum(range(50_000))
                times.append(time.thread_time_ns() - at)
        yield int(statistics.median(times))
