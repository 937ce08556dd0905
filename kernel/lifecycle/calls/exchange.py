"""Calls by which processes exchange values: queues, pipes, and numbers in shared memory."""

from __future__ import annotations

from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.process_tree import Member
from kernel.lifecycle.sync.connection import Connection
from kernel.lifecycle.sync.joinable_queue import JoinableQueue
from kernel.lifecycle.sync.simple_queue import SimpleQueue
from kernel.lifecycle.sync.waiting import Steps
from kernel.process.calls import Call


class ExchangeCalls:
    """The calls that send, receive, read and write values."""

    def __init__(self, context: CallContext, objects: SharedObjects) -> None:
        self._context, self._objects = context, objects
        self.functions: dict[str, CallFunction] = {
            "send": self.send,
            "receive": self.receive,
            "task_done": self.task_done,
            "join_queue": self.join_queue,
            "pipe_send": self.send_through_pipe,
            "pipe_receive": self.receive_from_pipe,
            "pipe_poll": self.poll,
            "pipe_close": self.close_end,
            "read": self.read,
            "write": self.write,
            "add": self.add,
        }

    # -- queues -----------------------------------------------------------------------------------

    def send(self, member: Member, call: Call) -> Steps:
        """Put a value into a queue. A SimpleQueue knows neither `block` nor `timeout`."""
        queue, actor = self._objects.queue(call.name), self._context.actor(member.index)
        if isinstance(queue, SimpleQueue):
            return queue.put(actor, call.value)
        block, timeout = call.options.get("blocking", True), call.options.get("timeout")
        return queue.put(actor, call.value, block, timeout)

    def receive(self, member: Member, call: Call) -> Steps:
        """Take the first value out of a queue, and observe it."""
        queue, actor = self._objects.queue(call.name), self._context.actor(member.index)
        if isinstance(queue, SimpleQueue):
            return self._received(member, call, queue.get(actor))
        block, timeout = call.options.get("blocking", True), call.options.get("timeout")
        return self._received(member, call, queue.get(actor, block, timeout))

    def _received(self, member: Member, call: Call, steps: Steps) -> Steps:
        value = yield from steps
        if call.value is not None:
            member.variables[call.value] = value
        self._context.say(member, call.words, value)

    def _joinable(self, call: Call) -> JoinableQueue:
        queue = self._objects.queue(call.name)
        if not isinstance(queue, JoinableQueue):
            kind = "SimpleQueue" if isinstance(queue, SimpleQueue) else "Queue"
            attribute = {"join_queue": "join"}.get(call.kind, call.kind)
            raise Raised(f"AttributeError: {kind!r} object has no attribute {attribute!r}")
        return queue

    def task_done(self, member: Member, call: Call) -> Steps:
        """Note that a value that was received is done with."""
        return self._joinable(call).task_done(self._context.actor(member.index))

    def join_queue(self, member: Member, call: Call) -> Steps:
        """Wait until all values are done with."""
        return self._joinable(call).join(self._context.actor(member.index))

    # -- pipes ------------------------------------------------------------------------------------

    def _end(self, call: Call) -> Connection:
        end: int = call.options.get("end", 0)
        return self._objects.pipes[call.name][end]

    def send_through_pipe(self, member: Member, call: Call) -> Steps:
        """Send a value through a pipe."""
        return self._end(call).send(self._context.actor(member.index), call.value)

    def receive_from_pipe(self, member: Member, call: Call) -> Steps:
        """Receive a value from a pipe, and observe it."""
        steps = self._end(call).receive(self._context.actor(member.index))
        return self._received(member, call, steps)

    def poll(self, member: Member, call: Call) -> Steps:
        """Observe whether a pipe has something to read, after at most the timeout."""
        actor = self._context.actor(member.index)
        found = yield from self._end(call).poll(actor, call.value)
        self._context.say(member, call.words, found)

    def close_end(self, member: Member, call: Call) -> Outcome:
        """Close an end of a pipe."""
        self._end(call).close(self._context.actor(member.index))
        return GO

    # -- numbers in shared memory -----------------------------------------------------------------

    def read(self, member: Member, call: Call) -> Steps:
        """Read a number, and observe it."""
        shared, index = self._objects.values[call.name], call.options.get("index", 0)
        steps = shared.read(self._context.actor(member.index), index)
        return self._received(member, call, steps)

    def write(self, member: Member, call: Call) -> Steps:
        """Assign a number: a constant, or a variable and perhaps something added to it."""
        number = call.value
        if (name := call.options.get("from")) is not None:
            if name not in member.variables:
                raise Raised(f"NameError: name {name!r} is not defined")
            number = member.variables[name]
            if "plus" in call.options:
                number = _sum(number, call.options["plus"])
        shared, index = self._objects.values[call.name], call.options.get("index", 0)
        return shared.write(self._context.actor(member.index), index, number)

    def add(self, member: Member, call: Call) -> Steps:
        """Add a number."""
        shared, index = self._objects.values[call.name], call.options.get("index", 0)
        return shared.add(self._context.actor(member.index), index, call.value)


def _sum(value: object, number: int) -> object:
    """Return `value + number`. Raises Python's TypeError as a text."""
    try:
        return value + number  # type: ignore[operator]
    except TypeError as error:
        raise Raised(f"TypeError: {error}") from None
