"""The oracle: a slow and plain reference of the simulator, which goes through every tick.

Written from the rules (docs/scenario-language.md, docs/write-a-policy.md, docs/policies.md), not
from the kernel, of which it uses nothing: no events, no heaps, no queues of policies. At each tick
it follows the order at one instant, looks at every job, and notes in its diary what changed. The
policies are in `policies`, the schemes of memory in `tests.kernel.memory.reference`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from tests.kernel.memory.reference import Buddy, Fixed, PerPartition, Place, Variable
from tests.sim.oracle.policies import RULES, Rule

CPU, WAIT, RELEASE = "cpu", "wait", "release"
"""The place of a step; any other place is the name of a device."""
ALLOC, FREE, TOUCH = "alloc", "free", "touch"
"""The memory steps in the middle of a CPU step."""


@dataclass(frozen=True)
class Job:
    """A program: steps of (place, ticks), without neighbouring CPU steps.

    A periodic program has a (RELEASE, 0) between its releases.
    """

    arrival: int
    steps: tuple[tuple[str, int], ...]
    memory: int = 0
    priority: int = 0
    tickets: int = 100
    nice: int = 0
    cores: tuple[int, ...] | None = None
    period: int | None = None
    deadline: int | None = None
    releases: tuple[int, ...] = ()  # in place of a period
    aborts: bool = False  # what is left of a job at its deadline is dropped
    tracks: tuple[int, ...] = ()  # by step
    marks: tuple[tuple[int, int, str, int], ...] = ()
    """Memory steps: step, ticks from its start (at least 1), kind, and bytes or an address."""


@dataclass(frozen=True)
class Case:
    """A workload in ticks. A job is known by its index in `jobs`."""

    policy: str  # a name of RULES
    jobs: tuple[Job, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)  # all parameters of the policy
    cores: int = 1
    devices: Mapping[str, int | None] = field(default_factory=dict)  # name: units
    queues_of: Mapping[str, str] = field(default_factory=dict)  # by device, if not fifo
    changes: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)  # of units
    partitions: tuple[int, ...] | None = None  # or initial holes, or all memory of the buddies
    scheme: str = "fixed"  # fixed | per-partition | variable | buddy
    min_block: int = 1
    fit: str = "first"
    next_from: str = "placement"
    admission: str = "fifo"
    refuses: bool = False  # a job that finds no place when it arrives never runs
    compacts: bool = False  # compaction when needed, of variable partitions
    swap: tuple[str, str, int] | None = None  # the rule, the device, ticks for a byte
    most: int | None = None  # programs admitted at one time, at most
    ties: str = "arrival-first"
    draws: str = "ready-order"
    completed_io: str = "before-arrivals"
    names: tuple[str, ...] = ()  # for the draws by name
    queues: str = "global"
    balance: str = "none"
    dispatch: int = 0  # its cost, ticks
    switch: int = 0
    switch_at: str = "coming"
    migration: int = 0
    seed: int = 7


class Stay(NamedTuple):
    """An interval: a job in one state from `start` to before `end` (ticks), and why it ended."""

    state: str  # new | ready | running | blocked | suspended
    start: int
    end: int
    why: str
    core: int | None = None
    device: str | None = None


class Note(NamedTuple):
    """A line of a diary: the state from `at` on, and why the state before it ended."""

    at: int
    why: str
    state: str
    core: int | None
    device: str | None


class Life:
    """What the oracle knows of one job during the run."""

    def __init__(self, index: int, job: Job) -> None:
        self.index = index
        self.job = self.written = job
        self.state = "unborn"  # new, ready, switching (a core is being switched to it), running, …
        self.at = 0  # the step it is in
        self.left = 0  # ticks of that step
        self.core: int | None = None
        self.last_core: int | None = None
        self.desk: int | None = None  # its ready queue: 0 if there is one for all cores, or a core
        self.until = 0  # when the switch to it is over
        self.slice: int | None = None  # ticks left of its slice; None: no limit
        self.ran = 0  # ticks it has run since it was dispatched
        self.since = 0  # when it became ready
        self.joined = 0  # the number of its last entry into a ready queue
        self.turn = 0  # the same, or that of an earlier entry if it keeps its place
        self.is_new = True  # it became ready as a newcomer, not because it lost its core
        self.picked = 0  # when it was picked
        self.claim: int | None = None  # the place in the queue of the jobs that take cores now
        self.served = 0  # the number of its last start of I/O; 0: it waits for the device
        self.released = 0  # releases before that of the current job
        self.place: Place | None = None  # its first place in memory
        self.lies: Place | None = None  # its place in memory now, if any
        self.came = 0  # the number of its last entry into memory
        self.late = False  # its wait ended while it was suspended
        self.memo: dict[str, Any] = {}  # for its rule
        self.diary: list[Note] = []
        self.completions: list[int] = []  # of its releases
        self.exitcode = 0
        self.aborted = False  # its current job was dropped
        self.dropped: dict[int, int] = {}  # by the number of such a job, ticks that it had not had

    @property
    def where(self) -> str:
        return self.job.steps[self.at][0]

    @property
    def ticks(self) -> int:
        """The length of the step it is in."""
        return self.job.steps[self.at][1]

    @property
    def release(self) -> int:
        if self.job.releases:
            return self.job.arrival + self.job.releases[self.released]
        return self.job.arrival + self.released * (self.job.period or 0)

    @property
    def deadline(self) -> int | None:
        return None if self.job.deadline is None else self.release + self.job.deadline

    def end_of_job(self) -> int:
        """Return the step behind its job, if it is in one or comes to it next."""
        steps = self.job.steps
        later = range(self.at + 1, len(steps))
        return next((at for at in later if steps[at][0] == RELEASE), len(steps))

    def drop(self, left: int = 0) -> None:
        """Note that its job is dropped: `left` ticks of its burst, and the steps behind it."""
        steps = self.job.steps[self.at + 1 : self.end_of_job()]
        self.dropped[self.released] = left + sum(ticks for where, ticks in steps if where == CPU)
        self.aborted = True

    def meet_its_fate(self) -> None:
        """Cut the job at the memory step that ends it, now that it has a place."""
        assert self.place is not None
        room, allocated = self.place[1] - self.job.memory, 0
        for step, ticks, what, amount in self.job.marks:
            if what == TOUCH and amount >= self.place[1]:
                self.exitcode = -11
            elif what == ALLOC:
                allocated += amount
                self.exitcode = int(allocated > room)
            elif what == FREE:
                allocated -= amount
                self.exitcode = int(allocated < 0)
            if self.exitcode:
                last = CPU, ticks
                self.job = replace(self.job, steps=(*self.job.steps[:step], last))
                return

    def stays(self) -> Iterator[Stay]:
        """Yield the interval between each two lines of the diary, without empty ones.

        An empty interval on a core is yielded, too.
        """
        for line, following in pairwise(self.diary):
            if line.at < following.at or line.state == "running":
                yield Stay(line.state, line.at, following.at, following.why, line.core, line.device)


class Transfer:
    """A program that is swapped out or in. It waits in the queue of a device."""

    def __init__(self, life: Life, out: bool, ticks: int) -> None:
        self.life = life
        self.out = out
        self.left = ticks
        self.served = 0


class Oracle:
    """Runs a case from the first tick to the last."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.lives = [Life(index, job) for index, job in enumerate(case.jobs)]
        self.now = 0
        self.numbers = iter(range(1, 10**9))
        self.devices: dict[str, list[Life | Transfer]] = {name: [] for name in case.devices}
        self.heads = dict.fromkeys(case.devices, 0)  # the track where each is
        self.changed = 0  # until when the changes of servers have been carried out
        self.transfers: list[Transfer] = []
        self.held: list[Life] = []  # arrived, but `most` programs are admitted already
        self.swaps: list[tuple[int, int, str, int]] = []  # when, index, "out" or "in", address
        self.memory = memory_of(case)
        self.outside: list[Life] = []  # the jobs that wait for memory, in queue order
        self.moves: list[tuple[int, int, int]] = []  # when, index, new address
        draw = random.Random(case.seed)
        lines = case.cores if case.queues == "per-core" else 1
        self.rules: list[Rule] = [
            RULES[case.policy](case.parameters, draw, self.draw) for _ in range(lines)
        ]  # one for each ready queue, which is called a desk
        self.news: set[int] = set()  # the desks at which a preemption must be decided
        self.stirred = False  # at this instant a job became ready or left a core
        self.last_on: dict[int, Life] = {}  # by core, the job that ran there last
        # some jobs may use only some cores, and there is one queue for all
        self.pinned = lines == 1 and any(job.cores is not None for job in case.jobs)
        self.left_at = [0] * case.cores  # by core, when a job last left it
        self.overheads: list[tuple[int, int, int, str]] = []  # core, from, to, for what

    def play(self) -> Oracle:
        while any(life.state != "gone" for life in self.lives):
            assert self.now < 100_000, "the oracle never ends"
            self.instant()
            for life in self.lives:
                self.tick(life)
            for transfer in self.transfers:
                transfer.left -= transfer.served > 0
            self.now += 1
        return self

    def tick(self, life: Life) -> None:
        """Let one tick pass for a job."""
        if life.state == "running":
            life.left -= 1
            life.ran += 1
            if life.slice is not None:
                life.slice -= 1
        elif life.state in ("blocked", "suspended") and life.served:
            life.left -= 1

    # -- the order at one instant -------------------------------------------------------------

    def instant(self) -> None:
        self.news, self.stirred = set(), False
        for rule in self.rules:
            rule.now = self.now
        self.switches_end()
        self.bursts_end()
        if self.case.ties == "expiry-first":
            self.quanta_expire()
        if self.case.completed_io == "before-arrivals":
            self.io_completes()
        self.transfers_end()
        self.timers()
        self.programs_arrive()
        if self.case.completed_io == "after-arrivals":
            self.io_completes()
        if self.case.ties == "arrival-first":
            self.quanta_expire()
        self.swap()
        self.push()
        if self.pinned:
            self.cores_are_matched(self.rules[0])
            return
        self.cores_are_taken()
        self.push()
        self.cores_are_given()

    def draw(self, life: Life) -> Any:
        """Return the key of a job in a draw: the least is ahead."""
        if self.case.draws == "arrival":
            return life.job.arrival, life.index
        if self.case.draws == "name":
            return int(self.case.names[life.index].removeprefix("P"))
        return life.index if self.case.draws == "pid" else 0

    def drawn(self, lives: Iterable[Life]) -> list[Life]:
        """Return jobs to which the same happens at one instant in the order of the draws."""
        return sorted(lives, key=self.draw)

    def switches_end(self) -> None:
        for life in self.lives:
            if life.state == "switching" and life.until == self.now:
                self.enter(life, "running", "dispatched")
                self.news.add(self.desk_of(life))  # jobs that came meanwhile may preempt it now

    def bursts_end(self) -> None:
        for life in self.drawn(self.on_cores()):
            if life.state == "running" and life.left == 0:
                last = life.at + 1 == len(life.job.steps)
                self.leave(life, "ended" if last else "blocked")
                self.next_step(life)
        self.admit()

    def io_completes(self) -> None:
        served = [
            life
            for life in self.lives
            if life.state in ("blocked", "suspended") and life.served and not life.late
        ]
        for life in self.drawn(sorted(served, key=lambda life: life.served)):
            if life.left == 0:
                self.leave_device(life)
                if life.state == "suspended":
                    self.could_go_on(life)
                else:
                    self.next_step(life)
        self.admit()

    def timers(self) -> None:
        self.changed = self.now
        for device in self.devices:
            self.serve(device)
        for desk, rule in enumerate(self.rules):
            rule.timer([life for life in self.lives if life.desk == desk])
        self.deadlines_come()
        for life in self.drawn(self.lives):
            if life.state == "suspended" and life.where == RELEASE and life.release == self.now:
                self.could_go_on(life)
            elif life.state == "blocked" and life.where == RELEASE and self.is_due(life):
                life.late = False
                self.next_step(life, "released")

    def deadlines_come(self) -> None:
        """Drop the jobs that are not done. I/O goes on, and a switch to a job, too."""
        for life in self.drawn(self.lives):
            inside = life.state in ("ready", "running", "blocked") and life.where != RELEASE
            if not life.job.aborts or not inside or life.aborted:
                continue
            assert life.deadline is not None
            if life.deadline > self.now:
                continue
            life.drop(0 if life.state == "blocked" else life.left)
            if life.state == "blocked":
                continue
            if life.state == "running":
                self.leave(life, "dropped")  # no burst has ended, so no estimate follows from it
            elif life.core is not None:  # it expired here
                life.diary.pop()
            life.core = None
            life.at = life.end_of_job() - 1
            self.next_step(life, "aborted")

    def is_due(self, life: Life) -> bool:
        return life.release == self.now or life.late

    def programs_arrive(self) -> None:
        for life in self.drawn(self.lives):
            if life.state == "unborn" and life.job.arrival == self.now:
                self.enter(life, "new", "")
                if self.case.partitions is None or life.job.memory == 0:
                    self.begin_step(life)  # it needs no place in memory
                else:
                    self.held.append(life)
                    self.admit()
                    if self.case.refuses and life.state == "new":
                        (self.held if life in self.held else self.outside).remove(life)
                        self.enter(life, "gone", "ended")

    def quanta_expire(self) -> None:
        for life in self.drawn(self.on_cores()):
            if life.state == "running" and life.slice == 0:  # bursts that ended have left
                core = life.core
                self.leave(life, "expired")
                self.ready(life, "expired")
                life.core = core  # it has the core until another job gets it

    def cores_are_taken(self) -> None:
        """Preempt the running job of the greatest rank for a ready job of less rank.

        Only ready jobs for which no core is free preempt. A job to which a core is being switched
        is not running yet.
        """
        for desk, rule in enumerate(self.rules):
            looks = desk in self.news or rule.looks(self.line(desk))
            if not rule.preempts or not looks:
                continue
            running = [
                life for life in self.on_cores() if life.state == "running" and life.desk == desk
            ]
            served = self.line(desk)[: len(self.free_cores(desk))]
            while running and (rest := [life for life in self.line(desk) if life not in served]):
                better = rest[0]
                worst = max(running, key=lambda life: (rule.rank(life), rule.turn(life)))
                if not rule.goes_before(better, worst):
                    break
                served.append(better)
                if rule.rank(better) == rule.rank(worst):  # it goes before the one that loses
                    for place, life in enumerate(served):
                        life.claim = place
                running.remove(worst)
                self.leave(worst, "preempted")
                self.ready(worst, "preempted")

    def cores_are_given(self) -> None:
        for desk, rule in enumerate(self.rules):
            while (line := self.line(desk)) and (free := self.free_cores(desk)):
                chosen = rule.choose(line)
                self.give(chosen.core if chosen.core in free else free[0], chosen)
        if self.case.balance == "steal":
            self.steal()
        for life in self.lives:
            if life.state == "ready":
                life.core = None

    def cores_are_matched(self, rule: Rule) -> None:
        """Do what `cores_are_taken` and `cores_are_given` do where jobs have cores of their own.

        Each free core takes the first job that may use it, those first that a job has just lost.
        Then each ready job, in order, is compared with what runs on the cores that it may use.
        """
        asks = rule.preempts and (0 in self.news or rule.looks(self.line(0)))
        lost = {life.core for life in self.lives if life.state == "ready"}
        given: list[tuple[int, Life]] = []

        def rest() -> list[Life]:
            taken = [life for _, life in given]
            return [life for life in self.line(0) if life not in taken]

        free = sorted(self.free_cores(), key=lambda core: (core not in lost, core))
        running = [life for life in self.on_cores() if life.state == "running"]
        while True:
            for core in list(free):
                if able := [life for life in rest() if self.may_use(life, core)]:
                    given.append((core, rule.choose(able)))
                    free.remove(core)
            found = self.first_pair(rule, rest(), running) if asks else None
            if found is None:
                break
            better, worst = found
            assert worst.core is not None
            given.append((worst.core, better))
            running.remove(worst)
            self.leave(worst, "preempted")
            self.ready(worst, "preempted")
        for core, life in given:
            self.give(core, life)
        for life in self.lives:
            if life.state == "ready":
                life.core = None

    def first_pair(
        self, rule: Rule, ready: Sequence[Life], running: Sequence[Life]
    ) -> tuple[Life, Life] | None:
        """Return the first ready job that takes a core, and the job that loses it."""
        for better in ready:
            able = [life for life in running if self.may_use(better, life.core or 0)]
            if able:
                worst = max(able, key=lambda life: (rule.rank(life), rule.turn(life)))
                if rule.goes_before(better, worst):
                    return better, worst
        return None

    # -- cores --------------------------------------------------------------------------------

    def on_cores(self) -> list[Life]:
        """Return the jobs that have a core, by core."""
        having = [life for life in self.lives if life.state in ("running", "switching")]
        return sorted(having, key=lambda life: life.core or 0)

    def free_cores(self, desk: int | None = None) -> list[int]:
        """Return the free cores in order: all, or the cores that take jobs from `desk`."""
        held = {life.core for life in self.on_cores()}
        return [
            core
            for core in range(self.case.cores)
            if core not in held and (desk is None or len(self.rules) == 1 or core == desk)
        ]

    def give(self, core: int | None, life: Life) -> None:
        assert core is not None
        desk = self.desk_of(life)
        competing = [*self.line(desk), *(other for other in self.on_cores() if other.desk == desk)]
        life.slice = self.rules[desk].slice(life, competing)
        life.picked, life.claim = self.now, None
        if life.core == core:  # it expired here: its slice goes on
            life.diary.pop()
            life.state = "running"
            return
        life.until = self.charge(core, life)
        life.core = life.last_core = core
        self.last_on[core] = life
        if life.until > self.now:
            life.state = "switching"  # in its diary it is still ready
        else:
            self.enter(life, "running", "dispatched")

    def charge(self, core: int, life: Life) -> int:
        """Note the costs of a dispatch, one after the other. Return when they are over."""
        costs, at, whole = {"dispatch": self.case.dispatch}, self.now, self.case.switch
        leaving = {"leaving": whole, "half": whole // 2}.get(self.case.switch_at, 0)
        if core in self.last_on and self.last_on[core] is not life:
            costs["switch"] = whole - leaving
            if leaving:
                end = self.left_at[core] + leaving
                self.overheads.append((core, self.left_at[core], end, "leave"))
                at = max(at, end)
        if life.last_core not in (None, core):
            costs["migration"] = self.case.migration
        for why, ticks in costs.items():
            if ticks:
                self.overheads.append((core, at, at + ticks, why))
            at += ticks
        return at

    def leave(self, life: Life, why: str) -> None:
        """Take a job off its core, and tell its rule."""
        assert life.core is not None
        self.left_at[life.core] = self.now
        life.core = None
        self.stirred = True
        self.rules[self.desk_of(life)].left(life, life.ran, why)
        life.ran = 0

    # -- lines --------------------------------------------------------------------------------

    def desk_of(self, life: Life) -> int:
        assert life.desk is not None
        return life.desk

    def line(self, desk: int) -> list[Life]:
        """Return the ready jobs of a desk, the next one first."""
        ready = [life for life in self.lives if life.state == "ready" and life.desk == desk]
        ready.sort(key=self.rules[desk].order)
        return sorted(ready, key=lambda life: 10**9 if life.claim is None else life.claim)

    def load(self, core: int) -> int:
        loading = ("ready", "running", "switching")
        return sum(life.desk == core and life.state in loading for life in self.lives)

    def may_use(self, life: Life, core: int) -> bool:
        return life.job.cores is None or core in life.job.cores

    def ready(self, life: Life, why: str) -> None:
        self.enter(life, "ready", why)
        self.stirred = True
        life.since = self.now
        if life.desk is None:
            several = len(self.rules) > 1
            desks = [
                desk for desk in range(len(self.rules)) if not several or self.may_use(life, desk)
            ]
            life.desk = min(desks, key=self.load)
        if why in ("woke", "aborted") and life.job.steps[life.at - 1][0] == RELEASE:
            why = "released"  # its release was due before the I/O was over
        self.join(life, "arrived" if why == "admitted" else why)

    def join(self, life: Life, why: str) -> None:
        desk = self.desk_of(life)
        keeps = why == "preempted" and self.case.parameters.get("requeue") == "keeps-place"
        life.joined = next(self.numbers)
        life.turn = life.turn if keeps else life.joined
        if why != "moved":
            life.is_new = why in ("arrived", "woke", "released")
        life.claim = None
        others = [other for other in self.line_members(desk) if other is not life]
        self.rules[desk].joins(life, why, others)
        self.news.add(desk)

    def line_members(self, desk: int) -> list[Life]:
        return [life for life in self.lives if life.state == "ready" and life.desk == desk]

    def move(self, source: int, target: int) -> None:
        """Move the job that has been waiting longest at `source` to the queue of `target`."""
        life = min(self.movable(source, target), key=lambda life: life.joined)
        life.desk = target
        self.join(life, "moved")

    def movable(self, source: int, target: int) -> list[Life]:
        return [life for life in self.line_members(source) if self.may_use(life, target)]

    def push(self) -> None:
        cores = range(self.case.cores)
        while self.case.balance == "push" and self.stirred:
            pairs = [
                (-self.load(source), self.load(target), source, target)
                for source in cores
                for target in cores
                if self.load(source) >= self.load(target) + 2 and self.movable(source, target)
            ]
            if not pairs:
                return
            self.move(*min(pairs)[2:])

    def steal(self) -> None:
        """Let each core that found no job in its own queue take one from another queue."""
        for core in self.free_cores():
            sources = [source for source in range(self.case.cores) if self.movable(source, core)]
            if sources:
                self.move(max(sources, key=lambda source: len(self.line_members(source))), core)
                self.give(core, self.rules[core].choose(self.line(core)))

    # -- a job goes on ------------------------------------------------------------------------

    def enter(self, life: Life, state: str, why: str) -> None:
        life.state = state
        core = life.core if state == "running" else None
        device = life.where if state == "blocked" and life.where in self.devices else None
        life.diary.append(Note(self.now, why, state, core, device))

    def next_step(self, life: Life, why: str = "") -> None:
        if life.aborted:
            life.at = life.end_of_job() - 1
        if life.at + 1 == len(life.job.steps):
            if not life.exitcode and not life.aborted:
                life.completions.append(self.now)
            self.enter(life, "gone", "killed" if life.exitcode < 0 else why or "ended")
        else:
            life.at += 1
            self.begin_step(life, why)

    def begin_step(self, life: Life, why: str = "") -> None:
        """Begin the current step. `why` the state before ended, if the state does not tell it."""
        life.left = life.ticks
        life.served = 0
        if life.where == CPU:
            natural = {"new": "admitted", "running": "released", "blocked": "woke"}
            self.ready(life, why or natural[life.state])
        elif life.where == RELEASE:
            if not life.aborted:
                life.completions.append(self.now)
            life.aborted = False
            life.released += 1
            if life.release <= self.now:
                if life.job.aborts and (life.deadline or 0) <= self.now:
                    life.drop()  # it comes too late to begin
                self.next_step(life, why)  # the next job is due and begins at once
            else:
                self.block(life, why)
        else:
            self.block(life, why)
            if life.where == WAIT:
                life.served = next(self.numbers)
            else:
                self.devices[life.where].append(life)
                self.serve(life.where)

    def block(self, life: Life, why: str) -> None:
        natural = {"new": "admitted", "running": "blocked", "blocked": "continued"}
        self.enter(life, "blocked", why or natural[life.state])

    def serve(self, device: str) -> None:
        """Begin to serve requests of a device as long as a server is free."""
        units = self.servers(device)
        while waiting := [each for each in self.devices[device] if not each.served]:
            if units is not None and len(self.devices[device]) - len(waiting) >= units:
                return
            chosen = min(waiting, key=lambda each: self.preferred(device, each))  # the first
            if isinstance(chosen, Life):
                self.heads[device] = self.track(chosen)
            chosen.served = next(self.numbers)

    def servers(self, device: str) -> int | None:
        """Return how many servers a device has now, as far as changes have been carried out."""
        changes = [units for at, units in self.case.changes.get(device, ()) if at <= self.changed]
        return changes[-1] if changes else self.case.devices[device]

    def preferred(self, device: str, request: Life | Transfer) -> int:
        """Return the rank of a request: the least is next, of equals the first that came."""
        queue = self.case.queues_of.get(device)
        if queue == "priority":
            large = self.case.parameters.get("highest") == "large"
            life = request if isinstance(request, Life) else request.life
            return -life.job.priority if large else life.job.priority
        if queue == "sstf" and isinstance(request, Life):
            return abs(self.track(request) - self.heads[device])
        return 0

    def track(self, life: Life) -> int:
        return life.job.tracks[life.at] if life.job.tracks else 0

    def leave_device(self, life: Life) -> None:
        if life.where in self.devices:
            self.devices[life.where].remove(life)
            self.serve(life.where)

    # -- memory -------------------------------------------------------------------------------

    def admit(self) -> None:
        """Admit the jobs of the admission queue that get a place now, in queue order."""
        for life in self.lives:
            if life.lies and life.state == "gone":
                self.memory.free(life.lies)
                life.lies = None
        while self.held and (self.case.most is None or self.let_in() < self.case.most):
            self.outside.append(self.held.pop(0))
        for life in list(self.outside):
            size = life.place[1] if life.place else life.job.memory
            life.lies = self.memory.allocate(size)
            may_move = self.case.compacts and not self.transfers
            if not life.lies and may_move and self.memory.would_hold(size):
                self.compact()
                life.lies = self.memory.allocate(size)
            if life.lies is not None:
                self.outside.remove(life)
                self.come_in(life)
            elif self.case.admission == "fifo" and self.case.scheme != "per-partition":
                return

    def let_in(self) -> int:
        """Return how many jobs are in memory, swapped out, or in the admission queue."""
        alive = [life for life in self.lives if life.state not in ("unborn", "gone")]
        return sum(life.job.memory > 0 and life not in self.held for life in alive)

    def come_in(self, life: Life) -> None:
        life.came = next(self.numbers)
        if life.place is None:
            life.place = life.lies
            life.meet_its_fate()
            self.begin_step(life)
        else:
            assert life.lies is not None
            self.swaps.append((self.now, life.index, "in", life.lies[0]))
            self.transfer(life, out=False)

    # -- swapping -----------------------------------------------------------------------------

    def swap(self) -> None:
        """Swap out the blocked jobs that are in the way of the first one that waits for memory."""
        if self.case.swap is None:
            return
        blocked = self.preference([x for x in self.lives if x.state == "blocked" and x.lies])
        if self.case.scheme == "per-partition":
            wanted = [self.home_of(life) for life in self.outside]
            chosen = [life for life in blocked if life.lies in wanted]
        else:
            chosen = self.in_the_way(self.outside[0], blocked) if self.outside else []
        for life in chosen:
            self.enter(life, "suspended", "suspended")
            self.transfer(life, out=True)

    def home_of(self, life: Life) -> Place:
        home: Place = self.memory.home(life.place[1] if life.place else life.job.memory)
        return home

    def in_the_way(self, head: Life, order: list[Life]) -> list[Life]:
        """Return as many of the first jobs as are needed, without jobs that prove unnecessary."""
        going = [transfer.life for transfer in self.transfers if transfer.out]
        chosen: list[Life] = []
        while not self.enough(head, [*going, *chosen]):
            if len(chosen) == len(order):
                return []
            chosen = order[: len(chosen) + 1]
        for life in list(chosen):
            rest = [other for other in chosen if other is not life]
            if self.enough(head, [*going, *rest]):
                chosen = rest
        return chosen

    def enough(self, head: Life, going: list[Life]) -> bool:
        """Return whether there would be a place for `head` if the jobs `going` had left memory."""
        trial = copy.deepcopy(self.memory)
        for life in going:
            trial.free(life.lies)
        size = head.place[1] if head.place else head.job.memory
        return bool(trial.would_hold(size) if self.case.compacts else trial.allocate(size))

    def preference(self, lives: list[Life]) -> list[Life]:
        assert self.case.swap is not None
        if self.case.swap[0] == "longest-resident":
            return sorted(lives, key=lambda life: life.came)
        order = sorted(lives, key=lambda life: (life.diary[-1].at, life.index))
        if self.case.swap[0] == "lowest-priority":
            large = self.case.parameters.get("highest") == "large"
            order.sort(key=lambda life: life.job.priority if large else -life.job.priority)
        return order

    def transfer(self, life: Life, out: bool) -> None:
        assert self.case.swap is not None and life.place is not None
        _, device, ticks_a_byte = self.case.swap
        self.transfers.append(Transfer(life, out, life.place[1] * ticks_a_byte))
        self.devices[device].append(self.transfers[-1])
        self.serve(device)

    def transfers_end(self) -> None:
        assert self.case.swap is not None or not self.transfers
        done = [each for each in self.transfers if each.served and each.left == 0]
        for each in sorted(done, key=lambda each: each.served):
            life, device = each.life, self.case.swap[1] if self.case.swap else ""
            self.transfers.remove(each)
            self.devices[device].remove(each)
            self.serve(device)
            if each.out:
                assert life.lies is not None
                self.swaps.append((self.now, life.index, "out", life.lies[0]))
                self.memory.free(life.lies)
                life.lies = None
                if life.late:
                    self.outside.append(life)
                continue
            self.enter(life, "blocked", "resumed")
            if life.where != RELEASE:  # otherwise `timers` takes it
                life.late = False
                self.next_step(life)
                if life.state == "gone":
                    self.admit()
        if done:
            self.admit()

    def could_go_on(self, life: Life) -> None:
        """Note that the wait of a suspended job is over."""
        life.late = True
        if life.lies is None:
            self.outside.append(life)
            self.admit()

    def compact(self) -> None:
        for source, place in self.memory.compact():
            mover = next(life for life in self.lives if life.lies == source)
            mover.lies = place
            self.moves.append((self.now, mover.index, place[0]))


class Homes(PerPartition):
    """Partitions with a queue each: a job waits for the smallest partition that holds it."""

    def allocate(self, size: int) -> Place | None:
        home = self.home(size)
        if home in self.taken:
            return None
        self.taken.append(home)
        return home


def memory_of(case: Case) -> Any:
    """Return the slow reference of the case's memory scheme."""
    sizes = case.partitions or (1,)
    if case.scheme == "buddy":
        return Buddy(sizes[0], case.min_block)
    if case.scheme == "per-partition":
        return Homes(sizes)
    if case.scheme == "variable":
        return Variable(sizes, case.fit, case.next_from)
    return Fixed(sizes, case.fit)


def play(case: Case) -> list[Life]:
    """Run a case. Return the lives of its jobs, in order."""
    return Oracle(case).play().lives
