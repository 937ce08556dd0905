"""The values that the model takes where a scenario leaves them to the operating system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kernel.linux.policy import USUAL
from kernel.workload import Workload


def with_usual_values(workload: Workload, kernel: Mapping[str, int | None] = USUAL) -> Workload:
    """Return the workload with the tick and slice of `kernel` where Linux's policy has none.

    `kernel` has the parameters `hz`, `base_slice` (ns) and `high_resolution` of a kernel; without
    it, they are the usual ones.
    """
    scheduler = workload.scheduler
    if not scheduler.policy.left_to_the_machine:
        return workload
    parameters = {
        name: kernel.get(name) if value is None else value
        for name, value in scheduler.parameters.items()
    }
    return replace(workload, scheduler=replace(scheduler, parameters=parameters))
