"""`cpu.max`: a group may have so much CPU time in each period, on all cores together.

The group has a pool, which is filled with the quota at the beginning of each period. Each core
fetches its part from the pool in slices of 5 ms, and so knows when it has to ask again without
looking at the other cores. A core whose part is used up, while the pool is empty, is throttled: the
group leaves its queue until the pool is filled. What the group ran too much, as that is seen at a
tick, is taken off the next quota.

After kernel/sched/fair.c, 6.18: `account_cfs_rq_runtime`, `assign_cfs_rq_runtime`,
`return_cfs_rq_runtime`, `do_sched_cfs_period_timer`, `distribute_cfs_runtime`.
"""

from __future__ import annotations

from kernel.process.linux_attributes import Group

SLICE = 5_000_000
"""ns, sysctl_sched_cfs_bandwidth_slice"""
KEPT = 1_000_000
"""ns that a core keeps of its part when the group has nothing to run there (min_cfs_rq_runtime)."""


class Pool:
    """The CPU time that the cores may still fetch in this period, ns."""

    def __init__(self, quota: int, period: int, first: int) -> None:
        """`first`: when the first period that begins during the run begins, ns."""
        self._quota, self._period = quota, period
        self._left, self._next = quota, first

    def _fill(self, now: int) -> None:
        if now >= self._next:
            self._left = self._quota
            self._next += ((now - self._next) // self._period + 1) * self._period

    def _is_over(self, at: int) -> bool:
        """Return whether the period at `at` is over: the pool has been filled since."""
        return at < self._next - self._period

    def fetch(self, wanted: int, now: int) -> int:
        """Take at most `wanted` ns out of the pool, and return how much that is.

        `now` may be the beginning of a period that is over.
        """
        if self._is_over(now):
            return min(wanted, self._quota)
        self._fill(now)
        taken = min(wanted, self._left)
        self._left -= taken
        return taken

    def give_back(self, amount: int, now: int) -> None:
        """Put into the pool what a core does not need since `now`, which may be in the past."""
        if not self._is_over(now):
            self._fill(now)
            self._left += amount

    def filled_at(self, now: int) -> int:
        """Return when the period after that at `now` begins, ns."""
        if not self._is_over(now):
            self._fill(now)
        return self._next - (self._next - 1 - now) // self._period * self._period


class Part:
    """What one core has fetched of the pool, and whether the group is throttled there."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.left = 0  # ns; below 0: what it ran too much
        self.filled_at: int | None = None  # ns, while it is throttled: when the pool is filled

    @property
    def spent(self) -> bool:
        """Return whether the part is used up, and the pool had no more."""
        return self.left <= 0

    def charge(self, ran: int, now: int) -> None:
        """Take off what the group ran on this core, and fetch more if nothing is left."""
        self.left -= ran
        if self.left <= 0:
            self.left += self._pool.fetch(SLICE - self.left, now)

    def throttle(self, now: int) -> None:
        """Wait for the next period."""
        self.filled_at = self._pool.filled_at(now)

    def refill(self, now: int) -> bool:
        """Return whether the group, which is throttled, may run again.

        It gets 1 ns more than it ran too much: it fetches a slice when it runs. A group that has
        nothing to run is asked late, and gets what it would have got when a period began.
        """
        if self.filled_at is None:
            return False
        while self.filled_at is not None and self.filled_at <= now:
            at = self.filled_at
            self.left += self._pool.fetch(1 - self.left, at)
            self.filled_at = self._pool.filled_at(at) if self.spent else None
        return self.filled_at is None

    def rest(self, now: int) -> None:
        """Give back all but KEPT: the group has nothing to run on this core."""
        if self.left > KEPT:
            self._pool.give_back(self.left - KEPT, now)
            self.left = KEPT


def pool_of(group: Group, elapsed: int) -> Pool | None:
    """Return the pool of a group; None: it has no limit.

    `elapsed`: how many eighths of its period are over when the run begins.
    """
    if group.quota is None:
        return None
    return Pool(group.quota, group.period, group.period - group.period * elapsed // 8)
