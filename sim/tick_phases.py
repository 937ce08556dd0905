"""The model in several phases of the tick: nobody can choose when a real machine's tick comes.

Nor when the period of its fair server began: every worker wakes once before the run, and may have
begun one.
"""

from __future__ import annotations

from dataclasses import replace

from kernel.linux.policy import USUAL_HZ, Linux
from kernel.scheduling.policy import Policy
from kernel.units import ms
from kernel.workload import Workload
from sim.machine import simulate
from timeline.record.run import Run

PHASES = 8
OLDEST = ms(24)  # a period of the fair server, when the run begins


def other_phases(workload: Workload) -> list[Run]:
    """Runs of the model with the tick at other times than the workload says; none if it has no
    tick, or none that anybody could choose.
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
                    policy=_aged(scheduler.policy, k * OLDEST // PHASES),
                    parameters={
                        **scheduler.parameters,
                        "phase": (phase + k * tick // PHASES) % tick,
                    },
                ),
            )
        )
        for k in range(1, PHASES)
    ]


def _aged(policy: type[Policy], age: int) -> type[Policy]:
    return policy.with_server_of(age) if issubclass(policy, Linux) else policy
