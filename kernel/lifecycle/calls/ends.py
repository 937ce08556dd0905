"""Calls that end the calling process, or another process by a signal."""

from __future__ import annotations

from kernel.lifecycle.calls.outcome import GO, WAIT, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.process_tree import Member, Status
from kernel.process.calls import Call
from kernel.process.signals import SIGKILL, SIGTERM

NOT_GUARDED = (
    "RuntimeError: An attempt has been made to start a new process before the current process has "
    "finished its bootstrapping phase"
)

END_DAEMONS = Call("end_daemons")
"""Not a step: at its exit a process ends its daemonic children before it waits for the others."""

TERM, KILL = SIGTERM, SIGKILL


class EndCalls:
    """The calls at the end of a program, and signals."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        self._tree = context.process_tree
        self.functions: dict[str, CallFunction] = {
            "end": self.end,
            "exit": self.exit,
            "raise": self.end_by_exception,
            "unguarded": self.import_unguarded,
            "os_exit": self.exit_at_once,
            "terminate": self.terminate,
            "kill": self.kill,
        }

    def end(self, member: Member, call: Call) -> Outcome:
        """Come to the end of the program."""
        return self._exit(member, 0)

    def exit(self, member: Member, call: Call) -> Outcome:
        """End as `sys.exit(code)` does."""
        return self._exit(member, call.value)

    def end_by_exception(self, member: Member, call: Call) -> Outcome:
        """End by an exception that the program does not catch."""
        outcome = self._exit(member, 1)
        if outcome != WAIT:
            self._context.say(member, "raise", call.value)
        return outcome

    def import_unguarded(self, member: Member, call: Call) -> Outcome:
        """End a spawned child, which imports a program that starts processes at its import."""
        self._context.say(member, call.words, NOT_GUARDED)
        return 1

    def exit_at_once(self, member: Member, call: Call) -> Outcome:
        """End as `os._exit(code)` does, without waiting for children."""
        return int(call.value)

    def _exit(self, member: Member, code: int) -> Outcome:
        """Do as multiprocessing's `_exit_function`: end daemonic children, wait for all others."""
        self._tree.clean_up(member.index)
        daemons = [handle.child for handle in member.children if handle.daemon]
        daemons = [child for child in daemons if self._is_alive(child)]
        for child in daemons:
            self._context.environment.signal(child, TERM)
        if daemons:
            self._context.environment.called(member.index, END_DAEMONS)
        if self.has_living_children(member):
            return WAIT
        self._tree.clean_up(member.index)
        return code & 0xFF

    def has_living_children(self, member: Member) -> bool:
        """Return whether a child that multiprocessing knows of is alive."""
        return any(self._is_alive(handle.child) for handle in member.children)

    def _is_alive(self, index: int) -> bool:
        return self._tree.members[index].status is Status.ALIVE

    def terminate(self, member: Member, call: Call) -> Outcome:
        """Send SIGTERM to another process, or to itself."""
        return self._send(member, call, TERM)

    def kill(self, member: Member, call: Call) -> Outcome:
        """Send SIGKILL to another process, or to itself."""
        return self._send(member, call, KILL)

    def _send(self, member: Member, call: Call, number: int) -> Outcome:
        """Send a signal through the Process object, or without one to the process of that name."""
        if call.name in member.handles or self._context.declares(member, call.name):
            handle = self._context.open_handle(member, call.name)
            if not handle.started:
                raise Raised(f"AttributeError: 'NoneType' object has no attribute {call.kind!r}")
            if handle.returncode is not None:
                return GO
            victim = handle.child
        else:
            victim = self._context.number(call.name)
            if self._tree.members[victim].status in (Status.UNBORN, Status.GONE):
                raise Raised("ProcessLookupError: [Errno 3] No such process")
        if victim == member.index:
            return -number
        if self._is_alive(victim):
            self._context.environment.signal(victim, number)
        return GO
