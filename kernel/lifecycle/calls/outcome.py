"""The outcomes of calls, and what the calls need of the operating system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from kernel.lifecycle.process_tree import Handle, Member, ProcessTree, Status
from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.descriptors import Descriptors, OpenFile
from kernel.lifecycle.sync.ends import Ends
from kernel.lifecycle.sync.waiting import Steps, Wait
from kernel.process.calls import Call, LifecycleRules

__all__ = ["GO", "WAIT", "CallContext", "CallEnvironment", "CallFunction", "Outcome", "Raised"]

GO, WAIT = "go", "wait"
"""The caller goes on (GO), or it waits and makes the call again when it is woken (WAIT).
An outcome that is a whole number is an exit code: the caller has ended."""
Outcome = str | int

CallFunction = Callable[[Member, Call], Outcome | Steps]
"""Takes the process that makes a call, and the call. Returns the outcome if the call never waits.

Otherwise it returns a generator (see `sync.waiting`) whose result is an exit code, or None: GO.
"""


class CallEnvironment(Protocol):
    """What the calls need of the operating system. A process is known by its index."""

    def now(self) -> int:
        """Return the time, ns."""

    def begin(self, child: int) -> None:
        """Let `child`, which has just been started, arrive now."""

    def signal(self, victim: int, number: int) -> None:
        """Send a signal to `victim`, which is alive. It acts when the caller has left its core."""

    def wake(self, sleeper: int) -> None:
        """Let `sleeper` go on with its call: what it waits for may have happened."""

    def await_timeout(self, index: int, wait: Wait, delay: int) -> None:
        """Call `time_is_over` of process `index` with this wait in `delay` ns."""

    def uses_memory(self, index: int) -> str:
        """Return the event of the memory step that is the current step of the process."""

    def says(self, index: int, name: str, value: Any) -> None:
        """Note what the process has observed, or printed."""

    def called(self, index: int, call: Call) -> None:
        """Note that the call of the process is over, or has ended the process."""

    def fed(self, index: int, thread: str) -> None:
        """Note that a thread of process `index` is about to go on: a feeder, a pool's handler."""

    def begin_task(self, index: int, number: int) -> None:
        """Let process `index`, a worker of a pool, go on with the task of that number."""

    def leave_task(self, index: int) -> None:
        """Let process `index` go on behind the task with whose steps it is busy."""


@dataclass(slots=True)
class CallContext:
    """The objects that the families of calls share."""

    process_tree: ProcessTree
    rules: LifecycleRules
    environment: CallEnvironment
    numbers: Mapping[str, int]  # the index of each process by its name in the scenario
    declared: dict[int, Mapping[str, int]] = field(default_factory=dict)  # see `Kinship.declared`
    waits: dict[int, Call] = field(default_factory=dict)  # the call in which a process waits
    actors: dict[int, Actor] = field(default_factory=dict)  # by process or thread
    descriptors: Descriptors = field(default_factory=Descriptors)
    sentinels: dict[int, OpenFile] = field(default_factory=dict)
    """By child: the pipe whose closing a join with a timeout waits for."""
    ends: dict[int, list[Ends]] = field(default_factory=lambda: defaultdict(list))
    """By process: the waits for its end."""
    calling: int = -1  # the process that makes a call, or -1
    goes_on: bool = False  # what it waits for has come before it has left its core

    def wake(self, index: int) -> None:
        """Let a process or thread that waits go on. One that makes a call goes on with that."""
        if index == self.calling:
            self.goes_on = True
        else:
            self.environment.wake(index)

    def actor(self, index: int) -> Actor:
        """Return the actor of a process or thread."""
        if index not in self.actors:
            member, environment = self.process_tree.members[index], self.environment
            self.actors[index] = Actor(
                index,
                member.parent if member.thread else index,
                member.name,
                partial(self.wake, index),
                partial(environment.await_timeout, index),
            )
        return self.actors[index]

    def process_of(self, member: Member) -> Member:
        """Return the process to which a thread belongs; a process itself."""
        return self.process_tree.members[member.parent] if member.thread else member

    def all_ended(self, indices: Iterable[int], words: Callable[[list[int]], str]) -> Ends:
        """Return what an actor waits for that waits for the ends of these processes."""
        alive = [each for each in indices if self.is_alive(each)]
        ends = Ends(alive, words)
        for index in alive:
            self.ends[index].append(ends)
        return ends

    def is_alive(self, index: int) -> bool:
        """Return whether a process or thread is alive."""
        return self.process_tree.members[index].status is Status.ALIVE

    def say(self, member: Member, name: str, value: Any) -> None:
        """Note what a process observes or prints."""
        self.environment.says(member.index, name, value)

    def declares(self, member: Member, name: str) -> bool:
        """Return whether the process's own program makes a Process object of that name."""
        return name in self.declared.get(member.index, {})

    def handle(self, member: Member, name: str) -> Handle:
        """Return the Process object of that name in its memory. Raises NameError without one."""
        if name not in member.handles:
            child = self.declared.get(member.index, {}).get(name)
            if child is None:
                raise Raised(f"NameError: name {name!r} is not defined")
            member.handles[name] = Handle(name, child, self.process_of(member).index)
        return member.handles[name]

    def open_handle(self, member: Member, name: str) -> Handle:
        """Return the Process object of that name. Raises ValueError if it is closed."""
        handle = self.handle(member, name)
        if handle.closed:
            raise Raised("ValueError: process object is closed")
        return handle

    def number(self, name: str) -> int:
        """Return the index of the process of that name. Raises NameError if there is none."""
        if name not in self.numbers:
            raise Raised(f"NameError: name {name!r} is not defined")
        return self.numbers[name]
