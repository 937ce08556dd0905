"""Calls by which a process looks at processes and variables, and prints."""

from __future__ import annotations

from typing import Any

from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.process_tree import REAPER, Handle, Member, Status
from kernel.process.calls import Call


class ObservationCalls:
    """The calls that observe processes, set and show variables, and print."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        self._tree = context.process_tree
        self.functions: dict[str, CallFunction] = {
            "observe": self.observe,
            "set": self.set_variables,
            "show": self.show_variable,
            "print": self.print_text,
        }

    def observe(self, member: Member, call: Call) -> Outcome:
        """Observe a process: first in the system's table, as its Process object reaps a zombie."""
        handle = member.handles.get(call.name)
        if handle is None and self._context.declares(member, call.name):
            handle = self._context.handle(member, call.name)
        index = handle.child if handle is not None else self._context.number(call.name)
        seen = self._in_table(index)
        if handle is not None and call.options.get("only") != "system":
            seen |= self._by_handle(member, handle, index)
        self._context.say(member, call.words, seen)
        return GO

    def _by_handle(self, member: Member, handle: Handle, index: int) -> dict[str, Any]:
        """Return what the attributes of a Process object say of the process `index`."""
        if handle.closed:
            raise Raised("ValueError: process object is closed")
        myself = index == member.index
        code = self._tree.poll(member.index, handle)
        if code is not None:
            self._tree.forget(member.index, handle)
        alive: bool | str = handle.started and code is None
        if handle.owner != member.index:
            alive = "AssertionError: can only test a child process"
        return {
            "name": handle.name,
            "daemon": handle.daemon,
            "pid": handle.started or myself,
            "authkey": True,
            "is_alive": True if myself else alive,
            "exitcode": code,
        }

    def _in_table(self, index: int) -> dict[str, Any]:
        """Return a process as the system's process table has it."""
        if index == REAPER:
            return {"state": "not started", "parent": None}
        member = self._tree.members[index]
        if member.status in (Status.UNBORN, Status.GONE):
            state = "not started" if member.status is Status.UNBORN else "gone"
            return {"state": state, "parent": None}
        parent = self._tree.name(member.parent)
        if member.status is Status.ALIVE:
            return {"state": "alive", "parent": parent}
        return {"state": "zombie", "parent": parent, "keeps": f"exit code {member.exitcode}"}

    def set_variables(self, member: Member, call: Call) -> Outcome:
        """Assign variables."""
        member.variables |= call.value
        return GO

    def show_variable(self, member: Member, call: Call) -> Outcome:
        """Print a variable."""
        if call.name not in member.variables:
            raise Raised(f"NameError: name {call.name!r} is not defined")
        self._context.say(member, "prints", f"{call.name} = {member.variables[call.name]!r}")
        return GO

    def print_text(self, member: Member, call: Call) -> Outcome:
        """Print a text."""
        self._context.say(member, "prints", call.value)
        return GO
