"""A pair of connected sockets: what `multiprocessing.Pipe()` is on Linux if it is duplex."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from kernel.lifecycle.sync.actor import Raised
from kernel.lifecycle.sync.descriptors import OpenFile
from kernel.lifecycle.sync.messages import Chunk, Message, joined
from kernel.lifecycle.sync.pipe import PAGE, Readable, Writable
from kernel.lifecycle.sync.waiting import Steps, Wait

SEND_BUFFER = 212_992
"""bytes: net.core.wmem_default. What is counted is memory, with the kernel's own data."""

HEAD, SHARED_INFO = 256, 320
"""bytes: the kernel's data about each packet (struct sk_buff, and skb_shared_info behind it)."""

MOST_IN_HEAD, MOST_IN_PAGES = PAGE - SHARED_INFO, 8 * PAGE
"""bytes of a packet in one block of memory, and in pages of its own."""


class Packet(NamedTuple):
    """A part of a message in a socket, and the memory that it takes, bytes."""

    chunk: Chunk
    memory: int


class SocketDirection:
    """One direction of a pair (net/unix/af_unix.c: unix_stream_sendmsg, unix_write_space).

    A writer waits while the packets that were not read take the memory of the send buffer. It is
    woken only when three quarters of that are free. A packet is free when all of it was read.
    """

    def __init__(self, name: str, reading_end: OpenFile, writing_end: OpenFile) -> None:
        self.name = name
        self.reading_end, self.writing_end = reading_end, writing_end
        self.was_reset = False  # the peer was closed before it had read everything
        self.readable = Readable(name, lambda: bool(self._packets), writing_end)
        self.writable = Writable(name, lambda: self._memory < SEND_BUFFER, reading_end)
        self._packets: deque[Packet] = deque()
        self._memory = 0

    @property
    def size(self) -> int:
        """Return the bytes that are in the socket."""
        return sum(packet.chunk[1] for packet in self._packets)

    def write(self, message: Message, length: int) -> Steps:
        """See Channel."""
        while length:
            if not self.reading_end.holders:
                raise Raised("BrokenPipeError: [Errno 32] Broken pipe")
            if self._memory >= SEND_BUFFER:
                yield Wait(self.writable)
                continue
            part = min(length, MOST_IN_HEAD + MOST_IN_PAGES, SEND_BUFFER // 2 - 64)
            length -= part
            self._packets.append(Packet((message, part), memory_of(part)))
            self._memory += self._packets[-1].memory
            self.readable.changed()

    def read(self, most: int) -> list[Chunk]:
        """See Channel. Raises ConnectionResetError as a text."""
        found: list[Chunk] = []
        while most and self._packets:
            (message, length), memory = self._packets[0]
            taken = min(length, most)
            most -= taken
            joined(found, (message, taken))
            if taken < length:
                self._packets[0] = Packet((message, length - taken), memory)
            else:
                self._packets.popleft()
                self._memory -= memory
        if not found and self.was_reset:
            self.was_reset = False
            raise Raised("ConnectionResetError: [Errno 104] Connection reset by peer")
        if self._memory * 4 <= SEND_BUFFER:
            self.writable.changed()
        self.readable.changed()
        return found


class SocketPair:
    """Two connected sockets. `directions[i]` is what socket i writes, and the other one reads."""

    def __init__(self, name: str) -> None:
        first, second = OpenFile(lambda: self._closed(0)), OpenFile(lambda: self._closed(1))
        self.directions = (
            SocketDirection(name, reading_end=second, writing_end=first),
            SocketDirection(name, reading_end=first, writing_end=second),
        )

    def _closed(self, end: int) -> None:
        """Tell both directions that a socket was closed. What it has not read is lost."""
        written, unread = self.directions[end], self.directions[1 - end]
        if unread.size:
            written.was_reset = True
        written.readable.changed()
        unread.writable.changed()


def memory_of(length: int) -> int:
    """Return the memory that a packet of `length` bytes takes (sock_alloc_send_pskb), bytes."""
    in_pages = min(length, _whole_pages(max(0, length - MOST_IN_HEAD)))
    block = 512
    while block < length - in_pages + SHARED_INFO:
        block *= 2
    return HEAD + block + _whole_pages(in_pages)


def _whole_pages(length: int) -> int:
    return -(-length // PAGE) * PAGE
