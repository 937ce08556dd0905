"""Interruptions: Ctrl-C, SIGTERM and a closed terminal end a run in order."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruptions:
    """A context in which those signals only make `fd` readable. Nested use is not meant."""

    def __init__(self) -> None:
        self.fd, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._old: dict[int, Any] = {}
        self.caught: int | None = None

    def reason(self) -> str:
        """Which one came, in words."""
        return f"interrupted by {signal.Signals(self.caught or signal.SIGINT).name}"

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in CAUGHT:
                self._old[number] = signal.signal(number, self._catch)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)
        os.close(self.fd)
        os.close(self._tell)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        if self.caught is None:
            self.caught = number
            os.write(self._tell, b"!")
