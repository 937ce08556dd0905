"""Python's interpreter lock: of all threads of one process only one executes at a time.

The rules are taken from CPython's `ceval_gil.c` (3.2 and later). A thread that wants the lock while
another has it waits for it, an interval at a time. An interval in which no other thread got the
lock ends with a request to the holder, which drops the lock at its next check, and goes on only
when another thread has taken it (a forced switch). A thread that waits for I/O drops it at once. A
lock that was dropped has no holder until a thread that runs takes it: one of the waiting threads is
woken, but another may be faster.

The lock has no clock: its caller says when the interval of a thread is over.
"""

from __future__ import annotations

from collections import deque

from kernel.errors import InvariantError

SWITCH_INTERVAL = 5_000_000
"""ns: `sys.getswitchinterval()`."""


class InterpreterLock:
    """The lock of one process that has threads. Threads are known by their index."""

    def __init__(self) -> None:
        self.holder: int | None = None
        self.requested = False
        """Is the holder to drop the lock?"""
        self._last: int | None = None  # the thread that took the lock last
        self._switches = 0  # how often a thread took it that was not `_last`
        self._waiting: deque[int] = deque()  # the first is woken first
        self._since: dict[int, int] = {}  # by waiting thread: `_switches` when its interval began
        self._parted: int | None = None  # dropped it at a request; no thread has taken it yet

    @property
    def waiting(self) -> tuple[int, ...]:
        """Return the threads that wait, in order."""
        return tuple(self._waiting)

    def take(self, thread: int) -> bool:
        """Take the lock for `thread`, which runs. False: the lock is held, and `thread` waits."""
        if self.holder is not None:
            self._wait(thread)
            return False
        if self._last != thread:
            self._last = thread
            self._switches += 1
        self.holder, self.requested = thread, False
        return True

    def rejoin(self) -> int | None:
        """Return the thread that dropped the lock at a request, if any. From now on it waits.

        Called after a `take` by another thread.
        """
        parted, self._parted = self._parted, None
        if parted is not None:
            self._wait(parted)
        return parted

    def interval_is_over(self, thread: int) -> bool:
        """Begin another interval for `thread`. Return whether the holder must drop the lock."""
        unchanged = self._since[thread] == self._switches
        self.leave(thread)
        self._wait(thread)
        if unchanged and self.holder is not None:
            self.requested = True
        return unchanged and self.requested

    def leave(self, thread: int) -> None:
        """Let `thread` wait no longer: it has seen that the lock is free."""
        self._waiting.remove(thread)
        del self._since[thread]

    def drop(self, thread: int, *, forced: bool) -> int | None:
        """Drop the lock, which `thread` holds. Return the thread that is woken, if one waited.

        `forced`: at a request; `thread` waits until another thread has the lock, see `rejoin`.
        """
        if self.holder != thread:
            raise InvariantError(f"{thread} drops an interpreter lock that {self.holder} has")
        self.holder = None
        self._parted = thread if forced else None
        if not self._waiting:
            return None
        woken = self._waiting.popleft()
        del self._since[woken]
        return woken

    def _wait(self, thread: int) -> None:
        if thread in self._since:
            raise InvariantError(f"{thread} waits for an interpreter lock twice")
        self._waiting.append(thread)
        self._since[thread] = self._switches
