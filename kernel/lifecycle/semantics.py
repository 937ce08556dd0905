"""What a call does: its function is looked up by its kind; the caller goes on, waits or ends.

An error is observed, and the program goes on, as if each call were in a try statement of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import GeneratorType

from kernel.lifecycle.calls.ends import INTERRUPTED, EndCalls
from kernel.lifecycle.calls.exchange import ExchangeCalls
from kernel.lifecycle.calls.execution import ExecutionCalls
from kernel.lifecycle.calls.observation import ObservationCalls
from kernel.lifecycle.calls.outcome import (
    GO,
    WAIT,
    CallContext,
    CallEnvironment,
    CallFunction,
    Outcome,
    Raised,
)
from kernel.lifecycle.calls.pools import PoolCalls
from kernel.lifecycle.calls.process_objects import ProcessObjectCalls
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.calls.synchronization import SynchronizationCalls
from kernel.lifecycle.process_tree import Member, ProcessTree
from kernel.lifecycle.sync.actor import Actor, Interrupted
from kernel.lifecycle.sync.semaphore import Semaphore
from kernel.lifecycle.sync.waiting import Reason, Wait
from kernel.process.calls import Call, LifecycleRules

__all__ = ["GO", "INTERRUPTED", "WAIT", "CallEnvironment", "Outcome", "Semantics"]


class Semantics:
    """All calls of a run, over its process tree and what the processes share."""

    def __init__(
        self,
        process_tree: ProcessTree,
        rules: LifecycleRules,
        environment: CallEnvironment,
        names: Mapping[str, int],
    ) -> None:
        self.process_tree, self.numbers = process_tree, names
        self._context = context = CallContext(process_tree, rules, environment, names)
        self.objects = objects = SharedObjects(context)
        self.waits = context.waits
        self._interrupted: set[int] = set()  # processes whose call is INTERRUPTED, see there
        processes, ends = ProcessObjectCalls(context, objects), EndCalls(context, objects)
        self.functions: dict[str, CallFunction] = {
            **processes.functions,
            **ends.functions,
            **PoolCalls(context, objects, processes, ends).functions,
            **ExecutionCalls(context).functions,
            **SynchronizationCalls(context, objects).functions,
            **ExchangeCalls(context, objects).functions,
            **ObservationCalls(context).functions,
        }

    def declare(self, index: int, handles: Mapping[str, int]) -> None:
        """Note the Process objects that the program of process `index` makes."""
        self._context.declared[index] = handles

    def hand_down(self, index: int) -> None:
        """Give a process with which the scenario begins its descriptors: all ends of pipes."""
        for file in self.objects.ends_of_pipes():
            self._context.descriptors.open(index, file)

    # -- calls ------------------------------------------------------------------------------------

    def call(self, index: int, call: Call) -> Outcome:
        """Decide a call of process `index`, which runs: the first time, or after it was woken.

        If it waits for a thread of its own, like a handler of its pool, it keeps its core.
        """
        context = self._context
        context.waits.pop(index, None)
        member = self.process_tree.members[index]
        context.calling, context.goes_on = index, True
        outcome: Outcome = WAIT
        while outcome == WAIT and context.goes_on:
            context.goes_on = False
            try:
                outcome = self._proceed(context.actor(index), member, call)
            except Raised as error:
                context.say(member, call.words, str(error))
                outcome = GO
            self.objects.feed()
        context.calling = -1
        if outcome == WAIT:
            context.waits[index] = call
            return WAIT
        context.environment.called(index, INTERRUPTED if index in self._interrupted else call)
        return outcome

    def _proceed(self, actor: Actor, member: Member, call: Call) -> Outcome:
        """Begin the call, or go on with it. Raises Raised."""
        try:
            if actor.steps is None:
                found = self.functions[call.kind](member, call)
                if not isinstance(found, GeneratorType):
                    assert isinstance(found, (str, int))
                    return found
                over = actor.begin(found)
            else:
                over = actor.proceed()
        except Interrupted:
            self._interrupted.add(member.index)
            return self._proceed(actor, member, INTERRUPTED)
        if not over:
            return WAIT
        return GO if actor.found is None else int(actor.found)

    def time_is_over(self, index: int, wait: Wait) -> bool:
        """End the timeout of a wait. Return whether the process still sleeps in it."""
        return self._context.actor(index).time_is_over(wait)

    def is_late(self, index: int) -> bool:
        """Return whether the timeout of the call of process `index` is over."""
        return self._context.actor(index).late

    def interrupt(self, index: int) -> bool:
        """Let KeyboardInterrupt be raised in the call of process `index`, if it makes one.

        Return whether the process slept in the call, so that it must be woken.
        """
        actor = self._context.actor(index)
        if actor.steps is None:
            self._interrupted.add(index)
            return False
        actor.interrupted = True
        return actor.leave()

    def is_calling(self, index: int) -> bool:
        """Return whether a call of process `index` has begun, and is not over."""
        return index in self._context.actors and self._context.actors[index].steps is not None

    def is_in(self, index: int, wait: Wait) -> bool:
        """Return whether process `index` is in this wait, or was woken from it."""
        return self._context.actor(index).wait is wait

    def waits_for_ever(self, index: int) -> bool:
        """Return whether process `index` waits in a call, and no timeout will end that."""
        if index not in self.waits:
            return False
        wait = self._context.actors[index].wait
        return wait is None or wait.timeout is None

    def reason(self, index: int) -> Reason:
        """Return why process `index`, which waits in a call, does so."""
        actor = self._context.actors[index]
        assert actor.wait is not None
        return actor.wait.on.reason()

    def may_lose_wake_up(self, index: int) -> bool:
        """Return whether process `index` was woken from a semaphore, and has not run since.

        If it is killed now, Linux wakes no other process in its place (futex).
        """
        actor = self._context.actors.get(index)
        wait = None if actor is None else actor.wait
        return wait is not None and isinstance(wait.on, Semaphore) and actor in wait.on.line.woken

    def ended(self, index: int, *, hands_on: bool = True) -> None:
        """Wake the processes that wait for the end of process `index`, which is dead.

        `hands_on`: if it was woken for something, the next process is woken in its place.
        """
        context = self._context
        self.waits.pop(index, None)
        if index in context.actors:
            context.actors[index].leave(hands_on=hands_on)
        self.objects.ended(index)
        context.descriptors.end(index)
        for ends in context.ends.pop(index, ()):
            ends.ended(index)
        self.objects.feed()
