"""How the supervisor waits: asleep as long as nothing can happen, awake when it is about to."""

from __future__ import annotations

import os
import select
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Protocol

from real.host.cpus import Cpus
from real.host.interrupts import Interruptions
from real.supervisor.ending import Deadline, Stopped
from real.supervisor.interference import Interference
from real.supervisor.pool import Pool

LATER = 30_000  # ns to sleep beyond a deadline, if workers use all cores: looking costs them more
SPIN = 400_000  # ns before a deadline in which the supervisor polls, if it has a core to spare
MOST_POLLS = 16  # in a row without a look at anything but the running workers: one may have died
WARM_UPS = 4  # after each sleep: the first takes a hundred us or two, the last twenty


class Running(Protocol):
    """A worker whose burst may end while the supervisor polls."""

    def has_finished_burst(self) -> bool:
        """Return whether it has finished a burst that the system has not ended yet."""


class SupervisorWaiting:
    """Over the pool's bell and deaths, the interruptions, the clock and the deadline.

    Use it as a context. All times are ns of the run, whose first moment is `epoch`.
    """

    def __init__(
        self,
        cpus: Cpus,
        pool: Pool,
        interruptions: Interruptions,
        deadline: Deadline,
        warm_up: Callable[[], None],
    ) -> None:
        self.at_work = array("q")  # start, end, start, …: between two sleeps of the supervisor
        self._spare = bool(cpus.spare)
        self._pool = pool
        self._interruptions = interruptions
        self._deadline = deadline
        self._warm_up = warm_up
        self._woke = 0
        self._polls = 0  # since it last looked at everything
        self.interference = Interference(pool)
        interruptions.suspends(pool.members, pool.held)
        self._epoll = select.epoll()
        for fd in (pool.bell, interruptions.fd, pool.deaths.fileno()):
            self._epoll.register(fd, select.EPOLLIN)

    def close(self) -> None:
        """Stop waiting."""
        self._epoll.close()

    def sleep(self, at_most: int, running: Sequence[Running], epoch: int) -> None:
        """Wait until a worker rings, a process dies, a signal comes, or `at_most` ns are over.

        Less than 0: what was waited for has happened meanwhile. Raises Stopped if the run must end.
        """
        at_most = max(0, at_most)
        began, suspended = time.monotonic_ns(), self._interruptions.suspended
        if self._spare and at_most <= SPIN:
            self._polls += 1
            _poll(at_most, running)
            if self._polls > MOST_POLLS:
                self._answer()
        else:
            self._polls = 0
            nap = at_most - SPIN if self._spare else at_most + LATER
            self.at_work.extend((self._woke, time.monotonic_ns() - epoch))
            ready, _, _ = select.select([self._epoll], [], [], nap / 1e9)
            self._woke = time.monotonic_ns() - epoch
            if ready:
                self._answer()
            elif self._spare:
                for _ in range(WARM_UPS):
                    self._warm_up()
        if self._interruptions.caught is not None:
            raise Stopped(self._interruptions.reason())
        now = time.monotonic_ns()
        if now - epoch - self._interruptions.suspended > self._deadline.after:
            raise Stopped(f"it took longer than {self._deadline.name}")
        suspended = self._interruptions.suspended - suspended
        self.interference.late(now - began - suspended - at_most)
        if (trouble := self.interference.look()) is not None:
            raise Stopped(trouble)

    def look(self) -> None:
        """Look at signals and interference without waiting. Raises Stopped if the run must end."""
        if self._interruptions.caught is not None:
            raise Stopped(self._interruptions.reason())
        if (trouble := self.interference.look()) is not None:
            raise Stopped(trouble)

    def _answer(self) -> None:
        self._polls = 0
        for fd, _ in self._epoll.poll(0):
            if fd == self._pool.bell:
                os.eventfd_read(fd)
            elif fd == self._pool.deaths.fileno():
                self._reap()
            if (trouble := self._pool.trouble()) is not None:
                raise Stopped(trouble)

    def _reap(self) -> None:
        for worker in self._pool.reap():
            code = worker.exitcode
            how = f"was killed by signal {-code}" if code and code < 0 else f"exited with {code}"
            raise Stopped(f"{worker.name} {how} in the middle of its program{worker.refused()}")

    def disturbances(self) -> list[str]:
        """Return what signals from outside did to the run, a sentence for each."""
        suspended = self._interruptions.suspended
        said = [f"the run was suspended for {suspended / 1e9:.1f} s (Ctrl-Z)"] if suspended else []
        return [*said, *self.interference.remarks]


def _poll(at_most: int, running: Sequence[Running]) -> None:
    """Watch the clock and the running workers' cells without sleeping."""
    until = time.monotonic_ns() + at_most
    while True:
        for worker in running:
            if worker.has_finished_burst():
                return
        if time.monotonic_ns() >= until:
            return
