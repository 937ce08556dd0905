"""Cases of the oracle: drawn at random, turned into workloads, and what became of them."""

from __future__ import annotations

import random
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from kernel.process import State
from kernel.scheduling import POLICIES, Policy
from kernel.workload import (
    CPU,
    WAIT,
    DeviceSpec,
    MemorySpec,
    ProcessSpec,
    Program,
    SchedulerSpec,
    Workload,
)
from tests.sim import oracle
from tests.sim.oracle import Case, Job, Stay
from timeline.run import Run


def workload(
    policy: str | type[Policy],
    jobs: Sequence[Job],
    parameters: Mapping[str, Any] | None = None,
    *,
    tick: int = 1,
    names: Sequence[str] = (),
    cores: int = 1,
    devices: Mapping[str, int | None] | None = None,
    partitions: Sequence[int] | None = None,
    fit: str = "first",
    admission: str = "fifo",
    ties: str = "arrival-first",
) -> Workload:
    """A workload of jobs in ticks of `tick` ns, named P1, P2, … unless `names` says otherwise."""
    kind = POLICIES[policy] if isinstance(policy, str) else policy
    places = {oracle.CPU: CPU, oracle.WAIT: WAIT}
    places.update((name, index) for index, name in enumerate(devices or {}))
    given = {
        name: value * tick if name == "quantum" else value
        for name, value in (parameters or {}).items()
    }
    return Workload(
        source={
            "title": "t",
            "about": "",
            "file": "t.yaml",
            "text": "",
            "overrides": [],
            "sha256": "5e",
            "seed": 7,
        },
        cores=cores,
        devices=tuple(DeviceSpec(name, units) for name, units in (devices or {}).items()),
        memory=None
        if partitions is None
        else MemorySpec(sum(partitions), tuple(partitions), fit, admission),
        scheduler=SchedulerSpec(
            policy if isinstance(policy, str) else kind.__name__,
            kind,
            {**kind.parameters(), **given},
            ties,
        ),
        processes=tuple(
            ProcessSpec(
                index,
                names[index] if names else f"P{index + 1}",
                job.arrival * tick,
                Program(
                    array("h", [places[where] for where, _ in job.steps]),
                    array("q", [ticks * tick for _, ticks in job.steps]),
                ),
                job.memory,
                job.priority,
            )
            for index, job in enumerate(jobs)
        ),
    )


def workload_of(case: Case, tick: int) -> Workload:
    """What the simulated machine is given of a case."""
    return workload(
        case.policy,
        case.jobs,
        case.parameters,
        tick=tick,
        cores=case.cores,
        devices=case.devices,
        partitions=case.partitions,
        fit=case.fit,
        admission=case.admission,
        ties=case.ties,
    )


def stays_of(run: Run, tick: int) -> list[list[Stay]]:
    """Each process's intervals as the oracle writes them, in ticks."""
    found: list[list[Stay]] = [[] for _ in run.processes]
    for row in run.intervals:
        assert row.start % tick == row.end % tick == 0
        found[row.process].append(
            Stay(
                State(row.state).name.lower(),
                row.start // tick,
                row.end // tick,
                None if row.core < 0 else row.core,
                None if row.device < 0 else run.device_names[row.device],
            )
        )
    return found


def random_case(policy: str, seed: int) -> Case:
    """Small numbers, so that much happens at one instant."""
    draw = random.Random(f"{policy}-{seed}")
    devices = {
        name: draw.choice([1, 1, 2, None]) for name in ("disk", "net")[: draw.choice([0, 1, 1, 2])]
    }
    partitions = None
    if draw.random() < 0.4:
        partitions = tuple(draw.randint(2, 8) for _ in range(draw.randint(1, 4)))
    latest, longest = draw.choice([0, 3, 12]), draw.choice([1, 2, 4, 9])
    most_steps = draw.choice([1, 3, 8])
    waits = [oracle.WAIT, *devices, *devices]

    def job() -> Job:
        steps: list[tuple[str, int]] = []
        for _ in range(draw.randint(1, most_steps)):
            after_cpu = bool(steps) and steps[-1][0] == oracle.CPU
            likely = 0.0 if after_cpu else 0.75
            where = oracle.CPU if draw.random() < likely else draw.choice(waits)
            steps.append((where, draw.randint(1, longest)))
        memory = draw.randint(0, max(partitions)) if partitions else 0
        return Job(draw.randint(0, latest), tuple(steps), memory, draw.randint(0, 3))

    parameters: dict[str, Any] = {}
    if policy == "rr":
        parameters = {"quantum": draw.randint(1, 4)}
    elif policy == "priority":
        parameters = {
            "preemptive": draw.random() < 0.6,
            "highest": draw.choice(["small", "large"]),
        }
    return Case(
        policy=policy,
        jobs=tuple(job() for _ in range(draw.choice([1, 2, 3, 4, 5, 6, 7, 8, 10]))),
        parameters=parameters,
        cores=draw.choice([1, 1, 2, 3, 4]),
        devices=devices,
        partitions=partitions,
        fit=draw.choice(["first", "best"]),
        admission=draw.choice(["fifo", "skip"]),
        ties=draw.choice(["arrival-first", "expiry-first"]),
    )
