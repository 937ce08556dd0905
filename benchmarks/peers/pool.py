"""The curve of benchmarks/sweeps.py as one writes it by hand: SimPy and a pool of processes.

Three programs compute, wait and compute again, first come, first served, with exponential bursts.
Printed is the mean turnaround at each mean burst.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Generator
from functools import partial
from multiprocessing import Pool
from typing import Any

import simpy

PROGRAMS = ((60, 100, 40), (40, 110, 40), (80, 60, 60))  # ms


def program(
    env: simpy.Environment, core: simpy.Resource, draws: random.Random, times: tuple[int, int, int]
) -> Generator[simpy.Event, Any, float]:
    """Compute, wait, compute. Return when it is done."""
    for place, mean in enumerate(times):
        if place == 1:
            yield env.timeout(mean)
            continue
        with core.request() as request:
            yield request
            yield env.timeout(draws.expovariate(1 / mean))
    return float(env.now)


def replication(scale: float, seed: int) -> float:
    """Return the mean turnaround of one replication, ms."""
    draws, env = random.Random(seed), simpy.Environment()
    core = simpy.Resource(env)
    first = [tuple(int(scale * time) for time in times) for times in PROGRAMS]
    ends = [env.process(program(env, core, draws, times)) for times in first]  # type: ignore[arg-type]
    env.run()
    return sum(float(end.value or 0) for end in ends) / len(ends)


def main() -> None:
    """Print the mean at each scale, of as many replications as are asked for."""
    workers, replications = int(sys.argv[1]), int(sys.argv[2])
    with Pool(workers) as pool:
        for scale in (1.0, 1.5):
            turnarounds = pool.map(partial(replication, scale), range(replications), chunksize=250)
            print(scale, sum(turnarounds) / replications)


if __name__ == "__main__":
    main()
