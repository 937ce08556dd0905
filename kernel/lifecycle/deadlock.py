"""Deadlock: whether processes wait for each other for ever, and which for which, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernel.lifecycle.process_tree import Status
from kernel.lifecycle.semantics import Semantics
from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.states import BLOCKED, NEW, SUSPENDED, UNBORN


class DeadlockDetection:
    """Looks for a deadlock of the processes of a run."""

    def __init__(
        self, semantics: Semantics, processes: Sequence[Process], started: set[int]
    ) -> None:
        """Watch these processes. `started`: the indices of processes that others start."""
        self._semantics, self._processes, self._started = semantics, processes, started

    def has_come(self) -> bool:
        """Return whether no process waits for anything but another process, or for memory.

        Called while no process runs or is ready.
        """
        for process in self._processes:
            if process.state is UNBORN and process.index not in self._started:
                return False
            if process.state is BLOCKED or (process.state is SUSPENDED and not process.late):
                call = self._semantics.waits.get(process.index)
                if call is None or (call.kind == "join" and call.value is not None):
                    return False
        return True

    def words(self) -> str:
        """Return in one sentence which process waits for which."""
        return deadlock_words(self._semantics, self._without_memory())

    def names(self) -> list[str]:
        """Return the names of the processes that wait for ever."""
        return stuck_names(self._semantics, self._without_memory())

    def _without_memory(self) -> list[str]:
        return [
            process.name
            for process in self._processes
            if process.state is NEW or (process.state is SUSPENDED and process.late)
        ]


def deadlock_words(semantics: Semantics, waiting_for_memory: list[str]) -> str:
    """Return one sentence: each process that waits, for what, and which process holds it."""
    parts = [*_waits(semantics), *(f"{name} waits for memory" for name in waiting_for_memory)]
    return f"deadlock: {'; '.join(parts)}"


def stuck_names(semantics: Semantics, waiting_for_memory: list[str]) -> list[str]:
    """Return the names of the processes that wait for ever."""
    name = semantics.process_tree.name
    return [name(index) for index in sorted(semantics.waits)] + waiting_for_memory


def _waits(semantics: Semantics) -> Iterator[str]:
    for index, call in sorted(semantics.waits.items()):
        yield f"{semantics.process_tree.name(index)} {_wait(semantics, index, call)}"


def _wait(semantics: Semantics, index: int, call: Call) -> str:
    tree = semantics.process_tree
    if call.kind == "lock":
        holder = semantics.locks[call.name].holder
        assert holder is not None
        return f"waits for lock {call.name}, held by {_holder(semantics, holder, index)}"
    if call.kind == "receive":
        return f"waits for queue {call.name}, to which no process sends"
    if call.kind == "barrier":
        barrier = semantics.barriers[call.name]
        there = f"{len(barrier.waiting)} of {barrier.parties}"
        return f"waits at barrier {call.name} with {there}"
    if call.kind == "join":
        return f"waits for the end of {call.name}"
    if call.kind == "threads":
        living = (each for each in call.value if tree.members[each].status is Status.ALIVE)
        return f"waits for its threads {', '.join(map(tree.name, living))}"
    children = (handle.name for handle in tree.members[index].children)
    return f"waits at its exit for its children {', '.join(children)}"


def _holder(semantics: Semantics, holder: int, waiter: int) -> str:
    member = semantics.process_tree.members[holder]
    if holder == waiter:
        return "itself"
    if member.status is Status.ALIVE:
        return member.name
    code = member.exitcode or 0
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"{member.name}, which {how}"
