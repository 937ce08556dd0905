"""The outcomes of calls, and what the calls need of the operating system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kernel.lifecycle.process_tree import Handle, Member, ProcessTree
from kernel.process.calls import Call, LifecycleRules

GO, WAIT = "go", "wait"
"""The caller goes on (GO), or it waits and makes the call again when it is woken (WAIT).
An outcome that is a whole number is an exit code: the caller has ended."""
Outcome = str | int

CallFunction = Callable[[Member, Call], Outcome]
"""Takes the process that makes a call, and the call."""


class Raised(Exception):  # noqa: N818 - it is CPython's error, as a text
    """CPython's error in a call, as a text: `AssertionError: can only join a child process`."""


class CallEnvironment(Protocol):
    """What the calls need of the operating system. A process is known by its index."""

    def begin(self, child: int) -> None:
        """Let `child`, which has just been started, arrive now."""

    def signal(self, victim: int, number: int) -> None:
        """End `victim`, which is alive, by a signal."""

    def wake(self, sleeper: int) -> None:
        """Let `sleeper` make its call again: what it waits for may have happened."""

    def await_timeout(self, index: int, delay: int) -> None:
        """Wake process `index` in `delay` ns, at the latest."""

    def uses_memory(self, index: int) -> str:
        """Return the event of the memory step that is the current step of the process."""

    def says(self, index: int, name: str, value: Any) -> None:
        """Note what the process has observed, or printed."""

    def called(self, index: int, call: Call) -> None:
        """Note that the process makes this call now, and does not wait."""


@dataclass(slots=True)
class CallContext:
    """The objects that the families of calls share."""

    process_tree: ProcessTree
    rules: LifecycleRules
    environment: CallEnvironment
    numbers: Mapping[str, int]  # the index of each process by its name in the scenario
    declared: dict[int, Mapping[str, int]] = field(default_factory=dict)  # see `Kinship.declared`
    waits: dict[int, Call] = field(default_factory=dict)  # the call in which a process waits
    granted: set[int] = field(default_factory=set)  # were given a lock, or may pass a barrier
    late: set[int] = field(default_factory=set)  # processes whose timeout is over

    def say(self, member: Member, name: str, value: Any) -> None:
        """Note what a process observes or prints."""
        self.environment.says(member.index, name, value)

    def grant(self, index: int) -> None:
        """Wake a process that was given the lock, or may pass the barrier, for which it waits."""
        self.granted.add(index)
        self.environment.wake(index)

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
        """Return the index of the process of that name. Raises NameError if there is none."""
        if name not in self.numbers:
            raise Raised(f"NameError: name {name!r} is not defined")
        return self.numbers[name]
