"""How long the supervisor waits for a process that should do something.

A process that was stopped from outside does nothing. So the supervisor gives up after two seconds
in which the process was stopped. If the supervisor itself stood still (Ctrl-Z, a suspended
machine), only one second of that time is counted.
"""

from __future__ import annotations

import time

from kernel.errors import MultiprogError
from real.host.process_table import state_of
from translation import recorded, tr

LONGEST_STOP = 2.0  # seconds that a process may be stopped from outside
LONGEST_GAP = 1.0  # seconds; if more lie between two looks, the supervisor itself stood still
STOPPED = ("T", "t")  # the state of a process that is stopped: by a signal, by a debugger
LOOK_EVERY = 0.1  # seconds between two looks at a process's state


def stopped_words(name: str) -> str:
    """Return the message that a process of that name was stopped from outside."""
    return recorded("{process} was stopped by another program (SIGSTOP)", process=name)


def stays_stopped_words(name: str) -> str:
    """Return the message that a process of that name was stopped, and stayed so."""
    return recorded("{stopped}, and did not go on", stopped=stopped_words(name))


class TimeLimit:
    """A limit of so many seconds. The caller must call `is_over` repeatedly."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._last = time.monotonic()

    def is_over(self) -> bool:
        """Return whether the seconds are over. Between two calls at most LONGEST_GAP is counted."""
        now = time.monotonic()
        self._left -= min(now - self._last, LONGEST_GAP)
        self._last = now
        return self._left <= 0


class ExpectedProcess:
    """A process that should be running, for which the caller waits."""

    def __init__(self, name: str, pid: int) -> None:
        self._name, self._pid = name, pid
        self._next = time.monotonic() + LOOK_EVERY
        self._stopped: TimeLimit | None = None  # how long it may stay stopped; None: it is not

    def trouble(self) -> str | None:
        """Return a message if the process has been stopped for longer than LONGEST_STOP; else None.

        Call it repeatedly.
        """
        now = time.monotonic()
        if now < self._next:
            return None
        self._next = now + LOOK_EVERY
        if state_of(self._pid) not in STOPPED:
            self._stopped = None
        elif self._stopped is None:
            self._stopped = TimeLimit(LONGEST_STOP)
        elif self._stopped.is_over():
            return stays_stopped_words(self._name)
        return None

    def look(self) -> None:
        """Raise MultiprogError if the process has been stopped for longer than LONGEST_STOP."""
        if (trouble := self.trouble()) is not None:
            raise MultiprogError(tr(trouble))
