"""The ready queue of every policy that always takes the least key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from kernel.process.control_block import Process
from kernel.scheduling.newcomers import Newcomers
from kernel.scheduling.policy import Policy, missing_method


class LeastFirst(Policy):
    """Picks the ready process with the least `key`; of equals the one that became ready first.

    A subclass says what the key is, and whether a ready process with a lesser key preempts a
    running one (`takes_cores`). Then the running process with the greatest key is preempted, and
    among equals the one that became ready last. Each decision costs O(log ready processes).
    The scenario's `draws` may order equals otherwise; a subclass that annotates `requeue` or
    `newcomer` offers these conventions as parameters.
    """

    takes_cores = False
    takes_turns = False
    """Do processes with equal keys take turns? Then no draw decides among them (`draws`)."""
    requeue = "behind"
    newcomer = "waits"

    def key(self, process: Process) -> Any:
        """Return what is compared. It must not change while the process is ready."""
        raise missing_method(type(self), "key(self, process)")

    def setup(self) -> None:
        super().setup()
        self._turns = count(1)  # counts processes as they become ready
        self._draw = None if self.takes_turns else self.drawn_by
        self._plain = self._draw is None and self.requeue == "behind"
        self._newcomers = Newcomers() if self.newcomer == "preempts" else None
        self._heap: list[
            tuple[Any, Any, Process]
        ] = []  # key, place, process; also stale entries of processes that have left

    @property
    def overrides(self) -> frozenset[str]:
        return super().overrides - (set() if self.takes_cores else {"loses"})

    def ready(self, process: Process, why: str) -> None:
        turn = process.turn = next(self._turns) if self._plain else self._turn(process, why)
        self.insert(process, turn)
        if self._newcomers is not None:
            self._newcomers.note(process, why, self.now)

    def _turn(self, process: Process, why: str) -> Any:
        """Return what decides about the process among equal keys, by the conventions."""
        if why == "preempted" and self.requeue == "keeps-place":
            return process.turn
        turn = next(self._turns)
        return turn if self._draw is None else (self._draw(process), turn)

    def insert(self, process: Process, place: Any) -> None:
        """Queue a process; of equal keys the one with the least `place` is ahead.

        Two processes that ever had the same key must not have the same place.
        """
        entry = process.place = self.key(process), place, process
        heappush(self._heap, entry)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        newcomers = self._newcomers
        if newcomers is None:
            process = self.take(core)
        else:
            process = newcomers.pick(partial(self.take, core), self.now)
        return None if process is None else (process, None)

    def take(self, core: int = -1) -> Process | None:
        """Remove the ready process with the least key that may use `core`, and return it."""
        if self.has_pinned:
            return self._take_for(core)
        heap = self._heap
        while heap:
            entry = heappop(heap)
            process = entry[2]
            if process.place is entry:
                process.place = None
                return process
        return None

    def _take_for(self, core: int) -> Process | None:
        """Do the same where some processes may use only some cores."""
        passed = []
        found = None
        while found is None and self._heap:
            entry = heappop(self._heap)
            process = entry[2]
            if process.place is not entry:
                continue
            if process.may_use(core):
                process.place, found = None, process
            else:
                passed.append(entry)
        for entry in passed:
            heappush(self._heap, entry)
        return found

    def least(self) -> Process | None:
        """Return the ready process with the least key."""
        heap = self._heap
        while heap:
            entry = heap[0]
            process = entry[2]
            if process.place is entry:
                return process
            heappop(heap)
        return None

    def in_order(self) -> list[Process]:
        """Return the ready processes in the order in which they would be picked: O(n log n)."""
        return [entry[2] for entry in sorted(self._heap) if entry[2].place is entry]

    def loses(self, running: Sequence[Process]) -> Process | None:
        if self.least() is None or not self.takes_cores:
            return None
        if self.has_pinned:
            return self._loses_to_pinned(running)
        worst = running[0]
        if len(running) > 1:
            worst = max(running, key=lambda process: (self.key(process), process.turn))
        least, _, best = self._heap[0]
        key = self.key(worst)
        if least < key:
            return worst
        if self._newcomers is not None and least == key and self._newcomers.takes(best, worst):
            return worst
        return None

    def _loses_to_pinned(self, running: Sequence[Process]) -> Process | None:
        """Return what is preempted for the first ready process that may use a core of such a one.

        Each ready process is compared with what runs on the cores that it may use.
        """
        for best in self.in_order():
            able = [process for process in running if best.may_use(process.core)]
            if not able:
                continue
            worst = max(able, key=lambda process: (self.key(process), process.turn))
            mine, its = self.key(best), self.key(worst)
            newcomers = self._newcomers
            if mine < its or (mine == its and newcomers and newcomers.takes(best, worst)):
                return worst
        return None

    def removed(self, process: Process) -> None:
        process.place = None
        if self._newcomers is not None:
            self._newcomers.forget(process)
