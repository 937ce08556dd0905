"""The real-time classes, FIFO and RR by priority, and the fair server: no fair task starves."""

from __future__ import annotations

from collections import deque

from kernel.linux.clock import Ticks
from kernel.linux.task import Task


class RealTime:
    """One line for each priority; the running one is the first of its line."""

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
        """Under RR so many ticks are a slice, and then it goes to the end of its line."""
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
"""ns. If its timer would be moved on by less, the server serves at once (`dl_server_min_res`)."""


class FairServer:
    """Real time lets the fair class starve, but for `budget` ns in a `period`, since Linux 6.12.

    What fair processes run, and the time in which no task runs, comes off the budget; when that is
    used up, a new period begins. A timer is due when what is left of the period is just enough for
    what is left of the budget. If fair processes wait then, they are served with a whole new
    budget, above real time, until it is used up or none of them is left. In that case the server
    keeps what it has, and serves at once when the next one comes, if that is no more than its share
    of the time left.

    After kernel/sched/deadline.c, 6.18: `dl_server_start`, `update_dl_entity`, `dl_server_timer`,
    `replenish_dl_entity`, `update_curr_dl_se`, and the states A, B and D of the comment there (E is
    left for B with the first ns that is run in it; C is B).
    """

    def __init__(self, ticks: Ticks, budget: int, period: int, age: int) -> None:
        self._ticks, self._full, self._period = ticks, budget, period
        self._left = 0  # of the budget
        self._end = 0  # of the period
        self._due = 0  # when its timer is due, while it waits
        self._active = self._serves = False
        if age and budget:
            self._active = True
            self._begin(-age)

    @property
    def serving(self) -> bool:
        """Fair tasks run above real time now."""
        return self._active and self._serves

    def _begin(self, at: int) -> None:
        """Begin a new period, in which no task is served before the timer."""
        self._serves = False
        self._left, self._end = self._full, at + self._period
        self._due = self._end - self._left

    def start(self, now: int) -> None:
        """Note that a task of the fair class can run, and none could before."""
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
        """Fair tasks ran. True: they were being served, and that was all of it."""
        if not self._active:
            return False
        first = self._ticks.at_or_after(max(since + self._left, since + 1))
        self._left -= now - since
        if self._left > 0:
            return False
        if self._serves:
            self._begin(now)
            return True
        if first < now:  # it was alone, and looked at at ticks
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
        """Serve them if it is time; True: from now on."""
        at = self.fires_at()
        if at is None or at > now or self._moved_on(now):
            return False
        self._serves = True
        self._left, self._end = self._full, now + self._period
        return True

    def _moved_on(self, now: int) -> bool:
        """Return whether there is time for more of the budget, now that the timer is due."""
        if self._end - self._left - LEAST_MOVE <= now:
            return False
        self._due = self._end - self._left
        return True

    def before(self, deadline: int) -> bool:
        """Return whether its period ends before `deadline`."""
        return self._end < deadline

    def exhausted_in(self) -> int | None:
        """Ns of running until the budget is gone, while it is being served."""
        return max(0, self._left) if self.serving else None
