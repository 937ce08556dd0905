"""Interruptions: Ctrl-C, SIGTERM and a closed terminal end a run cleanly; Ctrl-Z suspends it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

from kernel.current_call import is_asked
from kernel.scheduling.checked import Watchdog
from translation import recorded

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 1.0, 0.1  # seconds after an interruption until the first look at a policy; between looks


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the end of this context. Processes that are started in it never get it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Interruptions:
    """A context in which the signals in CAUGHT make `fd` readable, and do nothing else.

    Contexts must not be nested. A signal that is ignored stays ignored: `nohup`, and a shell that
    starts commands in the background, ignore some signals on purpose. If a user's policy does not
    answer after an interruption, KeyboardInterrupt is raised in it. If an answer takes longer than
    `patience` (ns), NoAnswer is raised in it, with or without an interruption.
    """

    def __init__(self, patience: int | None = None) -> None:
        self.fd, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._old: dict[int, Any] = {}
        self._patience = Watchdog(patience) if patience is not None else None
        self.caught: int | None = None
        self.suspended = 0  # ns for which the run was suspended by Ctrl-Z
        self._members: Callable[[], Collection[int]] = tuple
        self._held: Callable[[], Collection[int]] = tuple

    def suspends(
        self, members: Callable[[], Collection[int]], held: Callable[[], Collection[int]]
    ) -> None:
        """Let Ctrl-Z stop the run's processes, too. `members` returns their pids.

        When the command is continued, they are continued, too, except for the pids that `held`
        returns: the supervisor has stopped those processes.
        """
        self._members, self._held = members, held

    def reason(self) -> str:
        """Return in words which signal interrupted the run."""
        name = signal.Signals(self.caught or signal.SIGINT).name
        return recorded("interrupted by {signal}", signal=name)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in CAUGHT:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._old[number] = signal.signal(number, self._catch)
            if signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN:
                self._old[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._suspend)
            self._old[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._look)
            if self._patience is not None:
                every = self._patience.every
                signal.setitimer(signal.ITIMER_REAL, every, every)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._old:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        os.close(self.fd)
        os.close(self._tell)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        if self.caught is None:
            self.caught = number
            os.write(self._tell, b"!")
            signal.setitimer(signal.ITIMER_REAL, *GRACE)

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        """Stop all processes of the run, and the command, until the command is continued."""
        since = time.monotonic_ns()
        members = self._members()
        _send(members, signal.SIGSTOP)
        try:
            signal.signal(signal.SIGTSTP, self._old[signal.SIGTSTP])
            signal.raise_signal(signal.SIGTSTP)  # returns when the command is continued
            signal.signal(signal.SIGTSTP, self._suspend)
        finally:
            held = self._held()
            _send([pid for pid in members if pid not in held], signal.SIGCONT)
            self.suspended += time.monotonic_ns() - since

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt in a policy that does not answer in an interrupted run.

        Raise NoAnswer in a policy whose answer takes longer than `patience`.
        """
        if self.caught is not None and is_asked():
            raise KeyboardInterrupt
        if self._patience is not None:
            self._patience.look()


def _send(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
