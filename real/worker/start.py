"""What workers of all kinds do at their start."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Iterator

from real.cells import PARKED


def forget_signals() -> None:
    """Ignore the signals of the terminal, and let SIGTERM end the worker.

    The supervisor decides when a run ends.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def told_refusals(cells: memoryview[int], row: int) -> Iterator[None]:
    """Publish what the system refuses in this context, and end the worker with exit code 1.

    The negative errno goes into the cell PARKED, where the supervisor reads it.
    """
    try:
        yield
    except (OSError, MemoryError) as error:
        number = error.errno if isinstance(error, OSError) else errno.ENOMEM
        cells[row + PARKED] = -(number or errno.EIO)
        os._exit(1)  # sys.exit would wait for the threads that were started already
