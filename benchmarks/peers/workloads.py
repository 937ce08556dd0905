"""The workloads that all simulators get: programs of bursts and waits, or periodic tasks."""

from __future__ import annotations

import random

from kernel.policies import POLICIES
from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload

PROCESSES = 3_000
LOAD = 0.9  # of one core
TASKS = tuple((ms(10 + 7 * number), ms(10 + 7 * number) * 8 // 100) for number in range(10))
"""(period, CPU time of a job) of each task, ns. Together they use 80 % of a core."""
HORIZON = ms(10_000)


def _scheduler(policy: str) -> SchedulerSpec:
    parameters = POLICIES[policy].parameters()
    return SchedulerSpec(policy, POLICIES[policy], parameters)


def mixed(policy: str, processes: int = PROCESSES) -> Workload:
    """Return processes with random arrivals, and bursts of 5 to 50 ms with waits of 20 ms."""
    draw, at, specs = random.Random(1), 0.0, []
    for index in range(processes):
        steps = []
        for burst in range(5):
            steps += [(WAIT, ms(20))] * bool(burst) + [(CPU, draw.randint(ms(5), ms(50)))]
        program = Program.of(steps)
        at += draw.expovariate(LOAD / (5 * 27_500_000))
        specs.append(ProcessSpec(index, f"p{index}", int(at), program))
    return _workload(policy, specs)


def alike(processes: int = PROCESSES) -> Workload:
    """Return processes in which each burst is 27 ms.

    They are for simulators in which a queue has one service time.
    """
    draw, at, specs = random.Random(1), 0.0, []
    steps = [(CPU, ms(27)), (WAIT, ms(20))] * 4 + [(CPU, ms(27))]
    for index in range(processes):
        at += draw.expovariate(LOAD / (5 * ms(27)))
        specs.append(ProcessSpec(index, f"p{index}", int(at), Program.of(steps)))
    return _workload("fcfs", specs)


def periodic(policy: str) -> Workload:
    """Return the periodic tasks, with as many jobs of each as are released before the horizon."""
    specs = []
    for index, (period, burst) in enumerate(TASKS):
        jobs = -(-HORIZON // period)
        steps = [(CPU, burst)] + [(RELEASE, 0), (CPU, burst)] * (jobs - 1)
        program = Program.of(steps)
        specs.append(ProcessSpec(index, f"T{index}", 0, program, period=period, deadline=period))
    return _workload(policy, specs)


def _workload(policy: str, specs: list[ProcessSpec]) -> Workload:
    return Workload(
        source={"title": policy, "seed": 0},
        cores=1,
        devices=(),
        memory=None,
        scheduler=_scheduler(policy),
        processes=tuple(specs),
    )
