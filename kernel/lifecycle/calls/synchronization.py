"""Calls by which processes wait for each other: locks, message queues and barriers."""

from __future__ import annotations

from kernel.lifecycle.calls.outcome import GO, WAIT, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.process_tree import Member
from kernel.lifecycle.sync import Barrier, Lock, MessageQueue
from kernel.process.calls import Call


class SynchronizationCalls:
    """The locks, queues and barriers of a run, and the calls on them."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        self.locks: dict[str, Lock] = {}
        self.queues: dict[str, MessageQueue] = {}
        parties = context.rules.barriers
        self.barriers = {name: Barrier(count) for name, count in parties.items()}
        self.functions: dict[str, CallFunction] = {
            "lock": self.acquire,
            "unlock": self.release,
            "send": self.send,
            "receive": self.receive,
            "barrier": self.meet,
        }

    def acquire(self, member: Member, call: Call) -> Outcome:
        """Acquire a lock, or wait for it."""
        lock = self.locks.setdefault(call.name, Lock())
        if member.index in self._context.granted or lock.acquire(member.index):
            return GO
        lock.waiting.append(member.index)
        return WAIT

    def release(self, member: Member, call: Call) -> Outcome:
        """Release a lock: the first process that waits for it has it now."""
        lock = self.locks.setdefault(call.name, Lock())
        if lock.holder is None:
            raise Raised("ValueError: semaphore or lock released too many times")
        following = lock.release()
        if following is not None:
            self._context.grant(following)
        return GO

    def send(self, member: Member, call: Call) -> Outcome:
        """Put a value into a message queue."""
        queue = self.queues.setdefault(call.name, MessageQueue())
        queue.values.append(call.value)
        if queue.waiting:
            self._context.environment.wake(queue.waiting.popleft())
        return GO

    def receive(self, member: Member, call: Call) -> Outcome:
        """Take the first value out of a message queue, or wait for one."""
        queue = self.queues.setdefault(call.name, MessageQueue())
        if not queue.values:
            queue.waiting.append(member.index)
            return WAIT
        value = queue.values.popleft()
        if call.value is not None:
            member.variables[call.value] = value
        self._context.say(member, call.words, value)
        return GO

    def meet(self, member: Member, call: Call) -> Outcome:
        """Wait at a barrier; the last of its parties lets all of them pass."""
        if member.index in self._context.granted:
            return GO
        barrier = self.barriers[call.name]
        barrier.waiting.append(member.index)
        if len(barrier.waiting) < barrier.parties:
            return WAIT
        for index in barrier.waiting:
            self._context.environment.called(index, call)
            if index != member.index:
                self._context.grant(index)
        barrier.waiting.clear()
        return GO

    def forget(self, index: int) -> None:
        """Remove a dead process from all queues. It keeps the locks that it holds."""
        queues = [lock.waiting for lock in self.locks.values()]
        queues += [queue.waiting for queue in self.queues.values()]
        for queue in queues:
            if index in queue:
                queue.remove(index)
        for barrier in self.barriers.values():
            if index in barrier.waiting:
                barrier.waiting.remove(index)

    def serve_receivers(self) -> None:
        """Wake a receiver for each value: the receiver that was woken for it may have died."""
        for queue in self.queues.values():
            for _ in range(min(len(queue.values), len(queue.waiting))):
                self._context.environment.wake(queue.waiting.popleft())
