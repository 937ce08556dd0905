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

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "fcfs": ("FIFO", "first-come-first-served", "first-in-first-out"),
    "rr": ("round-robin", "time-slicing"),
    "vrr": ("virtual-round-robin",),
    "sjf": ("SPN", "SJN", "SPT", "shortest-job-first", "shortest-process-next"),
    "srtf": ("STCF", "SRT", "SRTN", "PSJF", "shortest-remaining-time-first"),
    "hrrn": ("HRN", "HRRF", "highest-response-ratio-next"),
    "mlfq": ("MFQ", "MLFB", "multilevel-feedback-queue"),
    "feedback": ("FB",),
    "rm": ("RMS", "rate-monotonic"),
    "dm": ("DMS", "deadline-monotonic"),
    "edf": ("earliest-deadline-first",),
    "llf": ("LST", "least-laxity-first", "least-slack-time"),
    "linux": ("EEVDF",),
    "cfs": ("completely-fair",),
}
"""By our name. Upper and lower case, `-`, `_` and spaces make no difference."""
