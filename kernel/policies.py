"""The scheduling policies that a scenario may name."""

from __future__ import annotations

from kernel.linux.policy import CompletelyFair, Linux
from kernel.scheduling import (
    DeadlineMonotonic,
    EarliestDeadlineFirst,
    Fair,
    Feedback,
    FirstComeFirstServed,
    HighestResponseRatioNext,
    LeastLaxityFirst,
    Lottery,
    MultilevelFeedbackQueue,
    Policy,
    Priority,
    Random,
    RateMonotonic,
    RoundRobin,
    ShortestJobFirst,
    ShortestRemainingTimeFirst,
    Stride,
    VirtualRoundRobin,
)

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
