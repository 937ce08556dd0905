"""A second machine, slow and plain, to check the first one against: it lives tick by tick.

Written from the rules ("Order at one instant", "The policy interface", "Steps and cores"), not from
the kernel, of which it uses nothing: no events, no heaps, no intervals. Each tick it notes what
everybody is doing; who did what from when to when is read off those notes at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

CPU, WAIT = "cpu", "wait"
"""Where a step takes place; anything else is the name of a device."""


@dataclass(frozen=True)
class Job:
    """A program: steps of (where, ticks). Neighbouring CPU steps are not expected."""

    arrival: int
    steps: tuple[tuple[str, int], ...]
    memory: int = 0
    priority: int = 0


@dataclass(frozen=True)
class Case:
    """A workload in ticks. Jobs are named by their place in `jobs`."""

    policy: str  # fcfs | rr | sjf | srtf | priority
    jobs: tuple[Job, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)  # quantum | preemptive, highest
    cores: int = 1
    devices: Mapping[str, int | None] = field(default_factory=dict)  # name: units
    partitions: tuple[int, ...] | None = None
    fit: str = "first"
    admission: str = "fifo"
    ties: str = "arrival-first"


class Stay(NamedTuple):
    """A job was in one state, from `start` to before `end` (ticks)."""

    state: str  # new | ready | running | blocked
    start: int
    end: int
    core: int | None = None
    device: str | None = None


class Life:
    """What the oracle knows of one job while it plays."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.state = "unborn"
        self.at = 0  # the step it is in
        self.left = 0  # ticks of that step
        self.core: int | None = None
        self.slice: int | None = None  # ticks left of its slice; None: as long as it likes
        self.turn = 0  # the number of its latest becoming ready
        self.served = 0  # the number of its latest start of I/O; 0: it stands in a line
        self.partition: int | None = None
        self.notes: list[tuple[int, str, int, int | None, str | None]] = []

    @property
    def where(self) -> str:
        return self.job.steps[self.at][0]

    def stays(self) -> Iterator[Stay]:
        """Neighbouring ticks with the same note are one stay."""
        for (state, _, core, device), ticks in groupby(self.notes, key=lambda note: note[1:]):
            moments = [tick[0] for tick in ticks]
            yield Stay(state, moments[0], moments[-1] + 1, core, device)


