"""CFS, Linux's fair class from 2.6.23 to 6.5: the least virtual runtime first.

All ready tasks share a period; each gets the part of it that its weight is worth. A task that has
had its part, or is far ahead of the first one that waits, is preempted at a tick. A task that slept
is owed half a period at most.
After kernel/sched/fair.c, 6.5. The same interface as `Eevdf`.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from kernel.linux.clock import Ticks
from kernel.linux.task import UNIT, Task

NICE_0 = 1024  # weight
ABREAST = 8  # with more tasks than this the period grows


def _key(task: Task) -> tuple[int, int]:
    return task.v, task.turn


class Cfs:
    """The fair queue of one core, the running task included.

    `factor`: 1 + log2 of the CPUs. `exact`: a timer (HRTICK) ends a part, and not the next tick.
    """

    def __init__(self, ticks: Ticks, factor: int, *, exact: bool) -> None:
        self._ticks, self._exact = ticks, exact
        self._latency = 6_000_000 * factor
        self._granularity = 750_000 * factor
        self._wakeup = 1_000_000 * factor
        self.current: Task | None = None
        self._others: list[Task] = []  # by v
        self._weight = 0  # the sum of all weights
        self._floor = 0  # virtual; never goes back
        self._turns = 0
        self._began = 0  # v of the running task when it got the core
        self._yielded: Task | None = None  # yielded last, and has not had the core since

    @property
    def load(self) -> int:
        """The sum of the weights of all queued tasks, the running one included."""
        return self._weight

    def __len__(self) -> int:
        return len(self._others) + (self.current is not None)

    def _advance_floor(self) -> None:
        least = [task.v for task in self._others[:1]]
        if self.current is not None:
            least.append(self.current.v)
        self._floor = max(self._floor, min(least, default=self._floor))

    def _part(self, task: Task, count: int | None = None) -> int:
        """Return the part of a period that `task` gets, ns."""
        count = count or len(self)
        period = self._latency if count <= ABREAST else count * self._granularity
        weight = self._weight + (0 if task.queue is self else task.weight)
        return max(period * task.weight // weight, self._granularity)

    def _insert(self, task: Task) -> None:
        self._turns += 1
        task.turn = self._turns
        insort(self._others, task, key=_key)

    def _remove(self, task: Task) -> None:
        at = bisect_left(self._others, _key(task), key=_key)
        assert self._others[at] is task
        del self._others[at]

    def _join(self, task: Task, v: int) -> None:
        task.v = v
        task.queue = self
        self._weight += task.weight
        self._insert(task)

    def fork(self, task: Task) -> None:
        """Add a new task: its v is the floor plus its part, as if it had just had that."""
        self._advance_floor()
        self._join(task, self._floor + self._part(task, len(self) + 1) * task.pace)

    def wake(self, task: Task) -> None:
        """Add a task that woke, or came from another core (`relative` to the floor)."""
        self._advance_floor()
        if task.relative is not None:
            self._join(task, self._floor + task.relative)
            task.relative = None
            return
        credit = 0 if task.idle else self._latency // 2
        self._join(task, max(task.v, self._floor - credit * (UNIT // NICE_0)))

    def sleep(self, task: Task) -> None:
        """Remove the running task, which blocks."""
        self.leave(task)

    def leave(self, task: Task, *, moves: bool = False) -> None:
        """Remove a task; `moves`: it takes its place relative to others along."""
        self._advance_floor()
        task.relative = task.v - self._floor if moves else None
        if self.current is task:
            self.current = None
        else:
            self._remove(task)
        if self._yielded is task:
            self._yielded = None
        self._weight -= task.weight
        task.queue = None

    def put_back(self) -> None:
        """Put the running task, which lost the core to another class, back into the queue."""
        if self.current is not None:
            task, self.current = self.current, None
            self._insert(task)

    def give_up(self, task: Task) -> None:
        """Let the running task yield: the second by v may run first, if it is not far behind."""
        self._yielded = task

    def best(self) -> Task | None:
        """Return the task that runs next: the one with the least v, or the second after a yield."""
        line = self._foremost()
        if len(line) < 2 or line[0] is not self._yielded:
            return line[0] if line else None
        first, second = line
        return second if second.v - first.v <= self._wakeup * first.pace else first

    def _foremost(self) -> list[Task]:
        """Return the first two tasks by v. The running task is ahead of tasks with an equal v."""
        line = self._others[:2]
        if self.current is not None:
            at = bisect_left(line, self.current.v, key=lambda task: task.v)
            line.insert(at, self.current)
        return line[:2]

    def begin(self, task: Task) -> None:
        """Let the task run from now on."""
        if self.current is not task:
            self.put_back()
            self._remove(task)
            self.current = task
            if self._yielded is task:
                self._yielded = None
        self._began = task.v

    def charge(self, since: int, now: int) -> bool:
        """Charge the running task for `since` to `now`. Return whether it may be preempted."""
        task = self.current
        assert task is not None
        task.v += (now - since) * task.pace
        self._advance_floor()
        if not self._others:
            return False
        part, ran = self._part(task), self._ran(task)
        if self._exact and ran >= part:
            return True
        return self._ticks.between(now - 1, now) > 0 and self._has_had_enough(task, part, ran)

    def _ran(self, task: Task) -> int:
        """Return how long the running task has had the core, ns."""
        return (task.v - self._began) // task.pace

    def _has_had_enough(self, task: Task, part: int, ran: int) -> bool:
        """Return whether the running task is preempted at a tick."""
        if ran > part:
            self._yielded = None if self._yielded is task else self._yielded
            return True
        return ran >= self._granularity and task.v - self._others[0].v > part * task.pace

    def looked_at_in(self) -> int | None:
        """Return the ns that the running task may have before the tick at which it is preempted."""
        task = self.current
        if task is None or not self._others:
            return None
        part, ran = self._part(task), self._ran(task)
        ahead = -((task.v - self._others[0].v - part * task.pace) // task.pace) + 1
        return max(0, min(part + 1 - ran, max(ahead, self._granularity - ran)))

    def over_in(self) -> int | None:
        """Return the ns until the part of the running task is over, or it is behind the first."""
        task = self.current
        if task is None or not self._others:
            return None
        rest = self._part(task) - self._ran(task)
        return rest if rest > 0 else max(0, (self._others[0].v - task.v) // task.pace + 1)

    def preempts(self, task: Task) -> bool:
        """Return whether `task`, which just woke, preempts the running task."""
        current = self.current
        assert current is not None
        if current.idle != task.idle:
            return current.idle
        return task.kind == "other" and current.v - task.v > self._wakeup * task.pace
