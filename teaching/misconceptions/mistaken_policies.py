"""Policies as students mistake them: each is a policy of the kernel with one rule read wrongly."""

from __future__ import annotations

from collections import deque

from kernel.process.control_block import Process
from kernel.scheduling import Policy
from kernel.scheduling.policies.multilevel import MultilevelFeedbackQueue
from kernel.scheduling.policies.real_time import (
    DeadlineMonotonic,
    EarliestDeadlineFirst,
    RateMonotonic,
)
from kernel.scheduling.policies.round_robin import RoundRobin
from kernel.scheduling.policies.shortest import ShortestJobFirst, ShortestRemainingTimeFirst


class ByWholeBurst(ShortestRemainingTimeFirst):
    """Preemptive shortest first that compares whole bursts, not what is left of them."""

    def key(self, process: Process) -> int:
        return process.burst


class LongestFirst(ShortestJobFirst):
    """Shortest first the wrong way round."""

    def key(self, process: Process) -> int:
        return -self.expected(process)


class LongestRemainingFirst(LongestFirst):
    """Preemptive shortest first the wrong way round."""

    takes_cores = True


class CarriesQuantum(RoundRobin):
    """Round robin in which a process that blocks keeps the rest of its quantum for its return."""

    def ready(self, process: Process, why: str) -> None:
        rest = process.account
        if why != "woke" or rest is None or not 0 < rest < self.quantum:
            process.account = self.quantum
        self.queue.append(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        if not self.queue:
            return None
        process = self.queue.popleft()
        return process, process.account

    def ran(self, process: Process, duration: int, why: str) -> None:
        process.account -= duration


class IdlesOutQuantum(RoundRobin):
    """Round robin on one core that stays idle for the rest of a quantum if a process ends in it."""

    may_idle = True

    def setup(self) -> None:
        super().setup()
        self._free_at = 0

    def ran(self, process: Process, duration: int, why: str) -> None:
        if why in ("blocked", "ended"):
            self._free_at = self.now - duration + self.quantum

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        return None if self.now < self._free_at else super().pick(core)

    def next_review(self) -> int | None:
        return self._free_at if self.queue and self._free_at > self.now else None

    def review(self) -> None:
        """Do nothing: a core that is free picks after it."""


class NewcomersFirst(RoundRobin):
    """Round robin in which a process that arrives goes to the front of the queue."""

    def ready(self, process: Process, why: str) -> None:
        if why == "arrived":
            self.queue.appendleft(process)
        else:
            self.queue.append(process)


class ReturnersFirst(RoundRobin):
    """Round robin in which a process that comes back from I/O goes to the front of the queue."""

    def ready(self, process: Process, why: str) -> None:
        if why == "woke":
            self.queue.appendleft(process)
        else:
            self.queue.append(process)


class FixedOrder(RoundRobin):
    """Round robin in the order of the file, not in that of becoming ready."""

    def setup(self) -> None:
        super().setup()
        self._last = -1

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        if not self.queue:
            return None
        later = [process for process in self.queue if process.index > self._last]
        process = min(later or self.queue, key=lambda each: each.index)
        self.queue.remove(process)
        self._last = process.index
        return process, self.quantum


class LastComeFirstServed(Policy):
    """The queue taken for a stack."""

    def setup(self) -> None:
        self.queue: deque[Process] = deque()

    def ready(self, process: Process, why: str) -> None:
        self.queue.append(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        return (self.queue.pop(), None) if self.queue else None

    def removed(self, process: Process) -> None:
        self.queue.remove(process)


class NeverSinks(MultilevelFeedbackQueue):
    """A multilevel queue in which no process moves down: round robin at the top level."""

    def setup(self) -> None:
        super().setup()
        self._allotments = [1 << 61] * len(self._allotments)


class RateMonotonicToTheEnd(RateMonotonic):
    """Rate monotonic in which a job that has begun runs to its end."""

    takes_cores = False


class DeadlineMonotonicToTheEnd(DeadlineMonotonic):
    """Deadline monotonic in which a job that has begun runs to its end."""

    takes_cores = False


class EarliestDeadlineToTheEnd(EarliestDeadlineFirst):
    """The earliest deadline first, but a job that has begun runs to its end."""

    takes_cores = False
