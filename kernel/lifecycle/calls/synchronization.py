"""Calls by which processes wait for each other: locks, semaphores, conditions, events, barriers."""

from __future__ import annotations

from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.process_tree import Member
from kernel.lifecycle.sync.condition import Condition
from kernel.lifecycle.sync.semaphore import Semaphore
from kernel.lifecycle.sync.waiting import Steps
from kernel.process.calls import Call


class SynchronizationCalls:
    """The calls on the shared objects that hold no values."""

    def __init__(self, context: CallContext, objects: SharedObjects) -> None:
        self._context, self._objects = context, objects
        self.functions: dict[str, CallFunction] = {
            "lock": lambda member, call: self._acquire(member, call, self._lock(member, call)),
            "unlock": lambda member, call: self._release(member, self._lock(member, call)),
            "acquire": lambda member, call: self._acquire(
                member, call, objects.semaphores[call.name]
            ),
            "release": lambda member, call: self._release(member, objects.semaphores[call.name]),
            "set_event": self.set_event,
            "clear_event": self.clear_event,
            "wait_event": self.wait_for_event,
            "wait": self.wait_for_condition,
            "notify": self.notify,
            "notify_all": self.notify_all,
            "barrier": self.meet,
            "abort": self.abort,
            "reset": self.reset,
        }

    def _lock(self, member: Member, call: Call) -> Semaphore:
        return self._objects.lock(call.name, self._context.actor(member.index).process)

    def _acquire(self, member: Member, call: Call, semaphore: Semaphore) -> Steps:
        """Acquire a lock or a semaphore. It is observed whether that was possible in time."""
        timeout = call.value if call.options.get("blocking", True) else 0
        taken = yield from semaphore.acquire(self._context.actor(member.index), timeout)
        if timeout is not None:
            self._context.say(member, call.words, taken)

    def _release(self, member: Member, semaphore: Semaphore) -> Outcome:
        semaphore.release(self._context.actor(member.index))
        return GO

    # -- events -----------------------------------------------------------------------------------

    def set_event(self, member: Member, call: Call) -> Steps:
        """Set an event."""
        return self._objects.event(call.name).set(self._context.actor(member.index))

    def clear_event(self, member: Member, call: Call) -> Steps:
        """Clear an event."""
        return self._objects.event(call.name).clear(self._context.actor(member.index))

    def wait_for_event(self, member: Member, call: Call) -> Steps:
        """Wait until an event is set, and observe whether it is."""
        actor = self._context.actor(member.index)
        found = yield from self._objects.event(call.name).wait(actor, call.value)
        self._context.say(member, call.words, found)

    # -- conditions -------------------------------------------------------------------------------

    def _condition(self, call: Call) -> Condition:
        return self._objects.conditions[call.name]

    def wait_for_condition(self, member: Member, call: Call) -> Steps:
        """Wait for a notification. With a timeout it is observed whether one came."""
        actor = self._context.actor(member.index)
        found = yield from self._condition(call).wait(actor, call.value)
        if call.value is not None:
            self._context.say(member, call.words, found)

    def notify(self, member: Member, call: Call) -> Steps:
        """Wake up some of those that wait: one, or as many as the call says."""
        most = 1 if call.value is None else call.value
        return self._condition(call).notify(self._context.actor(member.index), most)

    def notify_all(self, member: Member, call: Call) -> Steps:
        """Wake up all that wait."""
        return self._condition(call).notify(self._context.actor(member.index), None)

    # -- barriers ---------------------------------------------------------------------------------

    def meet(self, member: Member, call: Call) -> Steps:
        """Wait at a barrier; the last of its parties lets all of them pass."""
        actor = self._context.actor(member.index)
        return self._objects.barriers[call.name].wait(actor, call.value)

    def abort(self, member: Member, call: Call) -> Steps:
        """Break a barrier."""
        return self._objects.barriers[call.name].abort(self._context.actor(member.index))

    def reset(self, member: Member, call: Call) -> Steps:
        """Empty a barrier."""
        return self._objects.barriers[call.name].reset(self._context.actor(member.index))
