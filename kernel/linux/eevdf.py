"""EEVDF, Linux's fair class since 6.6: earliest eligible virtual deadline first.

Everybody's virtual time v advances with the CPU time it gets, over its weight. V, the mean of all v
by weight, is where everybody would be if the core were shared out perfectly. Who is not ahead of V
is eligible; of those, the one whose virtual deadline (v when it asked + its slice) is earliest
runs.

After kernel/sched/fair.c, 6.12 to 6.18. I. Stoica and H. Abdel-Wahab, Earliest eligible virtual
deadline first, Old Dominion University, TR-95-22 (1995).
"""

from __future__ import annotations

from collections.abc import Iterator

from kernel.linux.clock import Ticks
from kernel.linux.task import UNIT, Task
from kernel.linux.waiting import WaitingTasks


class Eevdf:
    """The fair queue of one core, the running one and the delayed ones included."""

    def __init__(self, ticks: Ticks) -> None:
        self._tick = ticks.period
        self._ticks = ticks
        self.current: Task | None = None  # in the queue and on the core
        self._others = WaitingTasks()
        self._weight = 0  # of the others
        self._moment = 0  # sum of weight x v of the others
        self._slices: dict[int, int] = {}  # how many of the others ask for so long a slice
        self._floor = 0  # V when the queue was last empty

    # -- V, and what follows from it --------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._others) + (self.current is not None)

    def _sums(self) -> tuple[int, int]:
        """(sum of weight x v, sum of weights): V is their quotient."""
        current = self.current
        if current is None:
            return self._moment, self._weight
        return self._moment + current.weight * current.v, self._weight + current.weight

    @property
    def average(self) -> int:
        """V, rounded down."""
        moment, weight = self._sums()
        return moment // weight if weight else self._floor

    def eligible(self, task: Task) -> bool:
        """Has it had no more than its share?"""
        moment, weight = self._sums()
        return moment >= task.v * weight

    def lag(self, task: Task) -> int:
        """What it is owed (virtual), within the bounds of the longest slice and a tick."""
        most = (max(self._all_slices()) + self._tick) * task.pace
        return max(-most, min(self.average - task.v, most))

    def _all_slices(self) -> Iterator[int]:
        """The lengths of slices that there are, each at least once."""
        yield from self._slices
        if self.current is not None:
            yield self.current.slice

    def _least_slice(self) -> int:
        return min(self._all_slices())

    # -- in and out -------------------------------------------------------------------------------

    def _insert(self, task: Task) -> None:
        self._others.add(task)
        self._weight += task.weight
        self._moment += task.weight * task.v
        self._slices[task.slice] = self._slices.get(task.slice, 0) + 1

    def _remove(self, task: Task) -> None:
        self._others.remove(task)
        self._weight -= task.weight
        self._moment -= task.weight * task.v
        self._slices[task.slice] -= 1
        if not self._slices[task.slice]:
            del self._slices[task.slice]

    def _place(self, task: Task, *, forked: bool = False) -> None:
        """With the lag that it left with. That alone would move V, so it is made larger before."""
        average, weight = self.average, self._sums()[1]
        lag = task.lag * (weight + task.weight) // weight if weight else 0
        task.v = average - lag
        if task.relative is not None:
            task.deadline, task.relative = task.v + task.relative, None
        else:
            request = task.slice * task.pace
            task.deadline = task.v + (request // 2 if forked else request)
        self._insert(task)

    def fork(self, task: Task) -> None:
        """A new one, that owes nothing and is owed nothing; its first request is half a slice."""
        self._place(task, forked=True)

    def wake(self, task: Task) -> None:
        """It is runnable again, or arrived here from elsewhere."""
        if not task.delayed:
            self._place(task)
            return
        task.delayed = False
        if self.lag(task) > 0:  # it slept away what it owed, and more: the more is not kept
            self._remove(task)
            task.lag = 0
            self._place(task)

    def sleep(self, task: Task) -> None:
        """The running one blocks. Who is ahead of V stays queued until it is not."""
        if self.eligible(task):
            self.leave(task)
        else:
            task.delayed = True
            self._put_back(task)

    def leave(self, task: Task, *, moves: bool = False) -> None:
        """It leaves this queue for good, with its lag; `moves`: it takes its request along."""
        task.lag = self.lag(task)
        if task.delayed:
            task.lag, task.delayed = min(task.lag, 0), False
        task.relative = task.deadline - task.v if moves else None
        self._floor = self.average
        if self.current is task:
            self.current = None
        else:
            self._remove(task)

    def _put_back(self, task: Task) -> None:
        self.current = None
        self._insert(task)

    def give_up(self, task: Task) -> None:
        """The running task yields, and is not alone: it forgoes what is left of its request.

        If it is ahead of V it keeps its request: another is picked in any case.
        """
        if self.eligible(task):
            task.v = task.deadline
            task.deadline = task.v + task.slice * task.pace

    def give_way(self) -> None:
        """The running one loses the core to another class."""
        if self.current is not None:
            self._put_back(self.current)

    # -- who runs ---------------------------------------------------------------------------------

    def _choose(self, *, protect: bool = True) -> Task:
        """The eligible one with the earliest deadline, the running one by its protection first."""
        current = self.current
        if current is not None and not self._others:
            return current
        if current is not None and not self.eligible(current):
            current = None
        if current is not None and protect and current.v < current.protected:
            return current
        best = self._others.first(*self._sums())
        if best is None or (current is not None and current.deadline < best.deadline):
            best = current
        assert best is not None, "somebody is never ahead of the average"
        return best

    def best(self) -> Task | None:
        """Who is to run next; the delayed ones whose turn it would be leave for good."""
        while len(self):
            best = self._choose()
            if not best.delayed:
                return best
            self.leave(best)
        return None

    def begin(self, task: Task) -> None:
        """It runs, until its deadline or the least slice of anybody here is over."""
        if self.current is task:
            return
        self.give_way()
        self._remove(task)
        self.current = task
        task.protected = task.deadline
        self._shorten_protection()

    def _shorten_protection(self) -> None:
        task = self.current
        assert task is not None
        least = self._least_slice()
        if least != task.slice:
            task.protected = min(task.protected, task.v + least * task.pace)

    # -- as time passes ---------------------------------------------------------------------------

    def charge(self, since: int, now: int) -> bool:
        """The running one ran from `since` to `now`: must it be looked at?"""
        task, ran = self.current, now - since
        assert task is not None
        if not self._others:
            self._requests_alone(task, since, now)
        task.v += ran * task.pace
        renewed = task.v >= task.deadline
        if renewed:
            task.deadline = task.v + task.slice * task.pace
        return bool(self._others) and (renewed or task.v >= task.protected)

    def _requests_alone(self, task: Task, since: int, now: int) -> None:
        """Nobody looked at it while it was alone, but at ticks its deadlines were renewed."""
        period = self._tick
        need = -((task.v - task.deadline) // task.pace)  # ns until the deadline, rounded up
        first, last = self._ticks.at_or_after(max(since + need, since + 1)), now
        if first <= last:
            step = -(-task.slice // period) * period  # from one renewal to the next
            renewal = first + (last - first) // step * step
            task.deadline = task.v + (renewal - since + task.slice) * task.pace

    def looked_at_in(self) -> int | None:
        """Ns that the running one may still have before the next tick that takes its core."""
        task = self.current
        if task is None or not self._others:
            return None
        return max(0, -((task.v - min(task.protected, task.deadline)) // task.pace))

    def over_in(self) -> int | None:
        """Ns until its slice is over; if it is, until somebody else may be the one to be picked.

        That can be when its deadline is renewed, when it is ahead of V, or when V has come to who
        is ahead of it now. It need not be then, but is not before.
        """
        task, rest = self.current, self.looked_at_in()
        if task is None or rest != 0:
            return rest
        moment, weight = self._sums()
        renewed = -((task.v - task.deadline) // task.pace)
        ahead = (self._moment // self._weight - task.v) // task.pace + 1
        nearest = self._others.nearest()
        reached = renewed if nearest is None else -((moment - nearest * weight) // UNIT)
        return max(1, min(renewed, ahead, reached))

    def preempts(self, task: Task) -> bool:
        """Does `task`, which just woke, take the core from the running one?"""
        current = self.current
        assert current is not None
        if current.idle != task.idle:
            if current.idle:
                current.protected = current.v
            return current.idle
        if task.kind != "other":
            return False
        short = self._is_shorter(task, current)
        if self._choose(protect=not short) is task:
            if short:
                current.protected = current.v
            return True
        current.protected = min(current.protected, current.v + self._least_slice() * current.pace)
        return False

    def _is_shorter(self, task: Task, current: Task) -> bool:
        """Who asks for less at a time need not respect the protection of who asks for more."""
        return (
            task.slice < current.slice
            and self.eligible(task)
            and (task.deadline < current.deadline or not self.eligible(current))
        )
