"""SimpleQueue: a pipe with a lock at each end."""

from __future__ import annotations

from typing import Any

from kernel.lifecycle.sync.actor import Actor
from kernel.lifecycle.sync.connection import read_message, write_message
from kernel.lifecycle.sync.messages import Message
from kernel.lifecycle.sync.pipe import Pipe
from kernel.lifecycle.sync.semaphore import holding, lock
from kernel.lifecycle.sync.waiting import Steps
from translation import recorded


class SimpleQueue:
    """`multiprocessing.SimpleQueue` (multiprocessing/queues.py).

    `put` waits when the pipe is full. An actor that waits in `get` holds the lock of the readers.
    """

    def __init__(self, name: str, *, kept: bool = True) -> None:
        """Make a queue. `kept`: every process has both ends of its pipe, and closes none."""
        self.name = name
        self.pipe = Pipe(name)
        self.read_lock = lock(recorded("the read lock of {queue}", queue=name))
        self.write_lock = lock(recorded("the write lock of {queue}", queue=name))
        if kept:
            keep_open(self.pipe)

    def put(self, actor: Actor, value: Any) -> Steps:
        """Write a value into the pipe."""
        steps = write_message(self.pipe, Message(value))
        return holding(self.write_lock, actor, steps)

    def get(self, actor: Actor) -> Steps:
        """Read the next value."""
        return holding(self.read_lock, actor, read_message(self.pipe))


def keep_open(pipe: Pipe) -> None:
    """Hold both ends open: every process that uses a queue has both, and none closes them."""
    pipe.reading_end.open(-1)
    pipe.writing_end.open(-1)
