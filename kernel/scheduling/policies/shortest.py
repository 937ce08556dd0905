"""Shortest burst first, with and without preemption, and response ratio, which never starves."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Literal

from kernel.process.control_block import Process
from kernel.scheduling.estimate import ExpectsBursts
from kernel.scheduling.ready_queue import LeastFirst
from translation import mark


class ShortestJobFirst(ExpectsBursts, LeastFirst):
    """The shortest next CPU burst first; a burst that has begun runs to its end.

    Least mean waiting of all policies that do not preempt. Needs to know the future, and starves
    long bursts while short ones keep coming.
    """

    rule = mark("the shortest next burst")

    def key(self, process: Process) -> int:
        return self.expected(process)


class ShortestRemainingTimeFirst(ShortestJobFirst):
    """The least remaining CPU burst first; a shorter newcomer takes the core at once.

    Least mean turnaround on one core. Needs to know the future, and starves long bursts even when
    they have begun. A newcomer with exactly as much left does not preempt, unless you say so.
    """

    rule = mark("the least remaining burst")
    takes_cores = True
    requeue: Literal["behind", "keeps-place"] = "behind"
    newcomer: Literal["waits", "preempts"] = "waits"
    conventions = ("requeue", "newcomer")


class HighestResponseRatioNext(ExpectsBursts):
    """The highest (waiting + burst) / burst first; a burst that has begun runs to its end.

    Good as the cure for shortest first: short bursts are ahead, but no process waits for ever.
    Fails without knowledge of the future, like shortest first, and costs O(ready processes): ratios
    change all the time. Brinch Hansen, 1971.
    """

    rule = mark("the highest response ratio")

    def setup(self) -> None:
        super().setup()
        self._waiting: dict[Process, None] = {}  # in the order they became ready

    def ratio(self, process: Process) -> Fraction:
        """Return the exact response ratio as of now."""
        burst = max(1, self.expected(process))
        return Fraction(self.now - process.ready_since + burst, burst)

    def ready(self, process: Process, why: str) -> None:
        self._waiting[process] = None

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        able = self._in_order()
        if self.has_pinned:
            able = [process for process in able if process.may_use(core)]
        best = max(able, key=self.ratio, default=None)  # the first of equals
        if best is None:
            return None
        del self._waiting[best]
        return best, None

    def _in_order(self) -> Iterable[Process]:
        return self._waiting if self.drawn_by is None else sorted(self._waiting, key=self.drawn_by)

    def removed(self, process: Process) -> None:
        del self._waiting[process]

    def keys(self, process: Process) -> dict[str, Any]:
        return {"ratio": round(float(self.ratio(process)), 3)}
