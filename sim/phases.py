"""The model in several phases of the tick: nobody can choose when a real machine's tick comes."""

from __future__ import annotations

from dataclasses import replace

from kernel.linux.policy import USUAL_HZ
from kernel.workload import Workload
from sim.machine import simulate
from timeline.run import Run

PHASES = 8


def other_phases(workload: Workload) -> list[Run]:
    """Runs of the model with the tick at other times than the workload says; none if it has no
    tick, or none that anybody could choose."""
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
                    parameters={
                        **scheduler.parameters,
                        "phase": (phase + k * tick // PHASES) % tick,
                    },
                ),
            )
        )
        for k in range(1, PHASES)
    ]
