"""The feedback queue of OSTEP's own program, tick by tick, written after that program.

R. and A. Arpaci-Dusseau, Operating Systems: Three Easy Pieces, ch. 8 (`mlfq.py` of its homework): a
job stays at the head of its queue while it runs, and it keeps the rest of its slice when it is
preempted or does I/O. A boost gives every job, the running one too, a whole slice of the
top queue. It differs in three things from that program: the queues are joined from the top down;
the order at one instant is that of the scenario language; and each job has one slice at a level.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(eq=False)
class Job:
    start: int
    length: int  # ticks of CPU in all
    every: int  # ticks of CPU after which it does I/O; 0: never
    left: int = 0
    level: int = 0
    slice: int = 0


@dataclass(frozen=True)
class Machine:
    quanta: Sequence[int]  # ticks, from the top
    boost: int  # ticks
    io: int  # ticks that each I/O takes
    expiry_first: bool


def played(jobs: Sequence[Job], machine: Machine) -> str:
    """Return the job that runs at each tick, as its letter; `.` for an idle tick."""
    queues: list[deque[Job]] = [deque() for _ in machine.quanta]
    done: dict[int, list[Job]] = {}
    for job in jobs:
        job.left, job.level, job.slice = job.length, 0, machine.quanta[0]
    trace = ""
    now = 0
    over: Job | None = None  # the job whose slice ended with the last tick
    running: Job | None = None  # the job whose slice goes on
    while any(job.left for job in jobs):
        first = [over] if over and machine.expiry_first else []
        last = [over] if over and not machine.expiry_first else []
        for job in first:
            _requeue(job, queues, machine)
        for job in done.pop(now, []):
            queues[job.level].append(job)
        if now and now % machine.boost == 0:
            _boost(jobs, queues, machine, running)
        queues[0].extend(job for job in jobs if job.start == now)
        for job in last:
            _requeue(job, queues, machine)
        chosen = next((queue[0] for queue in queues if queue), None)
        over = running = None
        now += 1
        trace += "." if chosen is None else "ABCDEFGH"[jobs.index(chosen)]
        if chosen is None:
            continue
        job = chosen
        job.left -= 1
        job.slice -= 1
        issues = bool(job.left and job.every and (job.length - job.left) % job.every == 0)
        if not job.left or issues:
            queues[job.level].popleft()
        if issues:
            done.setdefault(now + machine.io, []).append(job)
            if not job.slice:
                _sink(job, machine)
        elif job.left and not job.slice:
            over = job
        elif job.left:
            running = job
    return trace


def _sink(job: Job, machine: Machine) -> None:
    job.level = min(job.level + 1, len(machine.quanta) - 1)
    job.slice = machine.quanta[job.level]


def _requeue(job: Job, queues: list[deque[Job]], machine: Machine) -> None:
    """Move a job whose slice is over to the end of the next queue; after a boost, of its queue."""
    next(queue for queue in queues if job in queue).remove(job)
    if not job.slice:
        _sink(job, machine)
    queues[job.level].append(job)


def _boost(
    jobs: Sequence[Job], queues: list[deque[Job]], machine: Machine, running: Job | None
) -> None:
    """Move all jobs to the top queue. The running job keeps its core: it becomes the first."""
    for queue in queues[1:]:
        queues[0].extend(queue)
        queue.clear()
    if running is not None:
        queues[0].remove(running)
        queues[0].appendleft(running)
    for job in jobs:
        job.level, job.slice = 0, machine.quanta[0]


def random_jobs(draw: random.Random) -> tuple[list[Job], Machine]:
    """Draw jobs with small numbers, so that boosts, expiries, arrivals and I/O coincide."""
    quanta = [draw.randint(1, 12) for _ in range(draw.randint(1, 4))]
    machine = Machine(quanta, draw.randint(1, 25), draw.randint(1, 6), draw.random() < 0.5)
    jobs = [
        Job(draw.choice([0, 0, draw.randint(0, 30)]), draw.randint(1, 40), draw.randint(0, 6))
        for _ in range(draw.randint(1, 6))
    ]
    return jobs, machine
