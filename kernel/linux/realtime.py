"""The real-time classes, FIFO and RR by priority, and the fair server: no fair task starves."""

from __future__ import annotations

from collections import deque

from kernel.linux.clock import Ticks
from kernel.linux.task import Task


class RealTime:
    """One queue for each priority; the running task is the first of its queue."""

    def __init__(self, ticks: Ticks, rr_ticks: int) -> None:
        self._ticks, self._rr_ticks = ticks, rr_ticks
        self._lines: dict[int, deque[Task]] = {}
        self.current: Task | None = None

    def wake(self, task: Task) -> None:
        """Put a task that woke at the end of the queue of its priority."""
        self._lines.setdefault(task.priority, deque()).append(task)

    def leave(self, task: Task) -> None:
        """Remove a task that blocks, ends, or moves to another core."""
        line = self._lines[task.priority]
        line.remove(task)
        if not line:
            del self._lines[task.priority]
        if self.current is task:
            self.current = None

    def give_up(self, task: Task) -> None:
        """Let the running task yield: it is the last of its queue with the rest of its slice."""
        line = self._lines[task.priority]
        line.remove(task)
        line.append(task)

    def best(self) -> Task | None:
        """Return the first task of the queue of the highest priority."""
        return self._lines[max(self._lines)][0] if self._lines else None

    def charge(self, since: int, now: int) -> bool:
        """Count the ticks of a task of class RR. Return whether another task is to run.

        They are the ticks later than `since` and up to `now`, ns. A task that has used up
        its ticks goes to the end of the queue of its priority.
        """
        task = self.current
        assert task is not None
        if task.kind != "rr":
            return False
        task.ticks -= self._ticks.between(since, now)
        if task.ticks > 0:
            return False
        task.ticks = self._rr_ticks - -task.ticks % self._rr_ticks
        line = self._lines[task.priority]
        line.rotate(-1)
        return len(line) > 1

    def looked_at_at(self, now: int) -> int | None:
        """Return the tick at which the slice of the running task is over."""
        task = self.current
        if task is None or task.kind != "rr" or len(self._lines[task.priority]) < 2:
            return None
        return self._ticks.after(now) + (task.ticks - 1) * self._ticks.period

    def preempts(self, task: Task, running: Task) -> bool:
        """Return whether `task` is strictly more important than the running one."""
        return task.priority > running.priority


LEAST_MOVE = 1_000_000
"""ns. If the server's timer would be put off by less, it serves at once (`dl_server_min_res`)."""


class FairServer:
    """Guarantees the fair class `budget` ns in a `period` against real time, since Linux 6.12.

    The time in which fair tasks run, or no task runs, is taken off the budget; when that is used
    up, a new period begins. A timer is due when the rest of the period is just enough for the rest
    of the budget. If fair tasks wait then, they are served with a whole new budget, above real
    time, until it is used up or no fair task is left. If none is left, the server keeps its
    budget. When the next fair task comes, it is served at once if the budget is no more than its
    share of the rest of the period.

    After kernel/sched/deadline.c, 6.18: `dl_server_start`, `update_dl_entity`, `dl_server_timer`,
    `replenish_dl_entity`, `update_curr_dl_se`, and the states A, B and D of the comment there (E is
    left for B with the first ns that is run in it; C is B).
    """

    def __init__(self, ticks: Ticks, budget: int, period: int, age: int) -> None:
        self._ticks, self._full, self._period = ticks, budget, period
        self._left = 0  # ns of the budget
        self._end = 0  # ns, when the period ends
        self._due = 0  # when its timer is due, while it waits
        self._active = self._serves = False
        if age and budget:
            self._active = True
            self._begin(-age)

    @property
    def serving(self) -> bool:
        """Return whether fair tasks run above real time now."""
        return self._active and self._serves

    def _begin(self, at: int) -> None:
        """Begin a new period, in which no task is served before the timer."""
        self._serves = False
        self._left, self._end = self._full, at + self._period
        self._due = self._end - self._left

    def start(self, now: int) -> None:
        """Note that a fair task is queued, and that none was before."""
        if not self._full:
            return
        if self._active:
            if self._due <= now and not self._moved_on(now):
                self._begin(now)
            return
        self._active = True
        if self._end <= now or self._left * self._period > (self._end - now) * self._full:
            self._begin(now)
        elif not self._serves:
            self._due = self._end - self._left

    def stop(self) -> None:
        """Note that no fair task is left: a server that waits goes on waiting."""
        if self._serves:
            self._active = False

    def charge(self, since: int, now: int) -> bool:
        """Charge what fair tasks ran. Return whether they were served and the budget is used up."""
        if not self._active:
            return False
        first = self._ticks.at_or_after(max(since + self._left, since + 1))
        self._left -= now - since
        if self._left > 0:
            return False
        if self._serves:
            self._begin(now)
            return True
        if first < now:  # its time was over at a tick that was not simulated
            step = self._ticks.at_or_after(first + self._full) - first
            first += (now - first) // step * step
            self._begin(first)
            self._left -= now - first
        if self._left <= 0:
            self._begin(now)
        return False

    def idle(self, since: int, now: int) -> None:
        """Note that no task ran from `since` to `now`."""
        if self._active:
            self._left -= now - since
            if self._left <= 0:
                self._begin(now)

    def fires_at(self) -> int | None:
        """Return when its timer is due, ns; None: it does not wait."""
        return self._due if self._active and not self._serves else None

    def look(self, now: int) -> bool:
        """Begin to serve fair tasks if the timer is due. Return whether it begins."""
        at = self.fires_at()
        if at is None or at > now or self._moved_on(now):
            return False
        self._serves = True
        self._left, self._end = self._full, now + self._period
        return True

    def _moved_on(self, now: int) -> bool:
        """Put the timer off, now that it is due, if the rest of the budget still fits later.

        Return whether it was put off.
        """
        if self._end - self._left - LEAST_MOVE <= now:
            return False
        self._due = self._end - self._left
        return True

    def before(self, deadline: int) -> bool:
        """Return whether its period ends before `deadline`."""
        return self._end < deadline

    def exhausted_in(self) -> int | None:
        """Return the ns that fair tasks may run until the budget is used up; None: not served."""
        return max(0, self._left) if self.serving else None
