"""The process tree of a run: parents and children, zombies, orphans.

As in reality, there are two structures. The system's process table has parents, zombies and exit
codes. A `Handle` is CPython's Process object: it belongs to the process that made it, a fork copies
it, and it learns of the end of its child only when it is polled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

REAPER = -1
"""The parent of orphans, and of the programs of the file: the supervisor, which plays init."""

SERVER = -2
"""The parent of processes that are started by forkserver: the fork server of their starter.

A fork server reaps them at once. It lives as long as one of the processes that use it, so they are
never orphans. But it checks first whether any of them is left, and only then which have ended. So
the last of them outlives the fork server, and the supervisor reaps it.
"""


class Status(IntEnum):
    """The status of a process in the system's table."""

    UNBORN = 0
    ALIVE = 1
    ZOMBIE = 2  # it has ended, and its parent has not waited for it
    GONE = 3


@dataclass(slots=True)
class Handle:
    """A Process object, as the process `owner` made it."""

    name: str
    child: int  # index; -1: it is never started
    owner: int  # os.getpid() where it was made
    daemon: bool = False
    made: bool = False  # by a start; otherwise it was only named before one
    target: str | None = None  # the name of its function, which no module has; None: a module has
    started: bool = False  # it has a _popen
    returncode: int | None = None  # as of the last poll
    closed: bool = False


@dataclass(slots=True)
class Member:
    """A process: its entry in the table, and the objects in its memory."""

    index: int
    name: str
    parent: int = REAPER
    status: Status = Status.UNBORN
    exitcode: int | None = None
    daemon: bool = False
    starter: int = REAPER  # the process that started it; its parent may be the fork server of that
    thread: bool = False  # it is a thread of `parent`, whose memory it shares
    handles: dict[str, Handle] = field(default_factory=dict)
    children: dict[int, Handle] = field(default_factory=dict)
    """multiprocessing's set of child processes, by index, in the order of their starts."""
    ended: list[Handle] = field(default_factory=list)  # those that may have ended since `clean_up`
    variables: dict[str, Any] = field(default_factory=dict)
    at_exit: list[str] = field(default_factory=list)  # texts that it prints, last one first
    at_finally: list[str] = field(default_factory=list)
    offspring: dict[int, None] = field(default_factory=dict)  # its children, alive or zombies
    served: int = 0  # children of its fork server that live


Told = Callable[[str, int, int], None]
"""Takes an event (born, reaped or adopted), its process, and the process that caused it."""


class ProcessTree:
    """The process table of a run, and the Process objects in it."""

    def __init__(
        self,
        names: Sequence[str],
        tell: Told,
        *,
        serves: bool = False,
        named: Sequence[Collection[str]] = (),
    ) -> None:
        """Make the table of these processes. `serves`: they are started by forkserver.

        `named` has for each process the names of Process objects that it, or a process that it
        starts, may use; it gets copies of no others. If it is empty, they get copies of all.
        """
        self._serves, self._named = serves, named
        self.members = [Member(index, name) for index, name in enumerate(names)]
        self._tell = tell

    # -- the system's table ---------------------------------------------------------------------

    def arrive(self, index: int, variables: dict[str, Any]) -> None:
        """Note that the supervisor has started a program of the file."""
        member = self.members[index]
        member.status, member.variables = Status.ALIVE, dict(variables)
        self._tell("born", index, REAPER)

    def bear(self, parent: int, handle: Handle, *, copies: bool, variables: dict[str, Any]) -> None:
        """Note that `handle.start()` has succeeded. `copies`: the child has its parent's memory."""
        child, mother = self.members[handle.child], self.members[parent]
        child.parent = SERVER if self._serves else parent
        child.starter, child.status, child.daemon = parent, Status.ALIVE, handle.daemon
        if copies:  # before `started` is set in the handle
            its = self._named[handle.child] if self._named else mother.handles
            child.handles = {
                name: replace(mother.handles[name]) for name in its if name in mother.handles
            }
        handle.started = True
        mother.children[handle.child] = handle
        if self._serves:
            mother.served += 1
        else:
            mother.offspring[handle.child] = None
        child.variables = variables
        self._tell("born", handle.child, parent)

    def begin_thread(self, process: int, index: int, variables: dict[str, Any]) -> None:
        """Note that a thread of `process` has been started. It sees these variables."""
        thread, mother = self.members[index], self.members[process]
        thread.parent, thread.status, thread.thread = process, Status.ALIVE, True
        thread.variables, thread.handles = variables, mother.handles
        mother.offspring[index] = None
        self._tell("born", index, process)

    def end(self, index: int, exitcode: int) -> None:
        """Make a zombie of a process that has ended. The supervisor adopts its children."""
        member = self.members[index]
        member.exitcode, member.status = exitcode, Status.ZOMBIE
        if member.starter >= 0:
            starter = self.members[member.starter]
            if index in starter.children:
                starter.ended.append(starter.children[index])
        if member.parent == SERVER:
            self.members[member.starter].served -= 1
        for child in sorted(member.offspring):
            self.members[child].parent = REAPER
            if self.members[child].status is Status.ZOMBIE:
                self.reap(child, REAPER)
            else:
                self._tell("adopted", child, REAPER)
        if member.parent == SERVER and not self._is_served(member.starter):
            self.reap(index, REAPER)
        elif member.parent in (REAPER, SERVER) or member.thread:
            self.reap(index, member.parent)

    def _is_served(self, starter: int) -> bool:
        """Return whether a process lives that uses the fork server of `starter`."""
        member = self.members[starter]
        return member.status is Status.ALIVE or member.served > 0

    def reap(self, index: int, by: int) -> None:
        """Remove a process from the table: its parent has waited for it."""
        member = self.members[index]
        member.status = Status.GONE
        if member.parent >= 0:
            self.members[member.parent].offspring.pop(index, None)
        self._tell("reaped", index, by)

    def name(self, index: int) -> str:
        """Return the name of a process, of the supervisor, or of a fork server."""
        if index == SERVER:
            return "forkserver"
        return "supervisor" if index == REAPER else self.members[index].name

    # -- CPython's Process objects ----------------------------------------------------------------

    def poll(self, by: int, handle: Handle) -> int | None:
        """Do as `handle._popen.poll()` in the process `by`; return the exit code, if it is known.

        It is waitpid, which reaps only a child of the caller. A fork server has reaped its child
        already, and tells the exit code.
        """
        if handle.returncode is None and handle.started:
            child = self.members[handle.child]
            if child.status is Status.ZOMBIE and child.parent == by:
                handle.returncode = child.exitcode
                self.reap(child.index, by)
            elif child.status is Status.GONE and child.parent == SERVER:
                handle.returncode = child.exitcode
        return handle.returncode

    def clean_up(self, by: int) -> None:
        """Do as multiprocessing's `_cleanup`: reap the zombies among the children of `by`."""
        member = self.members[by]
        for handle in member.ended:
            if self.poll(by, handle) is not None:
                member.children.pop(handle.child, None)
        member.ended.clear()

    def forget(self, by: int, handle: Handle) -> None:
        """Remove a Process object from multiprocessing's set of children."""
        children = self.members[by].children
        if children.get(handle.child) is handle:
            del children[handle.child]
