"""The values that the model takes where a scenario leaves them to the operating system."""

from __future__ import annotations

from dataclasses import replace

from kernel.linux.policy import USUAL
from kernel.workload import Workload


def with_usual_values(workload: Workload) -> Workload:
    """Return the workload with the usual tick and slice where Linux's policy leaves them open."""
    scheduler = workload.scheduler
    if not scheduler.policy.left_to_the_machine:
        return workload
    parameters = {
        name: USUAL.get(name) if value is None else value
        for name, value in scheduler.parameters.items()
    }
    return replace(workload, scheduler=replace(scheduler, parameters=parameters))
