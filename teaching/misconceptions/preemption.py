"""Ties, and which process is better: what students take for the policy's rule."""

from __future__ import annotations

from teaching.misconceptions import changes
from teaching.misconceptions import mistaken_policies as mistaken
from teaching.misconceptions.misconception import Misconception
from translation import mark


def _other_ties(ties: str) -> str:
    return "expiry-first" if ties == "arrival-first" else "arrival-first"


PREEMPTION: tuple[Misconception, ...] = (
    Misconception(
        "expiry-first",
        mark("a schedule in which quantum expiries come before arrivals at one instant"),
        mark("at one instant, arrivals come before expiries: the newcomer is ahead in the queue"),
        changes.scheduler(ties=lambda old: _other_ties(old.ties)),
    ),
    Misconception(
        "draw-preempts",
        mark("shortest remaining time first in which an equal newcomer takes the core"),
        mark("a newcomer with exactly as much left does not preempt"),
        changes.parameter("newcomer", changes.always("preempts"), "srtf"),
    ),
    Misconception(
        "not-preemptive",
        mark("a policy that does not preempt: a burst that has begun runs to its end"),
        mark("the policy preempts: a better process takes the core when it becomes ready"),
        lambda workload: (
            changes.policy("srtf", to="sjf")(workload)
            or changes.parameter("preemptive", changes.always(False), "priority")(workload)
            or changes.policy("rm", to=mistaken.RateMonotonicToTheEnd)(workload)
            or changes.policy("dm", to=mistaken.DeadlineMonotonicToTheEnd)(workload)
            or changes.policy("edf", to=mistaken.EarliestDeadlineToTheEnd)(workload)
        ),
    ),
    Misconception(
        "preemptive",
        mark("a policy that preempts"),
        mark("the policy does not preempt: a burst that has begun runs to its end"),
        lambda workload: (
            changes.policy("sjf", to="srtf")(workload)
            or changes.parameter("preemptive", changes.always(True), "priority")(workload)
        ),
    ),
    Misconception(
        "whole-burst",
        mark("shortest first that compares whole bursts, not what is left of them"),
        mark("what counts is the rest of the burst, not its whole length"),
        changes.policy("srtf", to=mistaken.ByWholeBurst),
    ),
    Misconception(
        "longest-first",
        mark("the longest burst first"),
        mark("the shortest burst comes first"),
        lambda workload: (
            changes.policy("sjf", to=mistaken.LongestFirst)(workload)
            or changes.policy("srtf", to=mistaken.LongestRemainingFirst)(workload)
        ),
    ),
    Misconception(
        "in-order-of-arrival",
        mark("first come, first served"),
        mark("the policy is not first come, first served"),
        changes.policy("rr", "sjf", "srtf", "priority", "hrrn", "mlfq", "feedback", to="fcfs"),
    ),
    Misconception(
        "shortest-of-all",
        mark("shortest job first"),
        mark("the policy does not go by the shortest burst alone"),
        changes.policy("fcfs", "hrrn", to="sjf"),
    ),
    Misconception(
        "last-come-first-served",
        mark("a stack: the last to come is the first to run"),
        mark("the queue is served from its front: first come, first served"),
        changes.policy("fcfs", to=mistaken.LastComeFirstServed),
    ),
    Misconception(
        "priorities-reversed",
        mark("priorities the wrong way round"),
        mark("the sheet says which number is the most important"),
        changes.parameter(
            "highest", lambda old: "large" if old == "small" else "small", "priority"
        ),
    ),
    Misconception(
        "aging-forgotten",
        mark("priorities without aging"),
        mark("a process that waits gets more important with time"),
        changes.parameter("aging", changes.always(None), "priority"),
    ),
)
