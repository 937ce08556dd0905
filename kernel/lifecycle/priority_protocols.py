"""Protocols of locks, by which the holder of a lock gets a higher priority for some time.

Without one, a process that waits for a lock waits for every process that is more important than the
holder, and less important than itself: priority inversion. Both protocols are those of POSIX
(`pthread_mutexattr_setprotocol`) and of Sha, Rajkumar and Lehoczky (1990):

- inheritance: the holder has the highest priority of those that wait for the lock, and so has the
  holder of a lock for which this holder waits.
- ceiling: the holder has at least the priority that is written in the lock, from its first instant
  on. This is the immediate ceiling, PTHREAD_PRIO_PROTECT.

A lock with a protocol wakes the most important process that waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kernel.lifecycle.sync.actor import Actor
from kernel.lifecycle.sync.semaphore import Semaphore
from kernel.process.calls import LockRules
from kernel.process.control_block import Process
from kernel.process.states import DEAD, ZOMBIE

INHERITS, RESTORED = "inherits", "restored"
"""The events: a process gets a priority of another process, or of a ceiling; it has its own again.

The process that is named with the first is the one that waits, or for a ceiling the holder.
"""


class Lent(NamedTuple):
    """A priority that a process has for some time, and the index of the process that lends it."""

    priority: int
    lender: int


class PriorityProtocols:
    """The priorities of all processes, as the locks that they hold change them."""

    def __init__(
        self,
        locks: Mapping[str, Semaphore],
        rules: Mapping[str, LockRules],
        processes: Sequence[Process],
        sign: int,
    ) -> None:
        """Watch the locks that have a protocol. `sign`: see `SchedulerSpec.urgency_sign`."""
        self._locks = [
            (locks[name], rule) for name, rule in rules.items() if rule.protocol != "none"
        ]
        self._processes, self._sign = processes, sign
        self._own = {process.index: process.priority for process in processes}
        self._lent: dict[int, Lent] = {}
        for lock, _ in self._locks:
            lock.line.order = self._urgency

    def _urgency(self, actor: Actor) -> int:
        return self._sign * self._processes[actor.process].priority

    def apply(
        self,
        change: Callable[[Process, int], None],
        tell: Callable[[str, Process, Process], None],
    ) -> None:
        """Change the priorities that are not as the locks want them, now.

        `change` takes a process and its priority, `tell` an event, its process, and the lender.
        """
        lent = self._wanted()
        for index in sorted(self._lent.keys() | lent.keys()):
            before, after = self._lent.get(index), lent.get(index)
            process = self._processes[index]
            if before == after or process.state in (ZOMBIE, DEAD):
                continue
            change(process, self._own[index] if after is None else after.priority)
            if after is None:
                tell(RESTORED, process, process)
            else:
                tell(INHERITS, process, self._processes[after.lender])
        self._lent = lent

    def _wanted(self) -> dict[int, Lent]:
        """Return what is lent to each process, by index."""
        lent: dict[int, Lent] = {}

        def priority(index: int) -> int:
            return lent[index].priority if index in lent else self._own[index]

        grows = True
        while grows:  # a holder that waits for another lock hands on what it has got
            grows = False
            for holder, offers in self._holders():
                for lender, ceiling in offers:
                    offered = priority(lender) if ceiling is None else ceiling
                    if self._sign * offered < self._sign * priority(holder):
                        lent[holder], grows = Lent(offered, lender), True
        return lent

    def _holders(self) -> Iterator[tuple[int, list[tuple[int, int | None]]]]:
        """Yield the holders of all locks, and for each the lenders and the ceilings of its lock."""
        for lock, rule in self._locks:
            for holder in lock.holders:
                if rule.protocol == "ceiling":
                    yield holder.process, [(holder.process, rule.ceiling)]
                else:
                    yield holder.process, [(each.process, None) for each in lock.line.waiting]
