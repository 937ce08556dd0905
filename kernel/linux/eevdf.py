"""EEVDF, Linux's fair class since 6.6: earliest eligible virtual deadline first.

The virtual time v of a task advances with the CPU time it gets, over its weight. V, the mean of all
v by weight, is where all tasks would be if the core were shared out perfectly. A task that is not
ahead of V is eligible. The eligible task with the earliest virtual deadline runs. The deadline is
the v at which the task asked for its slice, plus the slice in virtual time.

After kernel/sched/fair.c, 6.12 to 6.18. I. Stoica and H. Abdel-Wahab, Earliest eligible virtual
deadline first, Old Dominion University, TR-95-22 (1995).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic

from kernel.linux.clock import Ticks
from kernel.linux.task import UNIT
from kernel.linux.waiting import E, WaitingTasks


class Eevdf(Generic[E]):
    """The fair queue of one core, or of a group on it: the running task and the delayed ones too.

    With groups its tasks may be groups (`kernel.linux.groups`).
    """

    def __init__(self, ticks: Ticks) -> None:
        self._tick = ticks.period
        self._ticks = ticks
        self.current: E | None = None  # it has the core, and belongs to the queue
        self._others = WaitingTasks[E]()
        self._floor = 0  # V when the queue was last empty

    # -- V, and what follows from it ---------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._others) + (self.current is not None)

    def sums(self) -> tuple[int, int]:
        """Return (sum of weight x v, sum of weights): V is their quotient."""
        current = self.current
        if current is None:
            return self._others.moment, self._others.weight
        return (
            self._others.moment + current.weight * current.v,
            self._others.weight + current.weight,
        )

    @property
    def average(self) -> int:
        """Return V, rounded down."""
        moment, weight = self.sums()
        return moment // weight if weight else self._floor

    def eligible(self, task: E) -> bool:
        """Return whether the task has had no more than its share."""
        moment, weight = self.sums()
        return moment >= task.v * weight

    def lag(self, task: E) -> int:
        """Return V - v, what the task is owed: at most the longest slice and a tick, either way."""
        most = (max(self._all_slices()) + self._tick) * task.pace
        return max(-most, min(self.average - task.v, most))

    def _all_slices(self) -> Iterator[int]:
        """Yield the slices (ns) that the tasks ask for, each at least once."""
        yield from self._others.slices
        if self.current is not None:
            yield self.current.slice

    def least_slice(self) -> int:
        """Return the shortest slice that a queued task asks for, ns."""
        return min(self._all_slices())

    # -- in and out --------------------------------------------------------------------------------

    def _place(self, task: E, *, forked: bool = False) -> None:
        """Add a task so that it has the lag that it had when it left the queue.

        Adding the task moves V (see the module) towards its v, so the lag is first scaled up.
        """
        average, weight = self.average, self.sums()[1]
        lag = task.lag * (weight + task.weight) // weight if weight else 0
        task.v = average - lag
        if task.relative is not None:
            task.deadline, task.relative = task.v + task.relative, None
        else:
            request = task.slice * task.pace
            task.deadline = task.v + (request // 2 if forked else request)
        self._others.add(task)

    def fork(self, task: E) -> None:
        """Add a new task, which is owed nothing; its first request is half a slice."""
        self._place(task, forked=True)

    def wake(self, task: E) -> None:
        """Add a task that woke, or came from another core."""
        if not task.delayed:
            self._place(task)
            return
        task.delayed = False
        if self.lag(task) > 0:  # V has passed its v while it slept: that lag is not kept
            self._others.remove(task)
            task.lag = 0
            self._place(task)

    def sleep(self, task: E) -> None:
        """Remove a task that blocks. If it is ahead of V it stays, delayed."""
        if self.eligible(task):
            self.leave(task)
            return
        task.delayed = True
        if self.current is task:
            self._return_to_queue(task)

    def leave(self, task: E, *, moves: bool = False) -> None:
        """Remove a task, and note its lag; `moves`: it keeps its deadline relative to v."""
        task.lag = self.lag(task)
        if task.delayed:
            task.lag, task.delayed = min(task.lag, 0), False
        task.relative = task.deadline - task.v if moves else None
        self._floor = self.average
        if self.current is task:
            self.current = None
        else:
            self._others.remove(task)

    def _return_to_queue(self, task: E) -> None:
        self.current = None
        self._others.add(task)

    def give_up(self, task: E) -> None:
        """Let the running task, which is not alone, yield: it forgoes the rest of its request.

        If it is ahead of V it keeps its request: another task is picked in any case.
        """
        if self.eligible(task):
            task.v = task.deadline
            task.deadline = task.v + task.slice * task.pace

    def put_back(self) -> None:
        """Put the running task, which lost the core to another class, back into the queue."""
        if self.current is not None:
            self._return_to_queue(self.current)

    # -- which task runs ---------------------------------------------------------------------------

    def _choose(self, *, protect: bool = True) -> E:
        """Return the eligible task with the earliest deadline, or the protected running one."""
        current = self.current
        if current is not None and not self._others:
            return current
        if current is not None and not self.eligible(current):
            current = None
        if current is not None and protect and current.v < current.protected:
            return current
        best = self._others.first(*self.sums())
        if best is None or (current is not None and current.deadline < best.deadline):
            best = current
        assert best is not None, "a task is never ahead of the average"
        return best

    def best(self) -> E | None:
        """Return the task that runs next. A delayed task whose turn it is leaves the queue."""
        while len(self):
            best = self._choose()
            if not best.delayed:
                return best
            self.leave(best)
        return None

    def begin(self, task: E) -> None:
        """Let the task run, protected until its deadline, or for the least slice of any task."""
        if self.current is task:
            return
        self.put_back()
        self._others.remove(task)
        self.current = task
        task.protected = task.deadline
        least = self.least_slice()
        if least != task.slice:
            task.protected = min(task.protected, task.v + least * task.pace)

    # -- as time passes ----------------------------------------------------------------------------

    def charge(self, since: int, now: int) -> bool:
        """Charge the running task for `since` to `now`. Return whether it may be preempted."""
        task, ran = self.current, now - since
        assert task is not None
        if not self._others:
            self._requests_alone(task, since, now)
        task.v += ran * task.pace
        renewed = task.v >= task.deadline
        if renewed:
            task.deadline = task.v + task.slice * task.pace
        return bool(self._others) and (renewed or task.v >= task.protected)

    def _requests_alone(self, task: E, since: int, now: int) -> None:
        """Renew the deadline of a task that was alone, as the ticks meanwhile have renewed it."""
        period = self._tick
        need = -((task.v - task.deadline) // task.pace)  # ns until the deadline, rounded up
        first, last = self._ticks.at_or_after(max(since + need, since + 1)), now
        if first <= last:
            step = -(-task.slice // period) * period  # from one renewal to the next
            renewal = first + (last - first) // step * step
            task.deadline = task.v + (renewal - since + task.slice) * task.pace

    def looked_at_in(self) -> int | None:
        """Return the ns that the running task may have before the tick at which it is preempted."""
        task = self.current
        if task is None or not self._others:
            return None
        return max(0, -((task.v - min(task.protected, task.deadline)) // task.pace))

    def over_in(self) -> int | None:
        """Return the ns until the running task's slice is over, or another may be picked if it is.

        Another task may be picked when the deadline is renewed, when the running task is ahead of
        V, or when V reaches a task that is ahead of it now. The time returned is a lower bound.
        """
        task, rest = self.current, self.looked_at_in()
        if task is None or rest != 0:
            return rest
        moment, weight = self.sums()
        renewed = -((task.v - task.deadline) // task.pace)
        ahead = (self._others.moment // self._others.weight - task.v) // task.pace + 1
        nearest = self._others.nearest()
        reached = renewed if nearest is None else -((moment - nearest * weight) // UNIT)
        return max(1, min(renewed, ahead, reached))

    def preempts(self, task: E, kind: str | None = None) -> bool:
        """Return whether `task`, which just woke, preempts the running task.

        `kind`: of a group, the class of the task in it that woke.
        """
        current = self.current
        assert current is not None
        if current.idle != task.idle:
            if current.idle:
                current.protected = current.v
            return current.idle
        if (kind or task.kind) != "other":
            return False
        short = self._is_shorter(task, current)
        if self._choose(protect=not short) is task:
            if short:
                current.protected = current.v
            return True
        current.protected = min(current.protected, current.v + self.least_slice() * current.pace)
        return False

    def _is_shorter(self, task: E, current: E) -> bool:
        """Return whether `task` asks for a shorter slice: then it may preempt a protected task."""
        return (
            task.slice < current.slice
            and self.eligible(task)
            and (task.deadline < current.deadline or not self.eligible(current))
        )