class Oracle:
    """Plays a case from the first tick to the last."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.lives = [Life(job) for job in case.jobs]
        self.now = 0
        self.numbers = iter(range(1, 10**9))
        self.queues: dict[str, list[Life]] = {name: [] for name in case.devices}
        self.outside: list[Life] = []  # the line of those who wait for memory

    def play(self) -> list[Life]:
        while any(life.state != "gone" for life in self.lives):
            assert self.now < 100_000, "the oracle never ends"
            self.instant()
            for life in self.lives:
                self.tick(life)
            self.now += 1
        return self.lives

    def tick(self, life: Life) -> None:
        """One tick passes for a job, and is noted."""
        if life.state in ("unborn", "gone"):
            return
        device = life.where if life.state == "blocked" and life.where != WAIT else None
        life.notes.append((self.now, life.state, life.at, life.core, device))
        if life.state == "running" or (life.state == "blocked" and life.served):
            life.left -= 1
        if life.state == "running" and life.slice is not None:
            life.slice -= 1

    # -- the order at one instant -------------------------------------------------------------

    def instant(self) -> None:
        self.bursts_end()
        if self.case.ties == "expiry-first":
            self.quanta_expire()
        self.io_completes()
        self.programs_arrive()
        if self.case.ties == "arrival-first":
            self.quanta_expire()
        self.cores_are_taken()
        self.cores_are_given()

    def bursts_end(self) -> None:
        for life in self.on_cores():
            if life.left == 0:
                life.core = None
                self.next_step(life)
        self.admit()

    def io_completes(self) -> None:
        served = [life for life in self.lives if life.state == "blocked" and life.served]
        for life in sorted(served, key=lambda life: life.served):
            if life.left == 0:
                self.leave_device(life)
                self.next_step(life)
        self.admit()

    def programs_arrive(self) -> None:
        for life in self.lives:
            if life.state == "unborn" and life.job.arrival == self.now:
                life.state = "new"
                if self.case.partitions is None or life.job.memory == 0:
                    self.begin_step(life)  # it needs no place, so it stands in no line
                else:
                    self.outside.append(life)
                    self.admit()

    def quanta_expire(self) -> None:
        for life in self.on_cores():
            if life.slice == 0:  # `left` is above 0: bursts that ended have left
                life.state = "ready"  # still on its core, until somebody else is given it
                life.turn = next(self.numbers)

    def cores_are_taken(self) -> None:
        """Preemption: who finds no free core takes that of the least entitled, if he is better."""
        preempts = self.case.policy == "srtf" or (
            self.case.policy == "priority" and self.case.parameters.get("preemptive", True)
        )
        if not preempts:
            return
        free = self.case.cores - len(self.on_cores())
        for better in self.queue()[free:]:
            if not self.on_cores():
                return
            worst = max(self.on_cores(), key=lambda life: (self.key(life), life.turn))
            if self.key(better) >= self.key(worst):
                return
            worst.state = "ready"
            worst.turn = next(self.numbers)

    def cores_are_given(self) -> None:
        held = {life.core for life in self.on_cores()}
        while self.queue() and len(held) < self.case.cores:
            chosen = self.queue()[0]
            chosen.state = "running"
            if chosen.core is None or chosen.core in held:  # else it keeps the core it had
                chosen.core = min(set(range(self.case.cores)) - held)
            held.add(chosen.core)
            chosen.slice = self.case.parameters["quantum"] if self.case.policy == "rr" else None
        for life in self.lives:
            if life.state == "ready":
                life.core = None

    # -- who is where -------------------------------------------------------------------------

    def on_cores(self) -> list[Life]:
        """Those who run, by core."""
        running = [life for life in self.lives if life.state == "running"]
        return sorted(running, key=lambda life: life.core or 0)

    def queue(self) -> list[Life]:
        """The ready jobs, the next one first: by key, then in the order they became ready."""
        ready = [life for life in self.lives if life.state == "ready"]
        return sorted(ready, key=lambda life: (self.key(life), life.turn))

    def key(self, life: Life) -> int:
        if self.case.policy in ("sjf", "srtf"):
            return life.left
        if self.case.policy == "priority":
            large = self.case.parameters.get("highest", "small") == "large"
            return -life.job.priority if large else life.job.priority
        return 0

    # -- a job goes on ------------------------------------------------------------------------

    def next_step(self, life: Life) -> None:
        if life.at + 1 == len(life.job.steps):
            life.state = "gone"
        else:
            life.at += 1
            self.begin_step(life)

    def begin_step(self, life: Life) -> None:
        life.left = life.job.steps[life.at][1]
        if life.where == CPU:
            life.state = "ready"
            life.turn = next(self.numbers)
            return
        life.state = "blocked"
        life.served = 0
        if life.where == WAIT:
            life.served = next(self.numbers)
        else:
            self.queues[life.where].append(life)
            self.serve(life.where)

    def serve(self, device: str) -> None:
        """The first `units` of the line at a device are being served."""
        for life in self.queues[device][: self.case.devices[device]]:
            if not life.served:
                life.served = next(self.numbers)

    def leave_device(self, life: Life) -> None:
        if life.where != WAIT:
            self.queues[life.where].remove(life)
            self.serve(life.where)

    # -- memory -------------------------------------------------------------------------------

    def admit(self) -> None:
        """Whoever of the line gets a place now, in line order."""
        for life in list(self.outside):
            life.partition = self.place_for(life)
            if life.partition is not None:
                self.outside.remove(life)
                self.begin_step(life)
            elif self.case.admission == "fifo":
                return

    def place_for(self, life: Life) -> int | None:
        """The index of a free partition that is large enough; None: there is none."""
        inside = [other for other in self.lives if other.state not in ("unborn", "new", "gone")]
        taken = {other.partition for other in inside}
        fitting = [
            (size if self.case.fit == "best" else 0, index)
            for index, size in enumerate(self.case.partitions or ())
            if index not in taken and size >= life.job.memory
        ]
        return min(fitting)[1] if fitting else None


def play(case: Case) -> list[Life]:
    """The lives of the case's jobs, in their order."""
    return Oracle(case).play()
