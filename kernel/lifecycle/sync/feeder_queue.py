"""Queue: `put` only appends to a buffer; a feeder thread of the process writes into the pipe."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.connection import read_message, write_message
from kernel.lifecycle.sync.messages import Message
from kernel.lifecycle.sync.pipe import Pipe
from kernel.lifecycle.sync.semaphore import SEM_VALUE_MAX, counting, holding, lock
from kernel.lifecycle.sync.simple_queue import keep_open
from kernel.lifecycle.sync.waiting import Line, Reason, Steps, Wait
from translation import recorded


class Feeder:
    """The feeder thread of one queue in one process, and the buffer that it empties.

    A process that ends normally waits until the buffer is empty. It is lost with a kill.
    """

    def __init__(self, queue: FeederQueue, actor: Actor) -> None:
        self.queue, self.actor = queue, actor
        self.buffer: deque[Message] = deque()
        self.busy = False  # it has begun to write a message, and not ended
        self.line = Line()  # of the process, when it waits for the empty buffer

    def reason(self) -> Reason:
        """See Awaited."""
        words = recorded(
            "at its exit until its values are written into {queue}", queue=self.queue.name
        )
        return Reason(words, because=recorded("which is full"))

    def possible(self) -> bool:
        """See Awaited."""
        return not self.buffer and not self.busy

    def changed(self) -> None:
        """See Awaited."""
        if self.possible():
            self.line.wake(None)

    def feed(self) -> Steps:
        """Write all messages of the buffer into the pipe, one after the other."""
        while self.buffer:
            message = self.buffer.popleft()
            self.busy = True
            steps = write_message(self.queue.pipe, message)
            yield from holding(self.queue.write_lock, self.actor, steps)
            self.busy = False
        self.changed()


MakeFeeder = Callable[["FeederQueue", Actor], Feeder]
"""Makes the feeder of this queue for the process of this actor."""


class FeederQueue:
    """`multiprocessing.Queue` (multiprocessing/queues.py)."""

    def __init__(
        self, name: str, maxsize: int, make_feeder: MakeFeeder, clock: Callable[[], int]
    ) -> None:
        """Make a queue of at most `maxsize` values (0: any number). `clock` returns ns."""
        self.name = name
        self.pipe = Pipe(name)
        self.read_lock = lock(recorded("the read lock of {queue}", queue=name))
        self.write_lock = lock(recorded("the write lock of {queue}", queue=name))
        self.places = counting(name, maxsize or SEM_VALUE_MAX, bounded=True)
        self.places.explain = lambda: Reason(
            recorded("for a free place in {queue}", queue=name),
            because=recorded("which holds {most} already", most=maxsize),
        )
        self.feeders: dict[int, Feeder] = {}  # by process
        self._make_feeder, self._clock = make_feeder, clock
        keep_open(self.pipe)

    def put(self, actor: Actor, value: Any, block: bool, timeout: int | None) -> Steps:
        """Append a value to the buffer. It waits only for a free place. Raises Full."""
        if not (yield from self.places.acquire(actor, timeout if block else 0)):
            raise Raised("Full")
        self.buffered(actor, value)

    def buffered(self, actor: Actor, value: Any) -> None:
        """Append a value to the buffer of the actor's process, whose feeder then goes on."""
        feeder = self.feeders.get(actor.process)
        if feeder is None:
            feeder = self.feeders[actor.process] = self._make_feeder(self, actor)
        feeder.buffer.append(Message(value))
        if feeder.actor.steps is None:
            feeder.actor.wake()

    def get(self, actor: Actor, block: bool, timeout: int | None) -> Steps:
        """Return the next value. Raises Empty."""
        if block and timeout is None:
            value = yield from holding(self.read_lock, actor, read_message(self.pipe))
            self.places.release(actor)
            return value
        ends = None if timeout is None else self._clock() + timeout
        if not (yield from self.read_lock.acquire(actor, timeout if block else 0)):
            raise Raised("Empty")
        left = ends - self._clock() if block and ends is not None else 0
        try:
            if not (yield Wait(self.pipe.readable.polls, left)):
                raise Raised("Empty")
            value = yield from read_message(self.pipe)
            self.places.release(actor)
        except Exception:
            self.read_lock.release(actor)
            raise
        self.read_lock.release(actor)
        return value
