"""What a call does: its function is looked up by its kind; the caller goes on, waits or ends.

An error is observed, and the program goes on, as if each call were in a try statement of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.lifecycle.calls.ends import END_DAEMONS, EndCalls
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
from kernel.lifecycle.calls.process_objects import ProcessObjectCalls
from kernel.lifecycle.calls.synchronization import SynchronizationCalls
from kernel.lifecycle.process_tree import ProcessTree
from kernel.process.calls import Call, LifecycleRules

__all__ = ["END_DAEMONS", "GO", "WAIT", "CallEnvironment", "Outcome", "Semantics"]


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
        self._processes = ProcessObjectCalls(context)
        self._ends = EndCalls(context)
        self._execution = ExecutionCalls(context)
        self._synchronization = SynchronizationCalls(context)
        self.waits = context.waits
        self.locks = self._synchronization.locks
        self.barriers = self._synchronization.barriers
        self.functions: dict[str, CallFunction] = {
            **self._processes.functions,
            **self._ends.functions,
            **self._execution.functions,
            **self._synchronization.functions,
            **ObservationCalls(context).functions,
        }

    def declare(self, index: int, handles: Mapping[str, int]) -> None:
        """Note the Process objects that the program of process `index` makes."""
        self._context.declared[index] = handles

    def call(self, index: int, call: Call) -> Outcome:
        """Decide a call of process `index`, which runs: the first time, or after it was woken."""
        context = self._context
        context.waits.pop(index, None)
        member = self.process_tree.members[index]
        try:
            outcome = self.functions[call.kind](member, call)
        except Raised as error:
            context.say(member, call.words, str(error))
            outcome = GO
        if outcome == WAIT:
            context.waits[index] = call
            return WAIT
        if call.kind != "barrier":  # a barrier reports the call of all its parties
            context.environment.called(index, call)
        context.granted.discard(index)
        context.late.discard(index)
        return outcome

    def time_is_over(self, index: int, call: Call) -> bool:
        """End the timeout of a call. Return whether the process still waits in it."""
        if self.waits.get(index) is not call:
            return False
        self._context.late.add(index)
        return True

    def is_late(self, index: int) -> bool:
        """Return whether the timeout of the call of process `index` is over."""
        return index in self._context.late

    def ended(self, index: int) -> None:
        """Wake the processes that wait for the end of process `index`, which is dead."""
        self.waits.pop(index, None)
        self._synchronization.forget(index)
        self._synchronization.serve_receivers()
        for waiter, call in list(self.waits.items()):
            if self._is_over(waiter, call):
                self._context.environment.wake(waiter)

    def _is_over(self, waiter: int, call: Call) -> bool:
        """Return whether the processes or threads that `waiter` waits for have ended."""
        member = self.process_tree.members[waiter]
        if call.kind == "join":
            return self._processes.join_is_over(member, call)
        if call.kind == "threads":
            return not self._execution.threads_live(call)
        return call.kind in ("end", "exit", "raise") and not self._ends.has_living_children(member)
