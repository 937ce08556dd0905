"""Python's interpreter lock: of the threads of one process one executes at a time.

The rules are those of CPython's `ceval_gil.c` (3.2 and later). Who wants the lock while another has
it waits for it, an interval at a time. An interval in which nobody else got the lock ends with a
request to the holder, which drops the lock where it next looks, and goes on only when another has
it (a forced switch). Who waits for I/O drops it at once. What is dropped is nobody's until somebody
who runs takes it: one of those that wait is told, but another may be faster.

The lock has no clock: whoever drives it says when the interval of somebody is over.
"""

from __future__ import annotations

from collections import deque

from kernel.errors import InvariantError

SWITCH_INTERVAL = 5_000_000
"""ns: `sys.getswitchinterval()`."""


class InterpreterLock:
    """One for each process that has threads. Threads are known by their index."""

    def __init__(self) -> None:
        self.holder: int | None = None
        self.requested = False
        """Shall the holder drop it?"""
        self._last: int | None = None  # who took it last
        self._switches = 0  # how often another took it than the one before
        self._line: deque[int] = deque()  # the first is told first
        self._since: dict[int, int] = {}  # of those in line: switches when the interval began
        self._parted: int | None = None  # it has dropped it at a request, and nobody has it yet

    @property
    def waiting(self) -> tuple[int, ...]:
        """Those in line, in order."""
        return tuple(self._line)

    def take(self, who: int) -> bool:
        """`who`, which runs, wants it. False: another has it; `who` waits in line from now on."""
        if self.holder is not None:
            self._wait(who)
            return False
        if self._last != who:
            self._last = who
            self._switches += 1
        self.holder, self.requested = who, False
        return True

    def rejoin(self) -> int | None:
        """After a `take`: who had dropped it at a request, and waits in line from now on."""
        parted, self._parted = self._parted, None
        if parted is not None:
            self._wait(parted)
        return parted

    def interval_is_over(self, who: int) -> bool:
        """`who` has waited for an interval, and begins another. True: the holder shall drop it."""
        unchanged = self._since[who] == self._switches
        self.leave(who)
        self._wait(who)
        if unchanged and self.holder is not None:
            self.requested = True
        return unchanged and self.requested

    def leave(self, who: int) -> None:
        """`who` waits no longer: it has seen that the lock is free."""
        self._line.remove(who)
        del self._since[who]

    def drop(self, who: int, *, forced: bool) -> int | None:
        """The holder lets go of it. Returns who is told: it does not wait in line any more.

        `forced`: because of the request; it waits until another has the lock, see `rejoin`.
        """
        if self.holder != who:
            raise InvariantError(f"{who} drops an interpreter lock that {self.holder} has")
        self.holder = None
        self._parted = who if forced else None
        if not self._line:
            return None
        told = self._line.popleft()
        del self._since[told]
        return told

    def _wait(self, who: int) -> None:
        if who in self._since:
            raise InvariantError(f"{who} waits for an interpreter lock twice")
        self._line.append(who)
        self._since[who] = self._switches
