"""The ready queue of every policy that always takes the least key."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count
from typing import Any

from kernel.errors import PolicyError
from kernel.process import Process
from kernel.scheduling.policy import Policy


class LeastFirst(Policy):
    """Picks the ready process with the least `key`; equal keys in the order they became ready.

    A subclass says what the key is, and whether a ready process with a lesser key takes the core
    of a running one (`takes_cores`): of the one with the greatest key, and among equals of the one
    that became ready last. Each decision costs O(log ready processes).
    """

    takes_cores = False

    def key(self, process: Process) -> Any:
        """What is compared; must not change while the process is ready."""
        raise PolicyError(f"{type(self).__name__} must have a method key(self, process)")

    def setup(self) -> None:
        self._heap: list[tuple[Any, int, Process]] = []
        self._order = count()
        self._turn: dict[Process, int] = {}  # the number of its latest `ready` call

    def ready(self, process: Process, why: str) -> None:
        turn = self._turn[process] = next(self._order)
        heapq.heappush(self._heap, (self.key(process), turn, process))

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        return (heapq.heappop(self._heap)[2], None) if self._heap else None

    def loses(self, running: Sequence[Process]) -> Process | None:
        if not (self.takes_cores and self._heap and running):
            return None
        worst = max(running, key=lambda process: (self.key(process), self._turn[process]))
        return worst if self._heap[0][0] < self.key(worst) else None

    def removed(self, process: Process) -> None:
        self._heap = [entry for entry in self._heap if entry[2] is not process]
        heapq.heapify(self._heap)
