"""A slow reference of EEVDF: it goes through every step of the clock and every tick.

Written from the rule in docs/linux.md, not from `kernel/linux`: no queue is sorted, no sum is kept,
no tick is skipped. Times are whole steps. Virtual times have the unit of `kernel/linux`, in which
no charge is rounded; V is rounded down when a job is placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import lcm

WEIGHTS = {-20: 88761, -5: 3121, 0: 1024, 1: 820, 5: 335, 10: 110, 19: 15}
ALL = (
    *(88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100),
    *(4904, 3906, 3121, 2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172),
    *(137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15, 3),
)
UNIT = lcm(*ALL)


@dataclass(eq=False)
class Job:
    """A program: CPU time and waits by turns, CPU time first."""

    arrival: int
    steps: Sequence[int]
    nice: int = 0
    kind: str = "other"
    slice: int | None = None

    # its state in the run
    v: int = 0
    d: int = 0
    protected: int = 0
    lag: int = 0
    asked: int = 0
    weight: int = 0
    queued: bool = False
    delayed: bool = False
    since: int = 0  # the number of its last entry into the queue
    step: int = -1
    left: int = 0
    wakes: int | None = None
    runs: list[tuple[int, int]] = field(default_factory=list)


class Clock:
    """All jobs on one core. `run` fills the `runs` of each."""

    def __init__(self, jobs: list[Job], *, tick: int, phase: int, base: int, forked: bool) -> None:
        self.jobs, self.tick, self.phase, self.forked = jobs, tick, phase, forked
        for job in jobs:
            job.asked = job.slice or base
            job.weight = 3 if job.kind == "idle" else WEIGHTS[job.nice]
        self.now = self.settled = self.turn = 0
        self.current: Job | None = None
        self.wanted = False  # it must be decided which job runs
        self.floor = 0
        self.started: list[Job] = []  # jobs that wait, in the order in which they began

    # -- the rule ---------------------------------------------------------------------------------

    def queue(self) -> list[Job]:
        return [job for job in self.jobs if job.queued]

    def average(self) -> int:
        queue = self.queue()
        if not queue:
            return self.floor
        return sum(j.weight * j.v for j in queue) // sum(j.weight for j in queue)

    def eligible(self, job: Job) -> bool:
        queue = self.queue()
        return sum(j.weight * (j.v - job.v) for j in queue) >= 0

    def virtual(self, job: Job, length: int) -> int:
        return length * UNIT // job.weight

    def owed(self, job: Job) -> int:
        most = self.virtual(job, max(j.asked for j in self.queue()) + self.tick)
        return min(max(self.average() - job.v, -most), most)

    def enter(self, job: Job, first: bool) -> None:
        queue = self.queue()
        total = sum(j.weight for j in queue)
        lag = job.lag * (total + job.weight) // total if total else 0
        job.v = self.average() - lag
        request = self.virtual(job, job.asked)
        job.d = job.v + (request // 2 if first and self.forked else request)
        job.queued = True
        self.stand(job)

    def stand(self, job: Job) -> None:
        self.turn += 1
        job.since = self.turn

    def out(self, job: Job) -> None:
        job.lag = self.owed(job)
        if job.delayed:
            job.lag, job.delayed = min(job.lag, 0), False
        self.floor = self.average()
        job.queued = False
        if self.current is job:
            self.current = None

    def settle(self) -> None:
        """Account for what the running job had, as the kernel does at ticks and other events."""
        job = self.current
        if job is None or self.settled == self.now:
            return
        self.settled = self.now
        renewed = job.v >= job.d
        if renewed:
            job.d = job.v + self.virtual(job, job.asked)
        if len(self.queue()) > 1 and (renewed or job.v >= job.protected):
            self.wanted = True

    def choose(self, protect: bool = True) -> Job:
        queue, current = self.queue(), self.current
        if len(queue) == 1:
            return queue[0]
        if current and self.eligible(current) and protect and current.v < current.protected:
            return current
        able = [job for job in queue if self.eligible(job)]
        first = min(job.d for job in able)
        those = [job for job in able if job.d == first]
        others = [job for job in those if job is not current]
        return min(others, key=lambda job: job.since) if others else those[0]

    def arrive(self, job: Job, first: bool) -> None:
        self.settle()
        if job.delayed:
            job.delayed = False
            if self.owed(job) > 0:
                job.queued, job.lag = False, 0
                self.enter(job, False)
        else:
            self.enter(job, first)
        current = self.current
        if current is None or self.wanted:
            return
        if (current.kind == "idle") != (job.kind == "idle"):
            self.wanted = current.kind == "idle"
            if self.wanted:
                current.protected = current.v
        elif job.kind == "other":
            short = (
                job.asked < current.asked
                and self.eligible(job)
                and (job.d < current.d or not self.eligible(current))
            )
            if self.choose(protect=not short) is job:
                self.wanted = True
                if short:
                    current.protected = current.v
            else:
                least = min(j.asked for j in self.queue())
                bound = current.v + self.virtual(current, least)
                current.protected = min(current.protected, bound)

    # -- one step of the clock --------------------------------------------------------------------

    def run(self, until: int) -> None:
        self.instant()
        while any(job.step < len(job.steps) for job in self.jobs):
            self.now += 1
            assert self.now < until, "it never ends"
            job = self.current
            if job is not None:
                job.v += UNIT // job.weight
                job.left -= 1
                start, _ = (
                    job.runs.pop()
                    if job.runs and job.runs[-1][1] == self.now - 1
                    else (
                        self.now - 1,
                        0,
                    )
                )
                job.runs.append((start, self.now))
            self.instant()

    def instant(self) -> None:
        job = self.current
        if job is not None and job.left == 0:
            self.settle()
            self.over(job)
        for job in [job for job in self.started if job.wakes == self.now]:
            self.started.remove(job)
            job.step += 1
            job.left = job.steps[job.step]
            self.arrive(job, False)
        if (self.now - self.phase) % self.tick == 0:
            self.settle()
        for job in self.jobs:
            if job.arrival == self.now:
                job.step, job.left = 0, job.steps[0]
                self.arrive(job, True)
        if self.current is None or self.wanted:
            self.pick()

    def over(self, job: Job) -> None:
        job.step += 1
        if job.step == len(job.steps):
            self.out(job)
            return
        job.wakes = self.now + job.steps[job.step]
        self.started.append(job)
        if self.eligible(job):
            self.out(job)
        else:
            job.delayed = True
            self.current = None
            self.stand(job)

    def pick(self) -> None:
        self.wanted = False
        while self.queue():
            best = self.choose()
            if best.delayed:
                self.out(best)
                continue
            if best is not self.current:
                if self.current is not None:
                    self.stand(self.current)
                self.current = best
                best.protected = best.d
                least = min(job.asked for job in self.queue())
                if least != best.asked:
                    bound = best.v + self.virtual(best, least)
                    best.protected = min(best.d, bound)
                self.settled = self.now
            return
