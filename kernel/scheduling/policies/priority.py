"""Scheduling by priorities."""

from __future__ import annotations

import heapq
from typing import Any, Literal

from kernel.process.control_block import Process
from kernel.scheduling.ready_queue import LeastFirst
from kernel.units import Duration
from translation import mark, tr


class Priority(LeastFirst):
    """The most important ready process first: the smallest number, or the largest if you say so.

    Good when importance is known beforehand. Starves unimportant processes under load, unless
    `aging` lifts a process that waits. Equals are served first come, first served, or in turn with
    a `quantum`.
    """

    rule = mark("the most important")
    goes_by_priority = True
    preemptive: bool = True
    highest: Literal["small", "large"] = "small"
    aging: Duration | None = None  # each time a process improves costs a decision
    quantum: Duration | None = None
    requeue: Literal["behind", "keeps-place"] = "behind"
    conventions = ("requeue",)

    def check(self) -> None:
        if self.requeue == "keeps-place" and not self.preemptive:
            raise ValueError(
                tr(
                    "requeue: with preemptive: false no process is preempted, so requeue has no "
                    "meaning; leave it out"
                )
            )

    def setup(self) -> None:
        self.takes_turns = self.quantum is not None
        super().setup()
        self.takes_cores = self.preemptive
        self._sign = 1 if self.highest == "small" else -1
        self._lifts: list[tuple[int, int, Process, Any]] = []  # ns, turn, process, its place

    @property
    def overrides(self) -> frozenset[str]:
        return super().overrides - ({"review", "next_review"} if self.aging is None else set())

    def key(self, process: Process) -> int:
        if self.aging is None:
            return self._sign * process.priority
        level: int = process.account  # the least runs first; unchanged while the process runs
        return level

    def ready(self, process: Process, why: str) -> None:
        if self.aging is None:
            super().ready(process, why)
            return
        waited = (self.now - process.ready_since) // self.aging  # above 0 only if it migrated
        process.account = self._sign * process.priority - waited
        super().ready(process, why)
        next_lift = process.ready_since + (waited + 1) * self.aging
        heapq.heappush(self._lifts, (next_lift, process.turn, process, process.place))

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        pick = super().pick(core)
        return pick and (pick[0], self.quantum)

    def review(self) -> None:
        while (at := self.next_review()) is not None and at <= self.now:
            _, turn, process, _ = heapq.heappop(self._lifts)
            process.account -= 1
            self.insert(process, turn)
            heapq.heappush(self._lifts, (at + (self.aging or 0), turn, process, process.place))

    def next_review(self) -> int | None:
        """Return when the priority of the first process that still waits improves."""
        while self._lifts and self._lifts[0][2].place is not self._lifts[0][3]:
            heapq.heappop(self._lifts)
        return self._lifts[0][0] if self._lifts else None

    def keys(self, process: Process) -> dict[str, int]:
        return {"level": self._sign * self.key(process)}
