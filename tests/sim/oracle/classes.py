"""A slow reference of all Linux classes: it goes through every step of the clock and every tick.

Written from docs/linux.md, like `linux.py` in this folder. The fair class is EEVDF from there, or
CFS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.sim.oracle.linux import UNIT, Clock, Job


@dataclass(eq=False)
class Client(Job):
    """A job of any class."""

    rt_priority: int = 0
    runtime: int = 0
    period: int = 0
    relative: int = 0

    # its state in the run
    ticks: int = 0  # that are left of its slice
    budget: int = 0
    due: int = 0
    filled_at: int | None = None  # while it is throttled: when its budget is filled
    began: int = 0  # its v when it got the core


class Cfs:
    """The fair class before 6.6. `Machine.gave` adds a step of the clock to a job's v."""

    def __init__(self, jobs: Sequence[Client], *, tick: int, phase: int, factor: int) -> None:
        self.jobs, self.tick, self.phase = jobs, tick, phase
        self.period, self.least = 6_000_000 * factor, 750_000 * factor
        self.credit, self.behind = 3_000_000 * factor, 1_000_000 * factor
        self.now = self.turn = self.floor = 0
        self.current: Client | None = None
        self.wanted = False

    def queue(self) -> list[Client]:
        return [job for job in self.jobs if job.queued]

    def raise_floor(self) -> None:
        self.floor = max(self.floor, min((job.v for job in self.queue()), default=self.floor))

    def part(self, job: Client) -> int:
        queue = {*self.queue(), job}
        period = self.period if len(queue) <= 8 else len(queue) * self.least
        return max(self.least, period * job.weight // sum(each.weight for each in queue))

    def first(self) -> Client | None:
        others = [job for job in self.queue() if job is not self.current]
        return min(others, key=lambda job: (job.v, job.since), default=None)

    def settle(self) -> None:
        self.raise_floor()
        job, first = self.current, self.first()
        if job is None or first is None or (self.now - self.phase) % self.tick:
            return
        part, pace = self.part(job), UNIT // job.weight
        ran, ahead = (job.v - job.began) // pace, job.v - first.v
        if ran > part or (ran >= self.least and ahead > part * pace):
            self.wanted = True

    def arrive(self, job: Client, first: bool) -> None:
        self.raise_floor()
        if first:
            job.v = self.floor + self.part(job) * (UNIT // job.weight)
        else:
            credit = 0 if job.kind == "idle" else self.credit
            job.v = max(job.v, self.floor - credit * (UNIT // 1024))
        job.queued = True
        self.stand(job)
        running = self.current
        if running is None or self.wanted:
            return
        if (running.kind == "idle") != (job.kind == "idle"):
            self.wanted = running.kind == "idle"
        elif job.kind == "other":
            self.wanted = running.v - job.v > self.behind * (UNIT // job.weight)

    def stand(self, job: Client) -> None:
        self.turn += 1
        job.since = self.turn

    def sleep(self, job: Client) -> None:
        self.out(job)

    def out(self, job: Client) -> None:
        self.raise_floor()
        job.queued = False
        if self.current is job:
            self.current = None

    def best(self) -> Client | None:
        first, current = self.first(), self.current
        return first if current is None or (first and first.v < current.v) else current

    def take(self, job: Client) -> None:
        self.give_way()
        self.current, job.began = job, job.v

    def give_way(self) -> None:
        if self.current is not None:
            self.stand(self.current)
            self.current = None


class Fair(Clock):
    """EEVDF as in `linux.py`; `Machine` decides which job runs."""

    def sleep(self, job: Job) -> None:
        if self.eligible(job):
            self.out(job)
        else:
            job.delayed = True
            self.current = None
            self.stand(job)

    def best(self) -> Job | None:
        while self.queue():
            best = self.choose()
            if not best.delayed:
                return best
            self.out(best)
        return None

    def take(self, job: Job) -> None:
        before, self.current = self.current, None
        if before is not None:
            self.stand(before)
        self.current = job
        job.protected = job.d
        least = min(each.asked for each in self.queue())
        if least != job.asked:
            job.protected = min(job.d, job.v + self.virtual(job, least))
        self.settled = self.now

    def give_way(self) -> None:
        if self.current is not None:
            self.stand(self.current)
            self.current = None


class Server:
    """The fair server: what the fair class gets when real time would starve it."""

    def __init__(self, budget: int, period: int, least_move: int) -> None:
        self.full, self.period, self.least_move = budget, period, least_move
        self.left = self.end = self.bell = 0
        self.active = self.serves = False

    @property
    def serving(self) -> bool:
        return self.active and self.serves

    def begin(self, now: int) -> None:
        self.serves, self.left, self.end = False, self.full, now + self.period
        self.bell = self.end - self.left

    def start(self, now: int) -> None:
        if not self.full:
            return
        if self.active:
            if self.bell <= now and not self.set_again(now):
                self.begin(now)
            return
        self.active = True
        if now >= self.end or self.left * self.period > self.full * (self.end - now):
            self.begin(now)
        elif not self.serves:
            self.bell = self.end - self.left

    def set_again(self, now: int) -> bool:
        if now < self.end - self.left - self.least_move:
            self.bell = self.end - self.left
            return True
        return False

    def look(self, now: int) -> bool:
        if not self.active or self.serves or now < self.bell or self.set_again(now):
            return False
        self.serves, self.left, self.end = True, self.full, now + self.period
        return True


class Machine:
    """All jobs on one core. `run` fills the `runs` of each. A step of the clock is `step` ns."""

    def __init__(
        self,
        jobs: Sequence[Client],
        fair: Fair | Cfs,
        server: Server,
        *,
        tick: int,
        phase: int,
        rr_ticks: int,
        forked: bool,
        step: int = 1,
    ) -> None:
        self.jobs, self.fair, self.server = jobs, fair, server
        self.tick, self.phase, self.rr_ticks, self.step = tick, phase, rr_ticks, step
        self.forked = forked
        for job in jobs:
            job.ticks = rr_ticks
        self.now = 0
        self.settled = -1
        self.current: Client | None = None
        self.wanted = False
        self.lines: list[Client] = []  # real-time jobs, in queue order
        self.dated: list[Client] = []  # jobs of class deadline, in the order of waking
        self.idle_since: int | None = None
        self.waits: list[Client] = []  # jobs that wait, in the order in which they began

    # -- time -------------------------------------------------------------------------------------

    def run(self, until: int) -> None:
        self.instant()
        while any(job.step < len(job.steps) for job in self.jobs):
            self.now += self.step
            assert self.now < until, "it never ends"
            job = self.current
            if job is not None:
                self.gave(job)
            self.instant()

    def gave(self, job: Client) -> None:
        job.left -= self.step
        if job.kind == "deadline":
            job.budget -= self.step
        elif job not in self.lines:
            job.v += self.step * (UNIT // job.weight)
            self.server.left -= self.step if self.server.active else 0
        if job.runs and job.runs[-1][1] == self.now - self.step:
            job.runs[-1] = job.runs[-1][0], self.now
        else:
            job.runs.append((self.now - self.step, self.now))

    def instant(self) -> None:
        now = self.fair.now = self.now
        on_tick = (now - self.phase) % self.tick == 0
        job = self.current
        if job is not None and job.kind == "rr" and on_tick and job.runs[-1][1] == now:
            self.count_tick(job)
        if job is not None and job.left == 0:
            self.over(job)
        for each in [each for each in self.waits if each.wakes == now]:
            self.waits.remove(each)
            each.step += 1
            each.left = each.steps[each.step]
            self.arrive(each, False)
        if on_tick:
            self.settle()
        if self.rings() or any(each.filled_at == now for each in self.dated):
            self.settle()
            self.look()
        for each in self.jobs:
            if each.arrival == now:
                each.step, each.left = 0, each.steps[0]
                self.arrive(each, self.forked)
        if self.current is None or self.wanted or self.fair.wanted:
            self.decide()

    def rings(self) -> bool:
        server = self.server
        waiting = server.active and not server.serves and bool(self.fair.queue())
        return waiting and server.bell == self.now and self.fair.current is None

    # -- the classes ------------------------------------------------------------------------------

    def count_tick(self, job: Client) -> None:
        job.ticks -= 1
        if not job.ticks:
            job.ticks = self.rr_ticks
            self.lines.remove(job)
            self.lines.append(job)
            self.wanted |= sum(each.rt_priority == job.rt_priority for each in self.lines) > 1

    def settle(self) -> None:
        """Account for what the running job had, at most once at a time."""
        job, now = self.current, self.now
        if job is None or self.settled == now:
            return
        self.settled = now
        if job.kind == "deadline":
            if job.budget <= 0 and job.filled_at is None:
                self.exhaust(job)
                self.wanted = True
        elif job is self.fair.current:
            self.fair.settle()
            if self.server.active and self.server.left <= 0:
                self.wanted |= self.server.serves
                self.server.begin(now)

    def exhaust(self, job: Client) -> None:
        job.filled_at = job.due - job.relative + job.period

    def look(self) -> None:
        if self.fair.queue():
            self.wanted |= self.server.look(self.now)
        for job in self.dated:
            while job.filled_at is not None and job.filled_at <= self.now:
                job.budget += job.runtime
                job.due += job.period
                job.filled_at = None
                if job.budget <= 0:
                    self.exhaust(job)
                else:
                    self.wanted = True

    def arrive(self, job: Client, first: bool) -> None:
        self.settle()
        self.end_idle_time()
        if job.kind == "deadline":
            self.wake_dated(job)
        elif job.kind in ("fifo", "rr"):
            self.lines.append(job)
        else:
            if not self.fair.queue():
                self.server.start(self.now)
            self.fair.wanted |= self.wanted  # a decision is due already: `arrive` need not ask
            self.fair.arrive(job, first)
        running = self.current
        if running is None:
            return
        mine, its = self.rank(job), self.rank(running)
        if (job in self.fair.queue()) != (running is self.fair.current) and mine == its:
            self.wanted = True
        elif mine != its:
            self.wanted |= mine > its
        elif job.kind == "deadline":
            self.wanted |= job.filled_at is None and job.due < running.due
        elif mine == 1:
            self.wanted |= job.rt_priority > running.rt_priority

    def end_idle_time(self) -> None:
        if self.idle_since is not None and self.server.active:
            self.server.left -= self.now - self.idle_since
            if self.server.left <= 0:
                self.server.begin(self.now)
        self.idle_since = None

    def wake_dated(self, job: Client) -> None:
        self.dated.append(job)
        left = job.due - self.now
        if left <= 0 or job.budget * job.period > job.runtime * left:
            job.due, job.budget, job.filled_at = self.now + job.relative, job.runtime, None
        elif job.budget <= 0 and job.filled_at is None:
            self.exhaust(job)

    def rank(self, job: Client) -> int:
        if job.kind == "deadline":
            return 2
        if job.kind in ("fifo", "rr"):
            return 1
        return 2 if self.server.serving else 0

    def over(self, job: Client) -> None:
        self.settle()
        job.step += 1
        ended = job.step == len(job.steps)
        if not ended:
            job.wakes = self.now + job.steps[job.step]
            self.waits.append(job)
        if job.kind == "deadline":
            self.dated.remove(job)
        elif job.kind in ("fifo", "rr"):
            self.lines.remove(job)
        elif ended:
            self.fair.out(job)
        else:
            self.fair.sleep(job)
        self.current = None
        self.stop_server()

    def stop_server(self) -> None:
        if not self.fair.queue() and self.server.serves:
            self.server.active = False

    # -- which task runs -------------------------------------------------------------------------

    def best(self) -> Client | None:
        self.look()
        able = [job for job in self.dated if job.filled_at is None]
        first: Client | None = min(able, key=lambda job: job.due, default=None)
        if self.server.serving and (first is None or self.server.end < first.due):
            first = self.best_fair() or first
        if first is None and self.lines:
            first = max(self.lines, key=lambda job: job.rt_priority)
        if first is None:
            first = self.best_fair()
        self.stop_server()
        return first

    def best_fair(self) -> Client | None:
        best = self.fair.best()
        assert best is None or isinstance(best, Client)
        return best

    def decide(self) -> None:
        best = self.best()
        self.wanted = self.fair.wanted = False
        if best is None:
            self.idle_since = self.now if self.idle_since is None else self.idle_since
        else:
            self.end_idle_time()
        if best is not None and best is not self.current:
            if best in self.fair.queue():
                if best is not self.fair.current:
                    self.fair.take(best)
            else:
                self.fair.give_way()
            self.settled = self.now
        self.current = best
