"""DEADLINE: a task is guaranteed its runtime in each period; the earliest deadline runs.

A constant bandwidth server for each task (L. Abeni and G. Buttazzo, Integrating multimedia
applications in hard real-time systems, RTSS 1998), after kernel/sched/deadline.c. The budget is
checked at ticks; what a task ran beyond it is taken off the next one.
"""

from __future__ import annotations

from kernel.linux.task import Task


class EarliestDeadline:
    """The tasks of class deadline of one core, throttled ones included."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []
        self.current: Task | None = None

    @staticmethod
    def _period(task: Task) -> int:
        process = task.process
        return process.period or process.relative_deadline or task.runtime

    def join(self, task: Task) -> None:
        """Add a task from another core, with its budget and deadline as they are."""
        self._tasks.append(task)

    def wake(self, task: Task, now: int) -> None:
        """Add a task that woke.

        It keeps its budget unless that is more than its share of the time to its deadline.
        """
        self.join(task)
        process = task.process
        relative = process.relative_deadline or self._period(task)
        left = task.deadline - now
        if left <= 0 or task.budget * self._period(task) > task.runtime * left:
            task.deadline, task.budget = now + relative, task.runtime
            task.eligible_again = None
        elif task.budget <= 0 and task.eligible_again is None:
            self._throttle(task)

    def leave(self, task: Task) -> None:
        """Remove a task that blocks, ends, or moves to another core."""
        self._tasks.remove(task)
        if self.current is task:
            self.current = None

    def give_up(self, task: Task) -> None:
        """Let the running task yield: it forgoes the rest of its budget, and waits for the next."""
        task.budget = min(task.budget, 0)
        if task.eligible_again is None:
            self._throttle(task)

    def _throttle(self, task: Task) -> None:
        process = task.process
        relative = process.relative_deadline or self._period(task)
        task.eligible_again = task.deadline - relative + self._period(task)

    def look(self, now: int) -> bool:
        """Fill the budgets whose time has come. Return whether a throttled task may run again."""
        found = False
        for task in self._tasks:
            while task.eligible_again is not None and task.eligible_again <= now:
                task.budget += task.runtime
                task.deadline += self._period(task)
                task.eligible_again = None
                if task.budget <= 0:
                    self._throttle(task)
                else:
                    found = True
        return found

    def best(self) -> Task | None:
        """Return the task with a budget and the earliest deadline; equal: the one added first."""
        able = [task for task in self._tasks if task.eligible_again is None]
        return min(able, key=lambda task: task.deadline, default=None)

    def charge(self, ran: int) -> bool:
        """Charge the running task with `ran` ns. Return whether its budget is used up."""
        task = self.current
        assert task is not None
        task.budget -= ran
        if task.budget > 0:
            return False
        self._throttle(task)
        return True

    def exhausted_in(self) -> int | None:
        """Return the ns that the running task may run until its budget is used up."""
        return None if self.current is None else max(0, self.current.budget)

    def fires_at(self) -> int | None:
        """Return the time (ns) at which the next budget is filled, if any."""
        times = [t.eligible_again for t in self._tasks if t.eligible_again is not None]
        return min(times, default=None)

    def preempts(self, task: Task, running: Task) -> bool:
        """Return whether `task` preempts the running task: its deadline is earlier."""
        return task.eligible_again is None and task.deadline < running.deadline
