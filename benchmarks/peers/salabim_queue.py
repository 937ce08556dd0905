"""First come, first served in salabim: a component for each process, a resource for the core."""

from __future__ import annotations

from typing import Any

import salabim

from kernel.process.program import CPU
from kernel.workload import Workload


def run(workload: Workload) -> list[int]:
    """Simulate the workload. Return the completions (ns) in file order."""
    salabim.yieldless(False)
    env = salabim.Environment(trace=False)
    cpu = salabim.Resource("cpu", capacity=workload.cores)
    done = [0] * len(workload.processes)

    class Program(salabim.Component):  # type: ignore[misc]
        def process(self, index: int) -> Any:
            program = workload.processes[index].program
            for place, ns in zip(program.places, program.durations, strict=True):
                if place == CPU:
                    yield self.request(cpu)
                    yield self.hold(ns)
                    self.release(cpu)
                else:
                    yield self.hold(ns)
            done[index] = int(env.now())

    for index, spec in enumerate(workload.processes):
        Program(at=spec.arrival, index=index)
    env.run()
    return done
