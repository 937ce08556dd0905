"""Interruptions: Ctrl-C, SIGTERM and a closed terminal end a run in order."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from kernel.scheduling.guarded import Patience
from kernel.watched import is_asked

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 1.0, 0.1  # seconds for a policy to answer after an interruption, and between looks


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C comes when this is over; processes that are started meanwhile never hear of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Interruptions:
    """A context in which those signals only make `fd` readable. Nested use is not meant.

    One that is ignored stays so: `nohup`, and a shell that starts commands in the background,
    mean it.
    Unless an own policy does not answer: then KeyboardInterrupt is raised in it. With `patience`,
    ns, NoAnswer is, if it takes longer than that, whether the run is interrupted or not.
    """

    def __init__(self, patience: int | None = None) -> None:
        self.fd, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._old: dict[int, Any] = {}
        self._patience = Patience(patience) if patience is not None else None
        self.caught: int | None = None

    def reason(self) -> str:
        """Which one came, in words."""
        return f"interrupted by {signal.Signals(self.caught or signal.SIGINT).name}"

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in CAUGHT:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._old[number] = signal.signal(number, self._catch)
            self._old[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._look)
            if self._patience is not None:
                every = self._patience.every
                signal.setitimer(signal.ITIMER_REAL, every, every)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._old:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        os.close(self.fd)
        os.close(self._tell)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        if self.caught is None:
            self.caught = number
            os.write(self._tell, b"!")
            signal.setitimer(signal.ITIMER_REAL, *GRACE)

    def _look(self, number: int, frame: FrameType | None) -> None:
        """The run should have ended by now; a policy in an endless loop would never let it."""
        if self.caught is not None and is_asked():
            raise KeyboardInterrupt
        if self._patience is not None:
            self._patience.look()
