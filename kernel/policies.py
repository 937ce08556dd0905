"""The scheduling policies that a scenario may name."""

from __future__ import annotations

from kernel.linux.policy import CompletelyFair, Linux
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
