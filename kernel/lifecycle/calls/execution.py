"""Calls that concern the process itself: its threads, its memory, its core."""

from __future__ import annotations

from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome
from kernel.lifecycle.process_tree import Member, Status
from kernel.lifecycle.sync.waiting import Steps, Wait
from kernel.process.calls import Call
from kernel.process.interpreters import OWN_LOCKS
from kernel.process.memory_steps import EXITCODES
from translation import recorded


class ExecutionCalls:
    """Starting threads, memory steps, and `os.sched_yield`."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        self._tree = context.process_tree
        self.functions: dict[str, CallFunction] = {
            "threads": self.run_threads,
            "alloc": self.use_memory,
            "free": self.use_memory,
            "touch": self.touch,
            "yield": self.yield_core,
        }

    def run_threads(self, member: Member, call: Call) -> Steps:
        """Start all threads, and wait for their ends."""
        for index in call.value:
            if self._tree.members[index].status is Status.UNBORN:
                own = call.options["interpreter"] == OWN_LOCKS
                variables = dict(self._context.rules.variables) if own else member.variables
                self._tree.begin_thread(member.index, index, variables)
                self._context.environment.begin(index)

        def words(left: list[int]) -> str:
            names = ", ".join(map(self._tree.name, left))
            return recorded("for its threads {threads}", threads=names)

        yield Wait(self._context.all_ended(call.value, words))

    def use_memory(self, member: Member, call: Call) -> Outcome:
        """Allocate or free memory. If it is refused, the next call raises an exception."""
        self._context.environment.uses_memory(member.index)
        return GO

    def touch(self, member: Member, call: Call) -> Outcome:
        """Touch an address: beyond the limit the process ends by a signal."""
        return (
            EXITCODES["fault"]
            if self._context.environment.uses_memory(member.index) == "fault"
            else GO
        )

    def yield_core(self, member: Member, call: Call) -> Outcome:
        """Go on: the system makes the process ready again."""
        return GO
