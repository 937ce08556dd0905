"""Scheduling policies: who runs next on a core, and for how long. One file per family.

A policy of your own imports from here: `from kernel.scheduling import Policy, Duration, ms`.
"""

from __future__ import annotations

from kernel.process import Process
from kernel.scheduling.fcfs import FirstComeFirstServed
from kernel.scheduling.policy import Policy
from kernel.scheduling.priority import Priority
from kernel.scheduling.queues import LeastFirst
from kernel.scheduling.rr import RoundRobin
from kernel.scheduling.shortest import ShortestJobFirst, ShortestRemainingTimeFirst
from kernel.units import Duration, ms, seconds, us

POLICIES: dict[str, type[Policy]] = {
    "fcfs": FirstComeFirstServed,
    "rr": RoundRobin,
    "sjf": ShortestJobFirst,
    "srtf": ShortestRemainingTimeFirst,
    "priority": Priority,
}
"""The policies that a scenario may name."""

__all__ = ["POLICIES", "Duration", "LeastFirst", "Policy", "Process", "ms", "seconds", "us"]
