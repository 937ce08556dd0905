"""`threading.Lock`: it lies in the memory of one process, and `fork` copies it as it is."""

from __future__ import annotations

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.semaphore import Semaphore
from kernel.lifecycle.sync.waiting import Reason, Steps
from translation import recorded

FOR_EVER = -1_000_000_000
"""ns. The timeout that means none: -1 second."""


class ThreadLock(Semaphore):
    """The lock of one process (Modules/_threadmodule.c). Any of its threads may release it.

    A forked process has a copy in the same state. If the lock was held, no thread of the new
    process has taken it: it stays held unless a thread there releases it.
    """

    def __init__(self, name: str, python: tuple[int, int]) -> None:
        """Make a lock that is free. `python`: whose words its errors have."""
        super().__init__(name, 1, 1)
        self._python = python

    def copy(self) -> ThreadLock:
        """Return the lock as a forked process has it."""
        made = ThreadLock(self.name, self._python)
        made.value = self.value
        return made

    def reason(self) -> Reason:
        """See Awaited."""
        if not self.holders:
            return Reason(
                recorded("for {what}", what=self.name),
                because=recorded("which was held when its process was forked"),
            )
        return super().reason()

    def acquire(self, actor: Actor, timeout: int | None = None) -> Steps:
        """See Semaphore. Raises ValueError as a text if the timeout is below 0, but for -1 s."""
        if timeout is not None and timeout < 0:
            if timeout != FOR_EVER:
                words = "a non-negative number" if self._python >= (3, 13) else "positive"
                raise Raised(f"ValueError: timeout value must be {words}")
            timeout = None
        return (yield from super().acquire(actor, timeout))

    def release(self, actor: Actor) -> None:
        """See Semaphore. Raises RuntimeError as a text if it is free."""
        if self.value:
            raise Raised("RuntimeError: release unlocked lock")
        super().release(actor)
