"""Exact shares of the CPU: the process that is furthest behind its share runs next."""

from __future__ import annotations

from math import lcm

from kernel.process.control_block import Process
from kernel.scheduling.ready_queue import LeastFirst
from kernel.units import Duration, ms
from translation import mark

WEIGHTS = (
    *(88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916),
    *(9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277),
    *(1024, 820, 655, 526, 423, 335, 272, 215, 172, 137),
    *(110, 87, 70, 56, 45, 36, 29, 23, 18, 15),
)
"""Linux's weight of each nice value from -20 to 19 (kernel/sched/core.c, sched_prio_to_weight)."""
PASS = tuple(lcm(*WEIGHTS) // weight for weight in WEIGHTS)
"""What one ns of CPU time adds to the virtual runtime at each nice value, without a remainder."""


STAYS = ("expired", "preempted", "yielded")
"""The reasons for which a process leaves its core and is ready again at once."""


class LeastPassed(LeastFirst):
    """The process with the least CPU time divided by weight (its pass) runs next."""

    unit = 1
    """What one ns adds to the pass at weight 1. Weights that divide it cause no rounding error."""

    def weight(self, process: Process) -> int:
        """Return its share, in any unit."""
        raise NotImplementedError

    def key(self, process: Process) -> int:
        passed: int = process.account
        return passed

    def setup(self) -> None:
        super().setup()
        self._floor = 0  # the pass of the process picked last, when it was picked
        self._load = 0  # the sum of the weights of all processes that are ready or running

    def ready(self, process: Process, why: str) -> None:
        if why not in STAYS:
            process.account = max(process.account or 0, self._floor)
            self._load += self.weight(process)
        LeastFirst.ready(self, process, why)

    def take(self, core: int = -1) -> Process | None:
        process = LeastFirst.take(self, core)
        if process is not None:
            self._floor = process.account
        return process

    def ran(self, process: Process, duration: int, why: str) -> None:
        weight = self.weight(process)
        process.account += duration * self.unit // weight
        if why not in STAYS:
            self._load -= weight

    def removed(self, process: Process) -> None:
        super().removed(process)
        self._load -= self.weight(process)


class Stride(LeastPassed):
    """CPU time in proportion to tickets; between two processes at most one quantum off.

    Good for exact shares, also over short times. Fails to say where a newcomer should start, and
    pays for shares with response time. Waldspurger and Weihl, 1995.
    """

    rule = mark("the least pass")
    tie_rule = mark("equal passes: file order")
    unit = lcm(*range(1, 101)) * 10_000
    quantum: Duration = ms(10)

    def weight(self, process: Process) -> int:
        return process.tickets

    def insert(self, process: Process, place: int) -> None:
        super().insert(process, process.index)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        process = self.take(core)
        return None if process is None else (process, self.quantum)

    def keys(self, process: Process) -> dict[str, int]:
        return {"pass": process.account // self.unit, "tickets": process.tickets}


class Fair(LeastPassed):
    """The least virtual runtime first: CPU time, weighted by nice; the fewer, the longer slices.

    Good for many users: each process gets a share, and one that slept is served soon. Fails batch
    work when many are ready (slices shrink to the granularity). OSTEP, ch. 9, after Linux's CFS.
    """

    rule = mark("the least virtual runtime")
    unit = lcm(*WEIGHTS)
    latency: Duration = ms(48)
    granularity: Duration = ms(6)

    def weight(self, process: Process) -> int:
        return WEIGHTS[process.nice + 20]

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        process = self.take(core)
        if process is None:
            return None
        share = self.latency * WEIGHTS[process.nice + 20] // self._load
        return process, share if share > self.granularity else self.granularity

    def ran(self, process: Process, duration: int, why: str) -> None:
        process.account += duration * PASS[process.nice + 20]  # without the base's division
        if why not in STAYS:
            self._load -= WEIGHTS[process.nice + 20]

    def keys(self, process: Process) -> dict[str, int]:
        runtime = process.account * WEIGHTS[20] // self.unit
        return {"vruntime_ns": runtime, "weight": self.weight(process)}
