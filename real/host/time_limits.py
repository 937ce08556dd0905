"""How long the supervisor waits for a process that should do something, and what it waits for.

A process that was stopped from outside will not do it: that is said after two seconds. Time in
which the supervisor itself stood still (Ctrl-Z, a suspended machine) is not counted.
"""

from __future__ import annotations

import time

from kernel.errors import MultiprogError
from real.host.process_table import state_of

LONGEST_STOP = 2.0  # seconds that a process may be stopped from outside
LONGEST_GAP = 1.0  # seconds; in a longer gap between two looks the supervisor itself stood still
STOPPED = ("T", "t")  # the state of a process that is stopped: by a signal, by a debugger
LOOK_EVERY = 0.1  # seconds between two looks at a process's state


def stopped_words(name: str) -> str:
    """Return the message that a process of that name was stopped from outside."""
    return f"{name} was stopped by another program (SIGSTOP)"


class TimeLimit:
    """A limit of so many seconds. The caller must ask `is_over` again and again."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._last = time.monotonic()

    def is_over(self) -> bool:
        """Return whether the seconds are over. A gap between two calls counts as LONGEST_GAP."""
        now = time.monotonic()
        self._left -= min(now - self._last, LONGEST_GAP)
        self._last = now
        return self._left <= 0


class ExpectedProcess:
    """A process that should be running. It is looked at while its caller waits for it."""

    def __init__(self, name: str, pid: int) -> None:
        self._name, self._pid = name, pid
        self._next = time.monotonic() + LOOK_EVERY
        self._stopped: TimeLimit | None = None  # while it is stopped: how long it still may be

    def trouble(self) -> str | None:
        """Return the message that it was stopped from outside and does not go on; else None."""
        now = time.monotonic()
        if now < self._next:
            return None
        self._next = now + LOOK_EVERY
        if state_of(self._pid) not in STOPPED:
            self._stopped = None
        elif self._stopped is None:
            self._stopped = TimeLimit(LONGEST_STOP)
        elif self._stopped.is_over():
            return f"{stopped_words(self._name)}, and did not go on"
        return None

    def look(self) -> None:
        """Raise a MultiprogError if the process was stopped and does not go on."""
        if (trouble := self.trouble()) is not None:
            raise MultiprogError(trouble)
