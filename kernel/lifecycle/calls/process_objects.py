"""Calls of CPython's Process objects: start, join, close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.calls.pickling import local_name, not_picklable
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.process_tree import Handle, Member
from kernel.lifecycle.sync.descriptors import OpenFile
from kernel.lifecycle.sync.waiting import Steps, Wait
from kernel.process.calls import Call
from translation import recorded


class ProcessObjectCalls:
    """The methods of `multiprocessing.Process`, and `active_children`."""

    def __init__(self, context: CallContext, objects: SharedObjects) -> None:
        self._context, self._objects = context, objects
        self._tree = context.process_tree
        self.functions: dict[str, CallFunction] = {
            "start": self.start,
            "restart": self.restart,
            "call": self.call,
            "daemon": self.set_daemon,
            "join": self.join,
            "close": self.close,
            "active_children": self.active_children,
        }

    def start(self, member: Member, call: Call) -> Outcome:
        """Make a Process object and start it."""
        options, mine = call.options, self._context.process_of(member)
        if "group" in options and options["group"] is not None:
            raise Raised("AssertionError: group argument must be None for now")
        args = options.get("args", ())
        if not isinstance(args, (list, tuple, str)):
            raise Raised(f"TypeError: {type(args).__name__!r} object is not iterable")
        daemon = bool(options.get("daemon", mine.daemon))
        old = member.handles.get(call.name)
        is_copy = old is not None and old.owner != mine.index  # made by fork
        if old is None or is_copy or old.started or old.closed:
            member.handles[call.name] = Handle(call.name, call.child, mine.index, daemon)
        handle = member.handles[call.name]
        handle.child, handle.daemon, handle.made = call.child, daemon, True
        handle.target = local_name(*options["target"]) if "target" in options else None
        return self._start(mine, handle, call)

    def restart(self, member: Member, call: Call) -> Outcome:
        """Start a Process object that was made before, possibly by another process."""
        handle, mine = member.handles.get(call.name), self._context.process_of(member)
        made = handle is not None and (handle.made or handle.closed)
        if handle is None or (handle.owner == mine.index and not made):
            raise Raised(f"NameError: name {call.name!r} is not defined")
        return self._start(mine, handle, call)

    def _start(self, member: Member, handle: Handle, call: Call) -> Outcome:
        _require_can_start(member, handle)
        self._tree.clean_up(member.index)
        rules = self._context.rules
        if handle.target is not None and rules.start_method != "fork":
            raise Raised(not_picklable(rules.python, member.name, handle.target))
        self.launch(member, handle, call.options.get("args", ()), call.options.get("kwargs", {}))
        return GO

    def launch(
        self, member: Member, handle: Handle, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Let the process of a Process object begin, as a child of `member`."""
        rules = self._context.rules
        copies = rules.start_method == "fork"
        variables = dict(member.variables if copies else rules.variables)
        variables |= {
            "args": list(args),
            "kwargs": dict(kwargs),
        }
        if rules.shared_variables:
            variables = member.variables
        self._tree.bear(member.index, handle, copies=copies, variables=variables)
        self._hand_down(member.index, handle.child, copies=copies)
        self._context.environment.begin(handle.child)

    def _hand_down(self, parent: int, child: int, *, copies: bool) -> None:
        """Give the child its descriptors: of a fork all that its parent has, else those it needs.

        The child has one end of its sentinel, and so have all processes that it forks.
        """
        descriptors, sentinel = self._context.descriptors, OpenFile()
        needed = None if copies else self._objects.ends_of_pipes()
        descriptors.inherit(child, parent, needed)
        if copies:
            self._objects.copy_own_locks(parent, child)
        descriptors.open(child, sentinel)
        self._context.sentinels[child] = sentinel

    def call(self, member: Member, call: Call) -> Outcome:
        """Make a Process object whose program is called in this process, and never started."""
        member.handles[call.name] = Handle(call.name, -1, member.index)
        return GO

    def set_daemon(self, member: Member, call: Call) -> Outcome:
        """Set the attribute `daemon`."""
        handle = self._context.handle(member, call.name)
        if handle.started and not handle.closed:  # close() has forgotten the process
            raise Raised("AssertionError: process has already started")
        handle.daemon = bool(call.value)
        return GO

    def join(self, member: Member, call: Call) -> Steps:
        """Wait for the end of a child, at most as long as the timeout (Popen.wait)."""
        handle = self._context.open_handle(member, call.name)
        mine = self._context.process_of(member).index
        if handle.owner != mine:
            raise Raised("AssertionError: can only join a child process")
        if not handle.started:
            raise Raised("AssertionError: can only join a started process")
        over = handle.returncode is not None or (yield self._end_of(handle, call))
        if over and self._tree.poll(mine, handle) is not None:
            self._tree.forget(mine, handle)
        self._context.say(member, call.words, None)

    def _end_of(self, handle: Handle, call: Call) -> Wait:
        """Return the wait of a join: for the child itself, or with a timeout for its sentinel.

        A sentinel is a pipe that is closed when the child, and all that it has forked, have ended.
        """
        if call.value is not None:
            return Wait(self._context.sentinels[handle.child], call.value)
        words = recorded("for the end of {process}", process=call.name)
        return Wait(self._context.all_ended([handle.child], lambda _: words))

    def close(self, member: Member, call: Call) -> Outcome:
        """Close the Process object: it cannot be used any more."""
        handle = self._context.handle(member, call.name)
        if handle.started and not handle.closed:
            if self._tree.poll(member.index, handle) is None:
                raise Raised(
                    "ValueError: Cannot close a process while it is still running. "
                    "You should first call join() or terminate()."
                )
            self._tree.forget(member.index, handle)
        handle.closed = True
        return GO

    def active_children(self, member: Member, call: Call) -> Outcome:
        """Observe the children that live. Zombies among them are reaped."""
        self._tree.clean_up(member.index)
        self._context.say(
            member, call.kind, sorted(handle.name for handle in member.children.values())
        )
        return GO


def _require_can_start(member: Member, handle: Handle) -> None:
    """Raise what CPython's `start()` raises, in its order."""
    if handle.closed:
        raise Raised("ValueError: process object is closed")
    if handle.started:
        raise Raised("AssertionError: cannot start a process twice")
    if handle.owner != member.index:
        raise Raised("AssertionError: can only start a process object created by current process")
    if member.daemon:
        raise Raised("AssertionError: daemonic processes are not allowed to have children")
