"""Measure the cost of a decision with few and with many ready processes, for each policy.

    python -m benchmarks.decisions

The simulator has two cores and a constant number of ready processes: when a job is done, the next
job of its process is ready at once. The cost of a decision is all the time that the simulator takes
for a slice: the policy, the accounting, the record and the clock. Lengths, priorities, tickets,
nice values and deadlines are drawn.

The measurement begins when each process has had one slice on average. Then batches with few and
with many ready processes take turns, and the result is the median of their ratios. A heap with as
many entries is measured too. A policy that keeps its ready queue sorted cannot grow less than that.
"""

from __future__ import annotations

import gc
import heapq
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.figures import Figure, show
from kernel.policies import POLICIES
from kernel.process.control_block import Process
from kernel.process.program import CPU, RELEASE, Program
from kernel.process.spec import ProcessSpec
from kernel.units import ms, us
from kernel.workload import SchedulerSpec, Workload
from sim.machine import SimulatedMachine

READY = (10, 1_000, 100_000)
GROWTH = 2.0  # at most, from the fewest to the most
EXEMPT = ("O(ready processes)", "anywhere in memory")
"""Words in the docstring of a policy that is exempt from GROWTH.

It looks at all ready processes, or its accesses are spread over memory, so that no cache helps.
"""
BATCH, ROUNDS = 5_000, 9
WARM = 2_000  # decisions before the clock runs, or one for each process if there are more


class Counted(SimulatedMachine):
    """The simulated machine, which can be run for a given number of slices."""

    def __init__(self, policy: str, ready: int) -> None:
        self._slices = 0
        super().__init__(_workload(policy, ready), lambda _: None)
        self._arrivals.await_next()

    def run(self, process: Process, core: int, length: int) -> None:
        """Count the slice, and begin it."""
        self._slices += 1
        super().run(process, core, length)

    def decide(self, slices: int) -> None:
        """Simulate until so many more slices have begun."""
        until, step = self._slices + slices, self._clock.step
        while self._slices < until:
            step()

    def seconds(self, slices: int) -> float:
        """Return the seconds that the next slices, so many, take."""
        began = time.perf_counter()
        self.decide(slices)
        return time.perf_counter() - began


def _workload(policy: str, ready: int) -> Workload:
    """Return a workload for two cores with `ready` + 2 processes. Each always has a next job."""
    draw = random.Random(2)
    jobs = max(40, 400_000 // ready)
    programs = [
        Program.of([step for _ in range(jobs) for step in _job(draw)][:-1]) for _ in range(10)
    ]
    processes = [_process(draw, index, draw.choice(programs)) for index in range(ready + 2)]
    kind = POLICIES[policy]
    scheduler = SchedulerSpec(policy, kind, kind.parameters())
    if kind.left_to_the_machine:  # a queue for each core
        scheduler = replace(scheduler, queues="per-core", balance="steal")
    return Workload(
        source={"title": "bench", "seed": 1},
        cores=2,
        devices=(),
        memory=None,
        scheduler=scheduler,
        processes=tuple(processes),
    )


def _job(draw: random.Random) -> list[tuple[int, int]]:
    return [(CPU, draw.randint(ms(1), ms(100))), (RELEASE, 0)]


def _process(draw: random.Random, index: int, program: Program) -> ProcessSpec:
    period = draw.randint(us(2), us(200))
    return ProcessSpec(
        index,
        f"p{index}",
        0,
        program,
        priority=draw.randrange(140),
        nice=draw.randrange(-20, 20),
        tickets=draw.randint(1, 100),
        period=period,
        deadline=draw.randint(period // 2, period),
    )


@dataclass(slots=True)
class Cost:
    """The cost of a decision of one policy: µs for each number in READY, and how much it grows."""

    name: str
    exempt: bool
    micros: list[float]
    growth: float

    def __str__(self) -> str:
        micros = "".join(f"{cost:>12,.2f}" for cost in self.micros)
        name = f"{self.name}, as it says" if self.exempt else self.name
        return f"{micros}   x{self.growth:<10,.2f}{name}"


def cost(name: str) -> Cost:
    """Measure one policy with each number in READY by turns, without the garbage collector."""
    doc = " ".join((POLICIES[name].__doc__ or "").split())
    exempt = any(words in doc for words in EXEMPT)
    slow = EXEMPT[0] in doc
    machines = [Counted(name, ready) for ready in READY]
    batches = [max(1, 10_000 // ready) if slow else BATCH for ready in READY]
    rounds: list[list[float]] = []
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for machine, ready, batch in zip(machines, READY, batches, strict=True):
            machine.decide(batch if slow else max(WARM, ready))
        for _ in range(3 if slow else ROUNDS):
            pairs = zip(machines, batches, strict=True)
            rounds.append([machine.seconds(batch) / batch for machine, batch in pairs])
    finally:
        gc.enable()
        gc.unfreeze()
    micros = [1e6 * statistics.median(column) for column in zip(*rounds, strict=True)]
    return Cost(name, exempt, micros, statistics.median(row[-1] / row[0] for row in rounds))


def heap() -> Cost:
    """Measure a bare heap: the least entry is removed, and added again with a larger key."""
    draw = random.Random(3)
    heaps = [[(draw.randrange(ms(1)), n, object()) for n in range(ready)] for ready in READY]
    for each in heaps:
        heapq.heapify(each)
    rounds = [[_turns(each, draw) for each in heaps] for _ in range(1 + ROUNDS)][1:]
    micros = [1e6 * statistics.median(column) for column in zip(*rounds, strict=True)]
    return Cost("(a bare heap)", False, micros, statistics.median(r[-1] / r[0] for r in rounds))


def _turns(entries: list[tuple[int, int, object]], draw: random.Random) -> float:
    """Return the mean seconds of removing and adding an entry, over BATCH * 4 times."""
    later = [draw.randrange(ms(1)) for _ in range(BATCH * 4)]
    began = time.perf_counter()
    for more in later:
        key, place, who = heapq.heappop(entries)
        heapq.heappush(entries, (key + more, place, who))
    return (time.perf_counter() - began) / len(later)


def decision_figures() -> Iterator[Figure]:
    """Print the cost of decisions, and yield how much it grows with the ready queue."""
    heading = "".join(f"{ready:>12,}" for ready in READY)
    print(f"{heading}   ready processes: µs a decision, and how much it grows")
    worst: list[Cost] = []
    print(heap(), flush=True)
    for name in POLICIES:
        found = cost(name)
        print(found, flush=True)
        if not found.exempt:
            worst.append(found)
    for found in worst:
        text = f"{found.growth:.2f} (at most {GROWTH:g})"
        what = f"{found.name}, {READY[-1]:,} ready over {READY[0]}"
        yield Figure(what, found.growth, GROWTH, text, True)


def main() -> int:
    """Return exit status 1 if a bound is missed."""
    figures = list(decision_figures())
    print()
    return int(not show(figures))


if __name__ == "__main__":
    sys.exit(main())
