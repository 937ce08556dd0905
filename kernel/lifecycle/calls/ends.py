"""Calls that end the calling process, or send a signal to another process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.process_tree import Member, Status
from kernel.lifecycle.sync.actor import Interrupted
from kernel.lifecycle.sync.executor import Executor
from kernel.lifecycle.sync.pool import Pool
from kernel.lifecycle.sync.waiting import Steps, Wait
from kernel.process.calls import Call
from kernel.process.signals import SIGINT, SIGKILL, SIGTERM
from translation import recorded

NOT_GUARDED = (
    "RuntimeError: An attempt has been made to start a new process before the current process has "
    "finished its bootstrapping phase"
)

INTERRUPTED = Call("raise", "", "KeyboardInterrupt")
"""Not a step: the call of a process to which a SIGINT has come."""

INT, KILL, TERM = SIGINT, SIGKILL, SIGTERM

Said = tuple[str, str]
"""An observation at the end of a process: its name, and what was printed on stderr."""


class EndCalls:
    """The calls at the end of a program, and signals."""

    def __init__(self, context: CallContext, objects: SharedObjects) -> None:
        self._context, self._objects = context, objects
        self._tree = context.process_tree
        python = context.rules.python
        # from 3.13 on a child of fork or forkserver calls its atexit functions, and CPython's own,
        # which waits for the children, is the last of them (popen_fork.py, forkserver.py)
        self._joins_first = python < (3, 13)
        self._calls_atexit = python >= (3, 13) or context.rules.start_method == "spawn"
        self.functions: dict[str, CallFunction] = {
            "end": self.end,
            "exit": self.exit,
            "raise": self.end_by_exception,
            "unguarded": self.import_unguarded,
            "os_exit": self.exit_at_once,
            "atexit": self.register_atexit,
            "finally": self.enter_try,
            "terminate": lambda member, call: self._send(member, call, TERM),
            "kill": lambda member, call: self._send(member, call, KILL),
            "interrupt": lambda member, call: self._send(member, call, INT),
        }

    # -- the end of the caller --------------------------------------------------------------------

    def end(self, member: Member, call: Call) -> Steps:
        """Come to the end of the program."""
        return self._end(member, 0, None)

    def exit(self, member: Member, call: Call) -> Steps:
        """End as `sys.exit(value)` does: None is 0, and what is no number is printed, and 1."""
        if call.value is None:
            return self._end(member, 0, None)
        if isinstance(call.value, int):
            return self._end(member, int(call.value), None)
        return self._end(member, 1, ("stderr", str(call.value)))

    def end_by_exception(self, member: Member, call: Call) -> Steps:
        """End by an exception that the program does not catch."""
        if call.value == "SystemExit":
            return self._end(member, 0, None)
        return self._end(member, 1, ("raise", call.value))

    def import_unguarded(self, member: Member, call: Call) -> Outcome:
        """End a spawned child, which imports a program that starts processes at its import."""
        self._context.say(member, call.words, NOT_GUARDED)
        return 1

    def exit_at_once(self, member: Member, call: Call) -> Outcome:
        """End as `os._exit(code)` does, without waiting for children."""
        return int(call.value) & 0xFF

    def register_atexit(self, member: Member, call: Call) -> Outcome:
        """Let the process print a text when its atexit functions are called."""
        member.at_exit.append(call.value)
        return GO

    def enter_try(self, member: Member, call: Call) -> Outcome:
        """Let the process print a text when its program is left, unless it is killed."""
        member.at_finally.append(call.value)
        return GO

    def _end(self, member: Member, code: int, said: Said | None) -> Steps:
        """End the process normally (multiprocessing.process: BaseProcess._bootstrap).

        Returns its exit code. `said` is what `_bootstrap` prints on stderr.
        """
        self._print(member, member.at_finally)
        if member.thread:
            self._say(member, said)
            return code & 0xFF
        if self._joins_first:
            try:
                yield from self._exit_function(member)
            except Interrupted:
                code, said = 1, ("raise", INTERRUPTED.value)
        self._say(member, said)
        if not self._joins_first:
            yield from self._shut_down(member)
        if self._calls_atexit:
            self._print(member, member.at_exit)
        if not self._joins_first:
            with suppress(Interrupted):  # atexit prints it, and goes on
                yield from self._exit_function(member)
        return code & 0xFF

    def _shut_down(self, member: Member) -> Steps:
        """Shut down the executors (concurrent.futures.process._python_exit).

        It is called as the process waits for its threads, which before 3.13 is after the join of
        its children: they wait for tasks then, and that is for ever.
        """
        for pool in self._objects.pools_of(member.index):
            if isinstance(pool, Executor):
                yield from pool.shutdown()

    def _print(self, member: Member, texts: list[str]) -> None:
        while texts:
            self._context.say(member, "prints", texts.pop())

    def _say(self, member: Member, said: Said | None) -> None:
        if said is not None:
            self._context.say(member, *said)

    def _exit_function(self, member: Member) -> Steps:
        """Terminate pools and daemonic children, wait for all children, and for feeders of queues.

        See multiprocessing.util: _exit_function, and the Finalize objects of pools and queues.
        """
        for pool in reversed(self._objects.pools_of(member.index)):
            if isinstance(pool, Pool):
                yield from pool.terminate(self._context.actor(member.index))
        self._tree.clean_up(member.index)
        for handle in member.children.values():
            if handle.daemon:
                self._context.environment.signal(handle.child, TERM)
        children = {handle.child: handle.name for handle in member.children.values()}

        def words(left: list[int]) -> str:
            names = ", ".join(children[each] for each in left)
            return recorded("at its exit for its children {children}", children=names)

        if children:
            yield Wait(self._context.all_ended(children, words))
        self._tree.clean_up(member.index)
        for feeder in self._objects.feeders_of(member.index):
            yield Wait(feeder)

    # -- signals ----------------------------------------------------------------------------------

    def _send(self, member: Member, call: Call, number: int) -> Outcome:
        """Send a signal through the Process object, or without one to the process of that name."""
        for victim in self._victim(member, call):
            if victim == member.index:
                if number == INT:
                    raise Interrupted
                return -number
            if self._context.is_alive(victim):
                self._context.environment.signal(victim, number)
        return GO

    def _victim(self, member: Member, call: Call) -> Iterator[int]:
        """Yield the process that a signal is for, unless its end is known."""
        if call.name in member.handles or self._context.declares(member, call.name):
            handle = self._context.open_handle(member, call.name)
            if not handle.started:
                raise Raised(f"AttributeError: 'NoneType' object has no attribute {call.kind!r}")
            if handle.returncode is None:
                yield handle.child
            return
        victim = self._context.number(call.name)
        if self._tree.members[victim].status in (Status.UNBORN, Status.GONE):
            raise Raised("ProcessLookupError: [Errno 3] No such process")
        yield victim
