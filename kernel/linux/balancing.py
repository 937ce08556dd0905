"""Linux's periodic balancing between the queues of cores (sched_balance_rq, kernel/sched/fair.c).

A busy core looks at the others every 16 ms for each core there is, less a tick; after a look at
which all was balanced, half as often. If the load (the sum of the weights in the queue) of another
core is more than 17 % above its own, it takes tasks from the core with the largest one, until both
are at the mean. It takes the task that has waited longest first, and none that ran within the last
0.5 ms (it is warm in the cache). A task whose weight is more than what is to be moved stays; but
with each look that failed to move one, half of the weight is enough. So three equal tasks on two
cores wander: every second look moves the one that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kernel.linux.clock import Ticks
from kernel.process.control_block import Process

BUSY_INTERVAL = 16_000_000
"""ns for each core: the domain's interval in ms (its weight) times busy_factor."""
IMBALANCE_PCT = 117
CACHE_HOT = 500_000
"""ns, sysctl_sched_migration_cost"""


class PeriodicBalance:
    """When each core looks at the others, and what it takes."""

    def __init__(self, ticks: Ticks, cores: int) -> None:
        self._ticks, self._cores = ticks, cores
        least = max(2, BUSY_INTERVAL * cores // ticks.period)
        self._least, self._most = least, 2 * least  # ticks
        self._interval = [least] * cores
        self._failed = [0] * cores  # looks in a row that found an imbalance and moved nothing
        self._unbalanced = False  # what the last look found
        self._next = [ticks.at_or_after(0) + (least - 1) * ticks.period] * cores  # ns

    def next_look(self, now: int) -> int:
        """Return the time (ns) of the next look of any core, later than `now`."""
        return max(min(self._next), self._ticks.after(now))

    def due(self, now: int) -> Iterator[int]:
        """Yield the cores whose look is due."""
        return (core for core in range(self._cores) if self._next[core] <= now)

    def looked(self, core: int, now: int, *, moved: bool) -> None:
        """Note that a core has looked, and when it looks again."""
        if moved:
            self._failed[core] = 0
        elif self._unbalanced:
            self._failed[core] += 1
        else:
            self._failed[core] = 0
        balanced = not moved and not self._unbalanced
        interval = min(2 * self._interval[core], self._most) if balanced else self._least
        self._interval[core] = interval
        self._next[core] = self._ticks.at_or_after(now) + (interval - 1) * self._ticks.period

    def taken(
        self,
        core: int,
        loads: Sequence[int],
        busiest: int,
        waiting: Iterable[tuple[Process, int]],
        now: int,
    ) -> Iterator[Process]:
        """Yield the tasks that `core` takes from the core `busiest`, by the loads of all cores.

        `waiting`: tasks that may move, each with the part of the busiest core's load that it is.
        """
        many, total, most, own = len(loads), sum(loads), loads[busiest], loads[core]
        self._unbalanced = busiest != core and most * 100 > own * IMBALANCE_PCT
        if not self._unbalanced:
            return
        left = min(most * many - total, total - own * many)  # to be moved, times `many`
        for process, weight in waiting:
            hot = now - process.ready_since < CACHE_HOT
            if left <= 0:
                return
            if hot or not process.account.fair or weight * many >> self._failed[core] > left:
                continue
            left -= weight * many
            yield process
