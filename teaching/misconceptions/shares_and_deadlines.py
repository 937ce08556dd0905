"""Shares by tickets and nice values, and deadlines, as students mistake them."""

from __future__ import annotations

from dataclasses import replace

from kernel.process.spec import ProcessSpec
from teaching.misconceptions import changes
from teaching.misconceptions.misconception import Misconception
from translation import mark


def _deadline_is_period(spec: ProcessSpec) -> ProcessSpec:
    return spec if spec.period is None else replace(spec, deadline=spec.period)


SHARES_AND_DEADLINES: tuple[Misconception, ...] = (
    Misconception(
        "tickets-ignored",
        mark("equal shares, whatever the tickets"),
        mark("the shares are as the tickets"),
        lambda workload: (
            changes.processes(lambda spec: replace(spec, tickets=100))(workload)
            if workload.scheduler.name in ("stride", "lottery")
            else None
        ),
    ),
    Misconception(
        "nice-ignored",
        mark("equal shares, whatever the nice values"),
        mark("a smaller nice value has a larger weight, and so a larger share"),
        lambda workload: (
            changes.processes(lambda spec: replace(spec, nice=0))(workload)
            if workload.scheduler.name in ("fair", "linux", "cfs")
            else None
        ),
    ),
    Misconception(
        "nice-reversed",
        mark("nice values the wrong way round"),
        mark("a smaller nice value has a larger weight, and so a larger share"),
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
        mark("earliest deadline first"),
        mark("the priorities are fixed: the shortest period is first, always"),
        changes.policy("rm", "dm", to="edf"),
    ),
    Misconception(
        "rm-for-edf",
        mark("rate monotonic: fixed priorities by the period"),
        mark("the job whose deadline comes next is first, whatever its period"),
        changes.policy("edf", "llf", "dm", to="rm"),
    ),
    Misconception(
        "deadline-is-period",
        mark("deadlines at the ends of the periods"),
        mark("a deadline that is written comes before the end of the period"),
        changes.processes(_deadline_is_period),
    ),
)
