"""Deadlock: whether processes wait for each other for ever, and which for which, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.semantics import Semantics
from kernel.lifecycle.sync.waiting import Reason
from kernel.process.control_block import Process
from kernel.process.states import BLOCKED, NEW, SUSPENDED, UNBORN
from kernel.process.waits_for import WaitsFor
from translation import mark, recorded

AND = mark("{first} and {second}")
NEXT = mark("{first}; {second}")


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
            waits = process.state is BLOCKED or (process.state is SUSPENDED and not process.late)
            if waits and not self._semantics.waits_for_ever(process.index):
                return False
        return True

    def graph(self) -> list[WaitsFor]:
        """Return all processes that wait for ever, and which process each of them waits for."""
        semantics = self._semantics
        rows = [
            waiting(semantics.process_tree, index, semantics.reason(index))
            for index in sorted(semantics.waits)
        ]
        return rows + [
            WaitsFor(process.name, recorded("for memory"), "", [])
            for process in self._processes
            if process.state is NEW or (process.state is SUSPENDED and process.late)
        ]

    def words(self) -> str:
        """Return in one sentence which process waits for which."""
        return sentence(self.graph())

    def names(self) -> list[str]:
        """Return the names of the processes that wait for ever."""
        return [row.process for row in self.graph()]


def waiting(tree: ProcessTree, index: int, reason: Reason) -> WaitsFor:
    """Return the row of process `index`, which waits for this reason."""
    name, holders = tree.name(index), list(reason.holders)
    because = reason.because
    if because is None:
        names = list(_holders(tree, holders, index))
        because = recorded(reason.link, holders=_joined(AND, names)) if names else ""
    return WaitsFor(name, reason.what, because, [tree.name(each) for each in holders])


def sentence(graph: Iterable[WaitsFor]) -> str:
    """Return a deadlock in one sentence."""
    return recorded("deadlock: {waits}", waits=_joined(NEXT, [row.words() for row in graph]))


def _joined(link: str, texts: Sequence[str]) -> str:
    """Return the texts with `link` between each two; there may be thousands."""
    if len(texts) < 2:
        return texts[0] if texts else ""
    half = len(texts) // 2
    first, second = _joined(link, texts[:half]), _joined(link, texts[half:])
    return recorded(link, first=first, second=second)


def _holders(tree: ProcessTree, holders: Sequence[int], waiter: int) -> Iterator[str]:
    for holder in holders:
        yield recorded("itself") if holder == waiter else _how_it_is(tree, holder)


def _how_it_is(tree: ProcessTree, index: int) -> str:
    member = tree.members[index]
    if member.status is Status.ALIVE:
        return member.name
    code = member.exitcode or 0
    if code < 0:
        return recorded("{process}, which was killed by signal {n}", process=member.name, n=-code)
    return recorded("{process}, which ended with exit code {n}", process=member.name, n=code)
