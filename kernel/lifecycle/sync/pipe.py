"""The second primitive: a pipe of Linux, which holds so many bytes and no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from kernel.lifecycle.sync.actor import Raised
from kernel.lifecycle.sync.descriptors import OpenFile
from kernel.lifecycle.sync.messages import Chunk, Message, joined
from kernel.lifecycle.sync.waiting import Line, Reason, Steps, Wait
from translation import recorded

PAGE = 4096
"""bytes"""
PAGES = 16
"""The pages of a pipe, unless a process changes that: 64 KiB."""


class Channel(Protocol):
    """What `Connection` needs of a pipe, or of one direction of a socket pair."""

    name: str
    readable: Readable
    reading_end: OpenFile
    writing_end: OpenFile

    def write(self, message: Message, length: int) -> Steps:
        """Write the next `length` bytes of a message. Raises BrokenPipeError."""

    def read(self, most: int) -> list[Chunk]:
        """Take bytes, at most so many. None are returned if all writing ends are closed."""


class Readable:
    """What a reader waits for: bytes in the pipe, or that all writing ends are closed."""

    def __init__(self, name: str, has_bytes: Callable[[], bool], writing_end: OpenFile) -> None:
        self.name, self.line, self.polls = name, Line(), Polled(self)
        self._has_bytes, self._writing_end = has_bytes, writing_end

    def reason(self) -> Reason:
        """See Awaited."""
        return Reason(
            recorded("for {what}", what=self.name), because=recorded("to which no process sends")
        )

    def possible(self) -> bool:
        """See Awaited."""
        return self._has_bytes() or not self._writing_end.holders

    def changed(self) -> None:
        """See Awaited. Bytes wake one reader, and the end wakes all."""
        if self.possible():
            self.line.wake(1 if self._writing_end.holders else None)
            self.polls.line.wake(None)


class Polled:
    """What an actor waits for that only wants to know whether it could read."""

    def __init__(self, readable: Readable) -> None:
        self.line = Line()
        self.reason = readable.reason
        self._readable = readable

    def possible(self) -> bool:
        """See Awaited."""
        return self._readable.possible()

    def changed(self) -> None:
        """See Awaited."""
        self._readable.changed()


class Writable:
    """What a writer waits for: a free page, or that all reading ends are closed."""

    def __init__(self, name: str, has_room: Callable[[], bool], reading_end: OpenFile) -> None:
        self.name, self.line = name, Line()
        self._has_room, self._reading_end = has_room, reading_end

    def reason(self) -> Reason:
        """See Awaited."""
        return Reason(
            recorded("for room in {pipe}", pipe=self.name), because=recorded("which is full")
        )

    def possible(self) -> bool:
        """See Awaited."""
        return self._has_room() or not self._reading_end.holders

    def changed(self) -> None:
        """See Awaited. Room wakes one writer, and the end wakes all."""
        if self.possible():
            self.line.wake(1 if self._reading_end.holders else None)


class Page:
    """A page of a pipe: its bytes, and where they end in it."""

    __slots__ = ("chunks", "end")

    def __init__(self) -> None:
        self.end = 0
        self.chunks: deque[Chunk] = deque()


class Pipe:
    """A pipe (fs/pipe.c): 16 pages of 4096 bytes.

    A write fills new pages. The part of it that would fill no whole page goes into the last page,
    if it has room there behind its end. A page is free again when all of it was read.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.reading_end, self.writing_end = OpenFile(), OpenFile()
        self.readable = Readable(name, lambda: bool(self._pages), self.writing_end)
        self.writable = Writable(name, lambda: len(self._pages) < PAGES, self.reading_end)
        self.reading_end.closed, self.writing_end.closed = (
            self.writable.changed,
            self.readable.changed,
        )
        self._pages: deque[Page] = deque()

    @property
    def size(self) -> int:
        """Return the bytes that are in the pipe."""
        return sum(length for page in self._pages for _, length in page.chunks)

    def write(self, message: Message, length: int) -> Steps:
        """See Channel."""
        self._check_reader()
        rest = length % PAGE
        if rest and self._pages and self._pages[-1].end + rest <= PAGE:
            self._fill(self._pages[-1], message, rest)
            length -= rest
        while length:
            if len(self._pages) == PAGES:
                self.readable.changed()
                yield Wait(self.writable)
                self._check_reader()
                continue
            self._pages.append(Page())
            length -= self._fill(self._pages[-1], message, min(length, PAGE))
        self.readable.changed()
        self.writable.changed()

    def _check_reader(self) -> None:
        if not self.reading_end.holders:
            raise Raised("BrokenPipeError: [Errno 32] Broken pipe")

    def _fill(self, page: Page, message: Message, length: int) -> int:
        page.chunks.append((message, length))
        page.end += length
        return length

    def read(self, most: int) -> list[Chunk]:
        """See Channel."""
        found: list[Chunk] = []
        for chunk in self._take(most):
            joined(found, chunk)
        self.writable.changed()
        self.readable.changed()
        return found

    def _take(self, most: int) -> Iterator[Chunk]:
        while most and self._pages:
            chunks = self._pages[0].chunks
            message, length = chunks[0]
            taken = min(length, most)
            most -= taken
            yield message, taken
            if taken < length:
                chunks[0] = (message, length - taken)
                continue
            chunks.popleft()
            if not chunks:
                self._pages.popleft()
