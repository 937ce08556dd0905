"""Connections: whole messages over a pipe or a socket pair, each with its length before it."""

from __future__ import annotations

from typing import Any

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.descriptors import Descriptors
from kernel.lifecycle.sync.messages import HEADER, TOGETHER, Chunk, Message, joined
from kernel.lifecycle.sync.pipe import Channel
from kernel.lifecycle.sync.waiting import Steps, Wait


class Connection:
    """`multiprocessing.connection.Connection`: one end of a pipe. Each process has its own copy.

    `reads` and `writes` are the channels of its two directions; None: it has not this direction.
    """

    def __init__(
        self, descriptors: Descriptors, reads: Channel | None, writes: Channel | None
    ) -> None:
        self._descriptors = descriptors
        self._reads, self._writes = reads, writes
        file = writes.writing_end if writes is not None else None
        file = reads.reading_end if file is None and reads is not None else file
        assert file is not None
        self.file = file

    def send(self, actor: Actor, value: Any) -> Steps:
        """Send a value. Raises OSError as a text."""
        self._check(actor)
        if self._writes is None:
            raise Raised("OSError: connection is read-only")
        yield from write_message(self._writes, Message(value))

    def receive(self, actor: Actor) -> Steps:
        """Return the next value. Raises EOFError as a text if all other ends are closed."""
        self._check(actor)
        return (yield from read_message(self._readable()))

    def poll(self, actor: Actor, timeout: int | None) -> Steps:
        """Return whether there is something to read, after at most `timeout` ns."""
        self._check(actor)
        return (yield Wait(self._readable().readable.polls, timeout))

    def close(self, actor: Actor) -> None:
        """Close this process's copy of the end."""
        self._descriptors.close(actor.process, self.file)

    def _check(self, actor: Actor) -> None:
        if not self._descriptors.has(actor.process, self.file):
            raise Raised("OSError: handle is closed")

    def _readable(self) -> Channel:
        if self._reads is None:
            raise Raised("OSError: connection is write-only")
        return self._reads


def write_message(channel: Channel, message: Message) -> Steps:
    """Write a message as `Connection._send_bytes` does."""
    if message.length > TOGETHER:
        yield from channel.write(message, HEADER)
        yield from channel.write(message, message.length)
    else:
        yield from channel.write(message, HEADER + message.length)


def read_message(channel: Channel) -> Steps:
    """Read a message as `Connection._recv_bytes` does, and return its value."""
    [(message, _)] = yield from _read_all(channel, HEADER)
    yield from _read_all(channel, message.length)
    return message.value


def _read_all(channel: Channel, length: int) -> Steps:
    """Read `length` bytes, which must be of one message."""
    found: list[Chunk] = []
    left = length
    while left:
        yield Wait(channel.readable)
        chunks = channel.read(left)
        if not chunks:
            if left == length:
                raise Raised("EOFError")
            raise Raised("OSError: got end of file during message")
        for chunk in chunks:
            joined(found, chunk)
            left -= chunk[1]
        if len(found) > 1:
            raise Raised("UnpicklingError: bytes of several messages are mixed")
    return found
