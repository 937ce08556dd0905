"""How the supervisor waits: it sleeps until shortly before the next event, and then polls."""

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
from translation import recorded

# Without a spare processor the supervisor sleeps this long (ns) beyond the event. If it woke too
# early, it would have to look twice, which costs more than waking late.
LATER = 30_000
SPIN = 400_000  # ns before the event in which the supervisor polls, with a spare processor
MOST_POLLS = 16  # polls in a row before the supervisor looks for deaths and signals, too
WARM_UPS = 4  # warm-ups after each sleep: the first takes 100 to 200 us, the last 20 us


class Running(Protocol):
    """A running worker, whose burst may end while the supervisor polls."""

    def has_finished_burst(self) -> bool:
        """Return whether it has finished a burst that the system has not ended yet."""


class SupervisorWaiting:
    """Waits for the pool's bell and deaths, the interruptions, the clock and the deadline.

    Call `close` at the end. Times are ns of the run, whose first moment is `epoch`.
    """

    def __init__(
        self,
        cpus: Cpus,
        pool: Pool,
        interruptions: Interruptions,
        deadline: Deadline,
        warm_up: Callable[[], None],
    ) -> None:
        self.at_work = array("q")  # start, end, …: when the supervisor was awake
        self._spare = bool(cpus.spare)
        self._pool = pool
        self._interruptions = interruptions
        self._deadline = deadline
        self._warm_up = warm_up
        self._woke = 0
        self._polls = 0  # polls since the last look for deaths and signals
        self.interference = Interference(pool)
        interruptions.suspends(pool.members, pool.held)
        self._epoll = select.epoll()
        for fd in (pool.bell, interruptions.fd, pool.deaths.fileno()):
            self._epoll.register(fd, select.EPOLLIN)

    def close(self) -> None:
        """Close the descriptor by which the supervisor waits."""
        self._epoll.close()

    def sleep(self, at_most: int, running: Sequence[Running], epoch: int) -> None:
        """Wait until a worker rings, a process dies, a signal comes, or `at_most` ns are over.

        An `at_most` below 0 counts as 0. While the supervisor polls, it also returns when a burst
        of one of the `running` workers has ended. Raises Stopped if the run must end.
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
            raise Stopped(recorded("it took longer than {limit}", limit=self._deadline.name))
        suspended = self._interruptions.suspended - suspended
        self.interference.late(now - began - suspended - at_most)
        if (trouble := self.interference.look()) is not None:
            raise Stopped(trouble)

    def look(self) -> None:
        """Look for signals and interference at once. Raises Stopped if the run must end."""
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
            if code and code < 0:
                died = recorded(
                    "{process} was killed by signal {number} in the middle of its program",
                    process=worker.name,
                    number=-code,
                )
            else:
                died = recorded(
                    "{process} exited with {code} in the middle of its program",
                    process=worker.name,
                    code=code,
                )
            raise Stopped(worker.refused(died))

    def disturbances(self) -> list[str]:
        """Return a sentence for each thing that signals from outside did to the run."""
        suspended = self._interruptions.suspended
        if not suspended:
            return self.interference.remarks
        said = recorded(
            "the run was suspended for {seconds:.1f} s (Ctrl-Z)", seconds=suspended / 1e9
        )
        return [said, *self.interference.remarks]


def _poll(at_most: int, running: Sequence[Running]) -> None:
    """Return when `at_most` ns are over or a running worker's burst has ended. Never sleep."""
    until = time.monotonic_ns() + at_most
    while True:
        for worker in running:
            if worker.has_finished_burst():
                return
        if time.monotonic_ns() >= until:
            return
