"""Four policies in bare SimPy, as an expert would write the smallest program with our decisions.

One process of SimPy is the core. It takes a job from a deque or a heap, and each slice is one
timeout. A job is not a process of SimPy. A wait is an event with one callback. A job that preempts
another interrupts the process of the core. There are no resources and no record, and only the
accounting that decisions need. If a wait and a slice end at the same time, the wait ends first, as
in ours. So the completions are ours to the nanosecond.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from heapq import heappop, heappush
from itertools import count
from typing import Any

import simpy
from simpy.events import URGENT

from kernel.process.program import CPU
from kernel.workload import Workload

Events = Generator[simpy.Event, Any, None]


BOOST = "boost"
"""The cause of an interrupt after which the process keeps its core."""


class Job:
    """A program and its progress."""

    __slots__ = (
        *("begun", "boosts", "durations", "index", "left", "level", "passed", "places"),
        *("rest", "step", "used"),
    )

    def __init__(self, index: int, places: Any, durations: Any) -> None:
        self.index, self.places, self.durations = index, places, durations
        self.step = -1
        self.left = 0  # ns of its burst
        self.passed = 0  # fair: its virtual runtime, ns
        self.level = self.boosts = 0  # mlfq: its level, and the number of boosts so far
        self.used = self.begun = 0  # mlfq: CPU time in total, and at the start of its quantum, ns
        self.rest = 0  # mlfq: ns left of its slice if it was preempted


class Wait(simpy.Event):
    """A timeout that ends before slices that end at the same time."""

    def __init__(self, env: simpy.Environment, delay: int, over: Callable[[Any], None], job: Job):
        self.env = env
        self.callbacks = [over]
        self._value = job
        self._ok = True
        env.schedule(self, URGENT, delay)


class Loop:
    """One core. A policy sets `ready`, which is called with each job that becomes ready."""

    def __init__(self, workload: Workload) -> None:
        self.env = simpy.Environment()
        self.parameters = workload.scheduler.parameters
        self.processes = workload.processes
        self.living = len(self.processes)
        self.done = [0] * self.living
        self.ready: Callable[[Job], None]

    def run(self, policy: Callable[[Loop], None]) -> list[int]:
        """Simulate under a policy. Return the completions (ns) in file order."""
        self.env.process(self.arrivals())
        policy(self)
        self.env.run()
        return self.done

    def arrivals(self) -> Events:
        """Begin each job at its arrival."""
        env, jobs = self.env, sorted(self.processes, key=lambda spec: spec.arrival)
        for spec in jobs:
            if spec.arrival > env.now:
                yield env.timeout(spec.arrival - env.now)
            self.advance(Job(spec.index, spec.program.places, spec.program.durations))

    def advance(self, job: Job) -> None:
        """Begin the next step of a job."""
        step = job.step = job.step + 1
        if step == len(job.places):
            self.done[job.index] = int(self.env.now)
            self.living -= 1
        elif job.places[step] == CPU:
            job.left = job.durations[step]
            self.ready(job)
        else:
            Wait(self.env, job.durations[step], self.waited, job)

    def waited(self, event: simpy.Event) -> None:
        """Begin the next step of the job whose wait has ended."""
        job: Any = event.value
        self.advance(job)


def rr(loop: Loop) -> None:
    """Schedule round robin, with a deque and a quantum."""
    env, quantum, advance = loop.env, loop.parameters["quantum"], loop.advance
    queue: deque[Job] = deque()
    idle: simpy.Event | None = None

    def ready(job: Job) -> None:
        nonlocal idle
        queue.append(job)
        if idle is not None:
            idle.succeed()
            idle = None

    def core() -> Events:
        nonlocal idle
        while True:
            if not queue:
                idle = env.event()
                yield idle
            job = queue.popleft()
            ran = min(job.left, quantum)
            yield env.timeout(ran)
            job.left -= ran
            if job.left:
                queue.append(job)
            else:
                advance(job)

    loop.ready = ready
    env.process(core())


def srtf(loop: Loop) -> None:
    """Schedule by a heap of remaining bursts. A job with less left preempts the running job."""
    env, advance, turns = loop.env, loop.advance, count()
    heap: list[tuple[int, int, Job]] = []
    idle: simpy.Event | None = None
    ends: Any = 0  # when the burst of the running job ends, ns

    def ready(job: Job) -> None:
        nonlocal idle, ends
        heappush(heap, (job.left, next(turns), job))
        if idle is not None:
            idle.succeed()
            idle = None
        elif job.left < ends - env.now:
            ends = 0  # it is interrupted once
            process.interrupt()

    def core() -> Events:
        nonlocal idle, ends
        while True:
            if not heap:
                idle = env.event()
                yield idle
            left, _, job = heappop(heap)
            end = ends = env.now + left
            try:
                yield env.timeout(left)
                ends = 0
                advance(job)
            except simpy.Interrupt:
                job.left = int(end - env.now)
                heappush(heap, (job.left, next(turns), job))

    loop.ready = ready
    process = env.process(core())


def mlfq(loop: Loop) -> None:
    """Schedule by a deque for each level.

    A job that uses up its quantum moves down a level. A job of a higher level preempts the running
    job. A boost moves all jobs to the top level.
    """
    env, advance, quanta = loop.env, loop.advance, loop.parameters["quanta"]
    boost, last = loop.parameters["boost"], len(quanta) - 1
    queues: list[deque[Job]] = [deque() for _ in quanta]
    idle: simpy.Event | None = None
    running: Job | None = None
    began: Any = 0  # when its slice began, or the last boost in it, ns
    ends: Any = 0  # when its slice ends, ns
    boosts = 0

    def lifted(job: Job) -> None:
        """Move a job to the top level because of a boost since it was last considered."""
        job.boosts, job.level, job.begun, job.rest = boosts, 0, job.used, 0

    def ready(job: Job) -> None:
        nonlocal idle, running
        if job.boosts != boosts:
            lifted(job)
        job.rest = 0
        queues[job.level].append(job)
        if idle is not None:
            idle.succeed()
            idle = None
        elif (
            running is not None
            and job.level < running.level
            and env.now < ends
            and env.now % boost  # otherwise a boost moves the running job up at this instant
        ):
            running = None  # it is interrupted once
            process.interrupt()

    def ran(job: Job, duration: int) -> None:
        job.left -= duration
        job.used += int(env.now - began)
        if job.used - job.begun >= quanta[job.level]:
            job.level = min(job.level + 1, last)
            job.begun = job.used

    def core() -> Events:
        nonlocal idle, running, began, ends
        while True:
            queue = next(filter(None, queues), None)
            if queue is None:
                idle = env.event()
                yield idle
                continue
            job = queue.popleft()
            if job.boosts != boosts:
                lifted(job)
            slice = job.rest or quanta[job.level] - job.used + job.begun
            length = min(slice, job.left)
            running, start = job, env.now
            began, ends = start, start + length
            try:
                while env.now < ends:
                    try:
                        yield env.timeout(ends - env.now)
                    except simpy.Interrupt as interrupt:
                        if interrupt.cause is not BOOST:
                            raise
                        slice = env.now - start + quanta[0]
                        length = min(slice, job.left)
                        ends = start + length
                running = None
                ran(job, length)
                if job.left:
                    job.rest = 0
                    queues[job.level].append(job)
                else:
                    advance(job)
            except simpy.Interrupt:
                length = int(env.now - start)
                ran(job, length)
                job.rest = slice - length
                queues[job.level].appendleft(job)

    def booster() -> Events:
        nonlocal boosts, began
        while loop.living:
            yield env.timeout(boost)
            boosts += 1
            for queue in queues[1:]:
                queues[0].extend(queue)
                queue.clear()
            if running is not None:
                running.used += int(env.now - began)
                began = env.now
                lifted(running)
                if env.now < ends:  # its quantum begins again
                    process.interrupt(BOOST)

    loop.ready = ready
    process = env.process(core())
    env.process(booster())


def fair(loop: Loop) -> None:
    """Schedule by a heap of virtual runtimes. The fewer jobs are ready, the longer the slices."""
    env, advance, turns = loop.env, loop.advance, count()
    latency, granularity = loop.parameters["latency"], loop.parameters["granularity"]
    heap: list[tuple[int, int, Job]] = []
    idle: simpy.Event | None = None
    floor = 0  # the virtual runtime of the job that was picked last, ns

    def ready(job: Job) -> None:
        nonlocal idle
        job.passed = max(job.passed, floor)
        heappush(heap, (job.passed, next(turns), job))
        if idle is not None:
            idle.succeed()
            idle = None

    def core() -> Events:
        nonlocal idle, floor
        while True:
            if not heap:
                idle = env.event()
                yield idle
            floor, _, job = heappop(heap)
            ran = min(job.left, max(granularity, latency // (1 + len(heap))))
            yield env.timeout(ran)
            job.left -= ran
            job.passed += ran
            if job.left:
                heappush(heap, (job.passed, next(turns), job))
            else:
                advance(job)

    loop.ready = ready
    env.process(core())


POLICIES: dict[str, Callable[[Loop], None]] = {"rr": rr, "srtf": srtf, "mlfq": mlfq, "fair": fair}


def run(workload: Workload) -> list[int]:
    """Simulate a workload of one core without devices. Return completions (ns) in file order."""
    return Loop(workload).run(POLICIES[workload.scheduler.name])
