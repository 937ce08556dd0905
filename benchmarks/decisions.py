"""What a decision costs with few and with many ready processes, under every policy.

    python -m benchmarks.decisions

The simulator on two cores, with so many ready processes all the time: whoever's job is done has
its next one waiting. A decision is all that a slice costs from its beginning to its end: the
policy, the books, the record and the clock. Lengths, priorities, tickets, nice values and deadlines
are drawn.

First everybody has had a turn on average. Then batches with few and with many take turns, and of
their ratios the median counts. A bare heap of so many is shown beside them: what it takes longer,
nobody who keeps order can do without, however little else a decision costs.
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
"""What the docstring of a policy says that cannot do it: it looks at all, or no cache helps it."""
BATCH, ROUNDS = 5_000, 9
WARM = 2_000  # decisions before the clock runs, or one for each process if there are more


class Counted(SimulatedMachine):
    """The simulated machine, stopped when so many slices have begun."""

    def __init__(self, policy: str, ready: int) -> None:
        self._slices = 0
        super().__init__(_workload(policy, ready), lambda done: None)
        self._arrivals.await_next()

    def run(self, process: Process, core: int, length: int) -> None:
        """Count the slice, and begin it."""
        self._slices += 1
        super().run(process, core, length)

    def decide(self, slices: int) -> None:
        """Go on for so many slices."""
        until, step = self._slices + slices, self._clock.step
        while self._slices < until:
            step()

    def seconds(self, slices: int) -> float:
        """Return the seconds that so many slices take."""
        began = time.perf_counter()
        self.decide(slices)
        return time.perf_counter() - began


def _workload(policy: str, ready: int) -> Workload:
    """Two more than `ready`, for two cores, who always have their next job waiting for them."""
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
    """Of a decision under one policy: µs with each number of READY, and how much it grows."""

    name: str
    exempt: bool
    micros: list[float]
    growth: float

    def __str__(self) -> str:
        micros = "".join(f"{cost:>12,.2f}" for cost in self.micros)
        name = f"{self.name}, as it says" if self.exempt else self.name
        return f"{micros}   x{self.growth:<10,.2f}{name}"


def cost(name: str) -> Cost:
    """Measured with all numbers of READY in turn, without the garbage collector."""
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
    """Of a bare heap: the least is taken out, and put back with a later key."""
    draw = random.Random(3)
    heaps = [[(draw.randrange(ms(1)), n, object()) for n in range(ready)] for ready in READY]
    for each in heaps:
        heapq.heapify(each)
    rounds = [[_turns(each, draw) for each in heaps] for _ in range(1 + ROUNDS)][1:]
    micros = [1e6 * statistics.median(column) for column in zip(*rounds, strict=True)]
    return Cost("(a bare heap)", False, micros, statistics.median(r[-1] / r[0] for r in rounds))


def _turns(entries: list[tuple[int, int, object]], draw: random.Random) -> float:
    """Seconds for each of BATCH * 4 turns of the least in a heap."""
    later = [draw.randrange(ms(1)) for _ in range(BATCH * 4)]
    began = time.perf_counter()
    for more in later:
        key, place, who = heapq.heappop(entries)
        heapq.heappush(entries, (key + more, place, who))
    return (time.perf_counter() - began) / len(later)


def decision_figures() -> Iterator[Figure]:
    """Print what decisions cost, and yield how much that grows with the ready queue."""
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
    """Exit status 1 if a bound is missed."""
    figures = list(decision_figures())
    print()
    return int(not show(figures))


if __name__ == "__main__":
    sys.exit(main())
