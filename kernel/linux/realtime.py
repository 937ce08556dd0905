"""The real-time classes, FIFO and RR by priority; and the server that lets nobody else starve."""

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
        """It goes to the end of its line."""
        self._lines.setdefault(task.priority, deque()).append(task)

    def leave(self, task: Task) -> None:
        """It blocks, ends, or moves to another core."""
        line = self._lines[task.priority]
        line.remove(task)
        if not line:
            del self._lines[task.priority]
        if self.current is task:
            self.current = None

    def best(self) -> Task | None:
        """The first of the line of the highest priority."""
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
        """The tick at which the slice of the running one is over."""
        task = self.current
        if task is None or task.kind != "rr" or len(self._lines[task.priority]) < 2:
            return None
        return self._ticks.after(now) + (task.ticks - 1) * self._ticks.period

    def preempts(self, task: Task, running: Task) -> bool:
        """Only who is strictly more important takes the core."""
        return task.priority > running.priority


class FairServer:
    """Since 6.12: when fair tasks have had less than `budget` in a `period`, they get the rest of
    it at its end, above real time. What is left of the budget is looked at at ticks, so they get up
    to a tick more. ns."""

    def __init__(self, budget: int, period: int) -> None:
        self._full, self._period = budget, period
        self._left = budget
        self._end: int | None = None  # of the period; None: nobody waits
        self.serving = False  # fair tasks run above real time now

    def start(self, now: int) -> None:
        """Somebody in the fair class can run, and nobody could before."""
        if self._end is None and self._full:
            self._renew(now)

    def stop(self) -> None:
        """Nobody is left."""
        self._end, self.serving = None, False

    def _renew(self, now: int) -> None:
        self._left, self._end, self.serving = self._full, now + self._period, False

    def charge(self, ran: int, now: int) -> bool:
        """Fair tasks ran for `ran` ns. True: they were being served, and that was all of it."""
        if self._end is None:
            return False
        self._left -= ran
        if self._left > 0:
            return False
        was = self.serving
        self._renew(now)
        return was

    def fires_at(self) -> int | None:
        """When they have to be served if they get nothing until then."""
        return None if self._end is None or self.serving else self._end - self._left

    def look(self, now: int) -> bool:
        """Serve them if it is time; True: from now on."""
        at = self.fires_at()
        if at is None or at > now:
            return False
        self.serving = True
        return True

    def before(self, deadline: int) -> bool:
        """Does its period end before `deadline`?"""
        return self._end is not None and self._end < deadline

    def exhausted_in(self) -> int | None:
        """ns of running until the budget is gone, while it is being served."""
        return max(0, self._left) if self.serving else None
