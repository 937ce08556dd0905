"""What comes of a call, and what the calls need of the operating system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kernel.lifecycle.process_tree import Handle, Member, ProcessTree
from kernel.process.calls import Call, LifecycleRules

GO, WAIT = "go", "wait"
"""What becomes of the caller: it goes on, or it waits and makes the call again when it is woken.
A whole number is its exit code: it has ended."""
Outcome = str | int

CallFunction = Callable[[Member, Call], Outcome]
"""Takes the process that makes a call, and the call."""


class Raised(Exception):  # noqa: N818 - it is CPython's error, as a text
    """The call raises: `AssertionError: can only join a child process`."""


class CallEnvironment(Protocol):
    """What the calls need of the operating system. Processes are known by their index."""

    def begin(self, child: int) -> None:
        """`child` has been born: it arrives now."""

    def signal(self, victim: int, number: int) -> None:
        """End `victim`, which is alive, by a signal."""

    def wake(self, sleeper: int) -> None:
        """Let `sleeper` make its call again: what it waits for may have happened."""

    def await_timeout(self, index: int, delay: int) -> None:
        """Wake process `index` in `delay` ns, at the latest."""

    def uses_memory(self, index: int) -> str:
        """Return the event that the memory step is to which the process has come."""

    def says(self, index: int, name: str, value: Any) -> None:
        """Note what the process has observed, or printed."""

    def called(self, index: int, call: Call) -> None:
        """Note that the process makes this call now, and does not wait."""


@dataclass(slots=True)
class CallContext:
    """What the families of calls share."""

    process_tree: ProcessTree
    rules: LifecycleRules
    host: CallEnvironment
    numbers: Mapping[str, int]  # of processes, as the scenario has them
    declared: dict[int, Mapping[str, int]] = field(default_factory=dict)  # see `Kinship.declared`
    waits: dict[int, Call] = field(default_factory=dict)  # the call in which a process waits
    granted: set[int] = field(default_factory=set)  # have been given what they wait for
    late: set[int] = field(default_factory=set)  # their timeout is over

    def say(self, member: Member, name: str, value: Any) -> None:
        """Note what a process observes or prints."""
        self.host.says(member.index, name, value)

    def grant(self, index: int) -> None:
        """Wake a process that has been given what it waits for."""
        self.granted.add(index)
        self.host.wake(index)

    def declares(self, member: Member, name: str) -> bool:
        """Return whether the process's own program makes a Process object of that name."""
        return name in self.declared.get(member.index, {})

    def handle(self, member: Member, name: str) -> Handle:
        """Return the Process object of that name in its memory. Raises NameError without one."""
        if name not in member.handles:
            child = self.declared.get(member.index, {}).get(name)
            if child is None:
                raise Raised(f"NameError: name {name!r} is not defined")
            member.handles[name] = Handle(name, child, member.index)
        return member.handles[name]

    def open_handle(self, member: Member, name: str) -> Handle:
        """Return the Process object of that name. Raises ValueError if it is closed."""
        handle = self.handle(member, name)
        if handle.closed:
            raise Raised("ValueError: process object is closed")
        return handle

    def number(self, name: str) -> int:
        """Return the index of the process of that name, wherever it was started."""
        if name not in self.numbers:
            raise Raised(f"NameError: name {name!r} is not defined")
        return self.numbers[name]
