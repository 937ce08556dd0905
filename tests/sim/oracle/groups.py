"""A slow reference of control groups: EEVDF queues in queues, and `cpu.max`, on one core.

Written from docs/linux.md, like `linux.py` in this folder, whose queue it uses for each group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.sim.oracle.classes import Fair
from tests.sim.oracle.linux import UNIT, Job


class Queue(Fair):
    """The queue of a group or of the root. A group's weight need not divide the unit."""

    def virtual(self, job: Job, length: int) -> int:
        return length * (UNIT // job.weight)


@dataclass(eq=False)
class Box(Job):
    """A group."""

    around: Box | None = None
    shares: int = 1024
    quota: int | None = None
    period: int = 0

    # its state in the run
    inside: Queue | None = None
    pool: int = 0
    part: int = 0  # what is left of what it fetched
    throttled: bool = False


@dataclass(eq=False)
class Member(Job):
    """A job, and the group that it is in."""

    box: Box | None = None


class Tree:
    """All jobs on one core. `run` fills the `runs` of each."""

    def __init__(
        self,
        jobs: Sequence[Member],
        boxes: Sequence[Box],
        *,
        tick: int,
        phase: int,
        base: int,
        fetched: int,
        kept: int,
    ) -> None:
        self.jobs, self.boxes, self.tick, self.phase = jobs, boxes, tick, phase
        self.fetched, self.kept = fetched, kept

        def queue(box: Box | None) -> Queue:
            inside: list[Job] = [job for job in jobs if job.box is box]
            inside += [each for each in boxes if each.around is box]
            return Queue(inside, tick=tick, phase=phase, base=base, forked=False)

        self.root = queue(None)
        for box in boxes:
            box.inside = queue(box)
            box.pool = box.quota or 0
        for box in boxes:
            box.weight = box.shares
        self.now = 0
        self.current: Member | None = None
        self.wanted = False
        self.waits: list[Member] = []
        self.used: list[Box] = []  # the groups that have had a job, in the order of their first

    def line(self, box: Box | None) -> Iterator[Box]:
        while box is not None:
            yield box
            box = box.around

    def queue_in(self, box: Box | None) -> Queue:
        if box is None:
            return self.root
        assert box.inside is not None
        return box.inside

    def queues(self) -> list[Queue]:
        return [self.root, *(self.queue_in(box) for box in self.boxes)]

    def run(self, until: int) -> None:
        self.instant()
        while any(job.step < len(job.steps) for job in self.jobs):
            self.now += 1
            assert self.now < until, "it never ends"
            job = self.current
            if job is not None:
                job.left -= 1
                for each in (job, *self.line(job.box)):
                    each.v += UNIT // each.weight
                    if isinstance(each, Box):
                        each.part -= 1
                if job.runs and job.runs[-1][1] == self.now - 1:
                    job.runs[-1] = job.runs[-1][0], self.now
                else:
                    job.runs.append((self.now - 1, self.now))
            self.instant()

    def instant(self) -> None:
        self.begin_periods()
        job = self.current
        if job is not None and job.left == 0:
            self.over(job)
        for each in [each for each in self.waits if each.wakes == self.now]:
            self.waits.remove(each)
            each.step += 1
            each.left = each.steps[each.step]
            self.arrive(each)
        if (self.now - self.phase) % self.tick == 0:
            self.settle()
        for box in self.used:
            if self.comes_back(box) and self.queue_in(box).queue():
                self.settle()
                self.unthrottle(box)
        for each in self.jobs:
            if each.arrival == self.now:
                each.step, each.left = 0, each.steps[0]
                self.arrive(each)
        if self.current is None or self.wanted or any(queue.wanted for queue in self.queues()):
            self.decide()

    # -- limits ------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Look at each queue in which something runs, and at each limit."""
        job = self.current
        if job is None:
            return
        self.root.settle()
        for box in self.line(job.box):
            self.queue_in(box).settle()
            if box.quota is not None:
                self.fetch(box)
                self.wanted |= box.part <= 0

    def fetch(self, box: Box) -> None:
        if box.part <= 0:
            taken = min(box.pool, self.fetched - box.part)
            box.pool -= taken
            box.part += taken

    def begin_periods(self) -> None:
        for queue in self.queues():
            queue.now = self.now
        for box in self.boxes:
            if box.quota is not None and self.now and self.now % box.period == 0:
                box.pool = box.quota
        for box in self.used:  # nothing waits in it, so it comes back before all else
            if self.comes_back(box) and not self.queue_in(box).queue():
                self.unthrottle(box)

    def comes_back(self, box: Box) -> bool:
        return box.throttled and self.now % box.period == 0

    def unthrottle(self, box: Box) -> None:
        taken = min(box.pool, 1 - box.part)
        box.pool -= taken
        box.part += taken
        if box.part > 0:
            box.throttled = False
            if self.queue_in(box).queue():
                self.grow(box)

    def throttle(self, box: Box) -> None:
        box.throttled = True
        for each in self.boxes:
            if box in self.line(each):
                self.queue_in(each).give_way()
        if box.queued:
            self.queue_in(box.around).out(box)
        self.shrink(box.around)

    # -- in and out --------------------------------------------------------------------------------

    def measure(self, box: Box) -> None:
        queue = self.queue_in(box).queue()
        if queue:
            box.asked = min(each.asked for each in queue)

    def enter(self, queue: Queue, each: Job) -> None:
        if each.delayed:
            each.delayed = False
            if queue.owed(each) <= 0:
                return
            each.queued, each.lag = False, 0
        queue.enter(each, first=False)

    def grow(self, box: Box | None) -> None:
        for each in self.line(box):
            self.measure(each)
            if each.throttled:
                return
            if each.queued and not each.delayed:
                continue
            if each.quota is not None and not each.delayed:
                self.fetch(each)
                if each.part <= 0:
                    each.throttled = True
                    return
            self.enter(self.queue_in(each.around), each)

    def shrink(self, box: Box | None) -> None:
        for each in self.line(box):
            self.measure(each)
            if self.queue_in(each).queue():
                continue
            if each.quota is not None and not each.throttled and each.part > self.kept:
                each.pool += each.part - self.kept
                each.part = self.kept
            if each.queued and not each.delayed:
                self.sleep(self.queue_in(each.around), each)

    def sleep(self, queue: Queue, each: Job) -> None:
        if queue.eligible(each):
            queue.out(each)
            return
        each.delayed = True
        if queue.current is each:
            queue.current = None
            queue.stand(each)

    def over(self, job: Member) -> None:
        self.settle()
        job.step += 1
        queue = self.queue_in(job.box)
        if job.step == len(job.steps):
            queue.out(job)
        else:
            job.wakes = self.now + job.steps[job.step]
            self.waits.append(job)
            self.sleep(queue, job)
        self.shrink(job.box)
        self.current = None

    def arrive(self, job: Member) -> None:
        new = [box for box in self.line(job.box) if box not in self.used]
        self.used += reversed(new)
        self.settle()
        self.enter(self.queue_in(job.box), job)
        self.grow(job.box)
        running = self.current
        if running is None or self.wanted or any(queue.wanted for queue in self.queues()):
            return
        busy = {None, *self.line(running.box)}
        waking: Job = job
        for box in self.line(job.box):
            if box in busy:
                break
            if box.throttled:
                return
            waking = box
        at = job.box if waking is job else waking.around  # type: ignore[attr-defined]
        self.ask(self.queue_in(at), waking, job.kind)

    def ask(self, queue: Queue, waking: Job, kind: str) -> None:
        """Decide whether `waking` takes the core from what runs in the same queue."""
        running = queue.current
        assert running is not None
        if (running.kind == "idle") != (waking.kind == "idle"):
            queue.wanted = running.kind == "idle"
            if queue.wanted:
                running.protected = running.v
        elif kind == "other":
            short = (
                waking.asked < running.asked
                and queue.eligible(waking)
                and (waking.d < running.d or not queue.eligible(running))
            )
            if queue.choose(protect=not short) is waking:
                queue.wanted = True
                if short:
                    running.protected = running.v
            else:
                least = min(each.asked for each in queue.queue())
                running.protected = min(
                    running.protected, running.v + queue.virtual(running, least)
                )

    # -- which job runs ----------------------------------------------------------------------------

    def best(self) -> Member | None:
        while True:
            box: Box | None = None
            found = self.root.best()
            while isinstance(found, Box):
                box, found = found, self.queue_in(found).best()
                for each in self.line(box):  # a delayed job may have left: all around ask for less
                    self.measure(each)
            if found is not None:
                assert isinstance(found, Member)
                return found
            if box is None:
                return None
            self.shrink(box)

    def decide(self) -> None:
        for box in reversed(self.boxes):
            if box.quota is not None and box.queued and box.part <= 0 and not box.throttled:
                self.throttle(box)
        best = self.best()
        self.wanted = False
        for queue in self.queues():
            queue.wanted = False
        if best is None:
            self.current = None
            return
        line = list(self.line(best.box))
        for box in self.boxes:
            if box not in line:
                self.queue_in(box).give_way()
        waking: Job = best
        for around in (*line, None):
            queue = self.queue_in(around)
            if queue.current is not waking:
                queue.take(waking)
            queue.settled = self.now
            if around is not None:
                waking = around
        self.current = best
