"""Shortest burst first, with and without preemption."""

from __future__ import annotations

from kernel.process import Process
from kernel.scheduling.queues import LeastFirst


class ShortestJobFirst(LeastFirst):
    """The shortest next CPU burst first; a burst that has begun runs to its end.

    Least mean waiting of all policies that do not preempt. Needs to know the future, and starves
    long bursts while short ones keep coming.
    """

    def key(self, process: Process) -> int:
        return process.left


class ShortestRemainingTimeFirst(ShortestJobFirst):
    """The least remaining CPU burst first; a shorter newcomer takes the core at once.

    Least mean turnaround on one core. Needs to know the future, and starves long bursts even when
    they have begun. A newcomer with exactly as much left does not preempt.
    """

    takes_cores = True
