"""The policies in bare SimPy with its resources, as a user would write them in an afternoon.

They make the decisions of ours with two exceptions. In `srtf` a running process counts with the
remaining burst that it had when its slice began. In `mlfq` there is no boost. Nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from kernel.process.program import CPU
from kernel.units import ms
from kernel.workload import Workload

Events = Generator[simpy.Event, Any, None]


def fcfs(env: simpy.Environment, cpu: simpy.Resource, burst: int, _: dict[str, int]) -> Events:
    """Run the whole burst, in the order of arrival."""
    with cpu.request() as turn:
        yield turn
        yield env.timeout(burst)


def rr(env: simpy.Environment, cpu: simpy.Resource, burst: int, _: dict[str, int]) -> Events:
    """Run the burst in slices of 20 ms."""
    while burst:
        with cpu.request() as turn:
            yield turn
            ran = min(burst, ms(20))
            yield env.timeout(ran)
            burst -= ran


def srtf(
    env: simpy.Environment, cpu: simpy.PreemptiveResource, burst: int, _: dict[str, int]
) -> Events:
    """Run the burst. A burst that is shorter than its rest preempts it."""
    while burst:
        with cpu.request(priority=burst) as turn:
            began = None
            try:  # it may be preempted at the instant at which it gets the core
                yield turn
                began = env.now
                yield env.timeout(burst)
                return
            except simpy.Interrupt:
                burst -= 0 if began is None else int(env.now - began)


def mlfq(
    env: simpy.Environment, cpu: simpy.PreemptiveResource, burst: int, own: dict[str, int]
) -> Events:
    """Run the burst in slices of its level. A process that uses up a quantum moves down a level."""
    level, quanta = own.setdefault("level", 0), (ms(10), ms(20), ms(40))
    while burst:
        with cpu.request(priority=level) as turn:
            began, ran = None, min(burst, quanta[level])
            try:
                yield turn
                began = env.now
                yield env.timeout(ran)
                if ran == quanta[level]:
                    level = own["level"] = min(level + 1, 2)
            except simpy.Interrupt:
                ran = 0 if began is None else int(env.now - began)
            burst -= ran


def fair(
    env: simpy.Environment, cpu: simpy.PriorityResource, burst: int, own: dict[str, int]
) -> Events:
    """Run the burst in slices. The process with the least runtime runs first."""
    own.setdefault("runtime", 0)
    while burst:
        with cpu.request(priority=own["runtime"]) as turn:
            yield turn
            ran = min(burst, max(ms(6), ms(48) // (1 + len(cpu.queue))))
            yield env.timeout(ran)
            own["runtime"] += ran
            burst -= ran


POLICIES: dict[str, tuple[type[simpy.Resource], Callable[..., Events]]] = {
    "fcfs": (simpy.Resource, fcfs),
    "rr": (simpy.Resource, rr),
    "srtf": (simpy.PreemptiveResource, srtf),
    "mlfq": (simpy.PreemptiveResource, mlfq),
    "fair": (simpy.PriorityResource, fair),
}


def run(workload: Workload) -> list[int]:
    """Simulate the workload. Return the completions (ns) in file order."""
    env = simpy.Environment()
    resource, burst = POLICIES[workload.scheduler.name]
    cpu = resource(env, workload.cores)
    done = [0] * len(workload.processes)

    def program(index: int) -> Events:
        spec = workload.processes[index]
        own: dict[str, int] = {}
        yield env.timeout(spec.arrival)
        for place, ns in zip(spec.program.places, spec.program.durations, strict=True):
            if place == CPU:
                yield from burst(env, cpu, ns, own)
            else:
                yield env.timeout(ns)
        done[index] = int(env.now)

    for index in range(len(workload.processes)):
        env.process(program(index))
    env.run()
    return done
