"""The model with several phases of the tick, as a real run cannot choose the phase.

A real run cannot choose either when the period of the kernel's fair server began (every worker
wakes once before the run, and may have begun a period), nor when the periods of `cpu.max` begin.
"""

from __future__ import annotations

from dataclasses import replace

from kernel.linux.policy import USUAL_HZ, Linux
from kernel.scheduling.policy import Policy
from kernel.units import ms
from kernel.workload import Workload
from sim.run import simulate
from timeline.record.run import Run

PHASES = 8
OLDEST = ms(24)  # the age of the fair server's period when the run begins, at most


def other_phases(workload: Workload) -> list[Run]:
    """Return runs of the model with other phases of the tick than the workload's.

    The list is empty unless the operating system schedules: our dispatcher has no tick.
    """
    scheduler = workload.scheduler
    if not scheduler.policy.left_to_the_machine or scheduler.dispatch != "none":
        return []
    tick = 1_000_000_000 // (scheduler.parameters["hz"] or USUAL_HZ)
    phase = scheduler.parameters["phase"]
    return [
        simulate(
            replace(
                workload,
                scheduler=replace(
                    scheduler,
                    policy=_aged(scheduler.policy, k),
                    parameters={
                        **scheduler.parameters,
                        "phase": (phase + k * tick // PHASES) % tick,
                    },
                ),
            )
        )
        for k in range(1, PHASES)
    ]


def _aged(policy: type[Policy], k: int) -> type[Policy]:
    if not issubclass(policy, Linux):
        return policy
    return policy.begun_before(k * OLDEST // PHASES, k)
