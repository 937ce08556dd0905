"""Scheduling policies: who runs next on a core, and for how long. One file per family.

A policy of your own imports from here: `from kernel.scheduling import Policy, Duration, ms`.
"""

from __future__ import annotations

from kernel.linux.policy import CompletelyFair, Linux
from kernel.process import Process
from kernel.scheduling.chance import Lottery, Random
from kernel.scheduling.deadlines import (
    DeadlineMonotonic,
    EarliestDeadlineFirst,
    LeastLaxityFirst,
    RateMonotonic,
)
from kernel.scheduling.estimate import Estimate, ExpectsBursts
from kernel.scheduling.fcfs import FirstComeFirstServed
from kernel.scheduling.multilevel import Feedback, MultilevelFeedbackQueue
from kernel.scheduling.policy import Policy
from kernel.scheduling.priority import Priority
from kernel.scheduling.queues import LeastFirst
from kernel.scheduling.rr import RoundRobin, VirtualRoundRobin
from kernel.scheduling.shares import Fair, Stride
from kernel.scheduling.shortest import (
    HighestResponseRatioNext,
    ShortestJobFirst,
    ShortestRemainingTimeFirst,
)
from kernel.units import Duration, ms, seconds, us

POLICIES: dict[str, type[Policy]] = {
    "fcfs": FirstComeFirstServed,
    "rr": RoundRobin,
    "vrr": VirtualRoundRobin,
    "random": Random,
    "sjf": ShortestJobFirst,
    "srtf": ShortestRemainingTimeFirst,
    "hrrn": HighestResponseRatioNext,
    "priority": Priority,
    "mlfq": MultilevelFeedbackQueue,
    "feedback": Feedback,
    "lottery": Lottery,
    "stride": Stride,
    "fair": Fair,
    "rm": RateMonotonic,
    "dm": DeadlineMonotonic,
    "edf": EarliestDeadlineFirst,
    "llf": LeastLaxityFirst,
    "linux": Linux,
    "cfs": CompletelyFair,
}
"""The policies that a scenario may name."""

__all__ = [
    "POLICIES",
    "Duration",
    "Estimate",
    "ExpectsBursts",
    "LeastFirst",
    "Policy",
    "Process",
    "ms",
    "seconds",
    "us",
]
