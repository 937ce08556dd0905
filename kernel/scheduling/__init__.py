"""Scheduling policies: which process runs next on a core, and for how long.

A policy of your own imports from here: `from kernel.scheduling import Policy, Duration, ms`.
`kernel.policies` lists all policies by their names in a scenario.
"""

from __future__ import annotations

from kernel.process.control_block import Process
from kernel.scheduling.estimate import Estimate, ExpectsBursts
from kernel.scheduling.policies.fcfs import FirstComeFirstServed
from kernel.scheduling.policies.lottery import Lottery, Random
from kernel.scheduling.policies.multilevel import Feedback, MultilevelFeedbackQueue
from kernel.scheduling.policies.priority import Priority
from kernel.scheduling.policies.proportional_share import Fair, Stride
from kernel.scheduling.policies.real_time import (
    DeadlineMonotonic,
    EarliestDeadlineFirst,
    LeastLaxityFirst,
    RateMonotonic,
)
from kernel.scheduling.policies.round_robin import RoundRobin, VirtualRoundRobin
from kernel.scheduling.policies.shortest import (
    HighestResponseRatioNext,
    ShortestJobFirst,
    ShortestRemainingTimeFirst,
)
from kernel.scheduling.policy import Policy
from kernel.scheduling.ready_queue import LeastFirst
from kernel.units import Duration, ms, seconds, us

__all__ = [
    "DeadlineMonotonic",
    "Duration",
    "EarliestDeadlineFirst",
    "Estimate",
    "ExpectsBursts",
    "Fair",
    "Feedback",
    "FirstComeFirstServed",
    "HighestResponseRatioNext",
    "LeastFirst",
    "LeastLaxityFirst",
    "Lottery",
    "MultilevelFeedbackQueue",
    "Policy",
    "Priority",
    "Process",
    "Random",
    "RateMonotonic",
    "RoundRobin",
    "ShortestJobFirst",
    "ShortestRemainingTimeFirst",
    "Stride",
    "VirtualRoundRobin",
    "ms",
    "seconds",
    "us",
]
