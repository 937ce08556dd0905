"""Shares by tickets and nice values, and deadlines, as students mistake them."""

from __future__ import annotations

from dataclasses import replace

from kernel.process.spec import ProcessSpec
from teaching.misconceptions import changes
from teaching.misconceptions.misconception import Misconception


def _deadline_is_period(spec: ProcessSpec) -> ProcessSpec:
    return spec if spec.period is None else replace(spec, deadline=spec.period)


SHARES_AND_DEADLINES: tuple[Misconception, ...] = (
    Misconception(
        "tickets-ignored",
        "equal shares, whatever the tickets",
        "the shares are as the tickets",
        lambda workload: (
            changes.processes(lambda spec: replace(spec, tickets=100))(workload)
            if workload.scheduler.name in ("stride", "lottery")
            else None
        ),
    ),
    Misconception(
        "nice-ignored",
        "equal shares, whatever the nice values",
        "a smaller nice value has a larger weight, and so a larger share",
        lambda workload: (
            changes.processes(lambda spec: replace(spec, nice=0))(workload)
            if workload.scheduler.name in ("fair", "linux", "cfs")
            else None
        ),
    ),
    Misconception(
        "nice-reversed",
        "nice values the wrong way round",
        "a smaller nice value has a larger weight, and so a larger share",
        lambda workload: (
            changes.processes(lambda spec: replace(spec, nice=max(-20, min(19, -spec.nice))))(
                workload
            )
            if workload.scheduler.name in ("fair", "linux", "cfs")
            else None
        ),
    ),
    Misconception(
        "edf-for-rm",
        "earliest deadline first",
        "the priorities are fixed: the shortest period is first, always",
        changes.policy("rm", "dm", to="edf"),
    ),
    Misconception(
        "rm-for-edf",
        "rate monotonic: fixed priorities by the period",
        "the job whose deadline comes next is first, whatever its period",
        changes.policy("edf", "llf", "dm", to="rm"),
    ),
    Misconception(
        "deadline-is-period",
        "deadlines at the ends of the periods",
        "a deadline that is written comes before the end of the period",
        changes.processes(_deadline_is_period),
    ),
)
