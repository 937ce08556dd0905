"""The pipe from the supervisor of a real run to the process that draws it.

The supervisor must never wait. Bytes for which the pipe has no room are kept and sent later. While
too many are kept, no update is added.
"""

from __future__ import annotations

import os
import pickle
import select
import time
from collections.abc import Callable, Iterator

from timeline.record.live import LiveUpdate

MOST_WAITING = 1 << 20  # bytes kept for later; with more, no update is added
LENGTH = 4  # bytes before each message, which hold its length


class PipeWriter:
    """The supervisor's end of the pipe."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.waiting = b""
        self._closed = False
        os.set_blocking(fd, False)

    def send(self, look: Callable[[], LiveUpdate]) -> None:
        """Send what `look` returns, without waiting. While too much is kept, do not call `look`."""
        if len(self.waiting) < MOST_WAITING and not self._closed:
            update = pickle.dumps(look(), pickle.HIGHEST_PROTOCOL)
            self.waiting += len(update).to_bytes(LENGTH, "little") + update
        try:
            sent = os.write(self.fd, self.waiting)
            self.waiting = self.waiting[sent:]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # the drawing process has ended, as its terminal is gone
            self.stop()

    def stop(self) -> None:
        """Send nothing any more. The pipe stays open."""
        self._closed, self.waiting = True, b""


def arrivals(pipe: int, pause: float) -> Iterator[list[LiveUpdate]]:
    """Yield the updates that have come, at most once in `pause` seconds, until the pipe closes."""
    unread = b""
    closed = False
    drawn = 0.0
    while not closed:
        select.select([pipe], [], [])
        time.sleep(max(0.0, drawn + pause - time.monotonic()))
        drawn = time.monotonic()
        while not closed and select.select([pipe], [], [], 0)[0]:
            more = os.read(pipe, 1 << 16)
            unread += more
            closed = not more
        updates, unread = _whole(unread)
        if updates:
            yield updates


def _whole(unread: bytes) -> tuple[list[LiveUpdate], bytes]:
    """Return the complete messages, and the remaining bytes."""
    updates: list[LiveUpdate] = []
    while len(unread) >= LENGTH:
        end = LENGTH + int.from_bytes(unread[:LENGTH], "little")
        if len(unread) < end:
            break
        updates.append(pickle.loads(unread[LENGTH:end]))
        unread = unread[end:]
    return updates, unread
