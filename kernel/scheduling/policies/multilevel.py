"""Queues of several levels; a process moves between them by how it uses the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from kernel.process.control_block import Process
from kernel.scheduling.linked_queue import LinkedQueue
from kernel.scheduling.policy import Policy
from kernel.scheduling.ready_queue import LeastFirst
from kernel.units import Duration, ms, seconds
from translation import mark, tr

MOST_LEVELS = 1000
FOREVER = 1 << 62
"""ns, the quantum and allotment of a level without a quantum: longer than any burst."""


@dataclass(slots=True)
class Standing:
    """What MLFQ knows of a process since it arrived or was boosted."""

    boosts: int  # how many boosts there had been by then
    begun_at: int  # its CPU time when its allotment began, ns
    level: int = 0
    slice: int = 0  # ns of running from the pick to the end of the slice
    rest: int = 0  # ns of the slice that are left, if the process was preempted


class MultilevelFeedbackQueue(Policy):
    """The first process of the highest level; one that uses up its allotment sinks a level.

    Good without any knowledge: short and interactive programs stay on top, long ones sink. Fails
    programs that sank and then turn interactive, until the next boost. OSTEP, ch. 8.
    """

    rule = mark("the highest level")
    tie_rule = mark("equal levels: their queue's order")
    reviews_stand = True
    levels: int = 3
    quanta: list[Duration | None] = [ms(10), ms(20), ms(40)]
    allotments: list[Duration] | None = None  # None: one quantum for each level
    boost: Duration | None = seconds(1)
    preemptive: bool = True
    io: Literal["keeps", "keeps-quantum", "renews"] = "keeps"
    io_return: Literal["back", "front"] = "back"
    requeue: Literal["keeps-place", "behind"] = "keeps-place"
    conventions = ("preemptive", "io", "io_return", "requeue")

    def check(self) -> None:
        if None in self.quanta[: self.levels - 1]:
            raise ValueError(tr("quanta: only the last level may be without a quantum"))
        if self.requeue == "behind" and not self.preemptive:
            raise ValueError(
                tr(
                    "requeue: with preemptive: false no process is preempted, so requeue has no "
                    "meaning; leave it out"
                )
            )
        if not 1 <= self.levels <= MOST_LEVELS:
            raise ValueError(
                tr("levels: must be from 1 to {most} (got {n})", most=MOST_LEVELS, n=self.levels)
            )
        for name in ("quanta", "allotments"):
            given = getattr(self, name)
            if given == getattr(type(self), name):
                continue  # the default may be longer than `levels`: its first entries count
            if given is not None and not 0 < len(given) <= self.levels:
                raise ValueError(
                    tr(
                        "{parameter}: must have one value for each of the {levels} levels (got "
                        "{given})",
                        parameter=name,
                        given=len(given),
                        levels=self.levels,
                    )
                )

    @property
    def overrides(self) -> frozenset[str]:
        return super().overrides - (set() if self.preemptive else {"loses"})

    def setup(self) -> None:
        self._quanta = [FOREVER if quantum is None else int(quantum) for quantum in self.quanta]
        stays = ("preempted",) if self.requeue == "keeps-place" else ()
        # the reasons for which a process joins the front of its level, or keeps its slice's rest
        self._first = (*stays, *(("woke",) if self.io_return == "front" else ()))
        rests = ("woke",) if self.io == "keeps-quantum" else ()
        self._keeps_rest = (*stays, "migrated", *rests)
        while len(self._quanta) < self.levels:
            self._quanta.append(2 * self._quanta[-1])
        given = self.allotments or []
        self._allotments = [*given, *self._quanta[len(given) :]]
        self._lines = [LinkedQueue() for _ in range(self.levels)]
        self._running: dict[Process, None] = {}
        self._turns = count(1)  # counts processes as they become ready
        self._boosts = 0

    def _standing(self, process: Process) -> Standing:
        standing: Standing | None = process.account
        if standing is None or standing.boosts != self._boosts:  # new, or boosted since
            standing = process.account = Standing(self._boosts, process.cpu_used)
        return standing

    def _best(self) -> Process | None:
        """Return the first process of the highest level at which one is ready."""
        for line in self._lines:
            process = line.first()
            if process is not None:
                return process
        return None

    def ready(self, process: Process, why: str) -> None:
        standing = self._standing(process)
        process.turn = next(self._turns)
        line = self._lines[standing.level]
        if why == "expired":  # most often; no convention concerns it
            standing.rest = 0
            line.append(process)
            return
        if why not in self._keeps_rest:
            standing.rest = 0
        if why == "woke" and self.io == "renews":
            standing.begun_at = process.cpu_used
        if why in self._first:
            line.put_first(process)
        else:
            line.append(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        for line in self._lines:
            process = line.take() if not self.has_pinned else self._take_for(core, line)
            if process is not None:
                self._running[process] = None
                return process, self._slice(process)
        return None

    @staticmethod
    def _take_for(core: int, line: LinkedQueue) -> Process | None:
        """Remove the first process of a level that may use `core`, and return it."""
        process = next((process for process in line if process.may_use(core)), None)
        if process is not None:
            line.remove(process)
        return process

    def _slice(self, process: Process) -> int:
        """Return the ns it may run: the rest of its slice, or a quantum within its allotment."""
        standing: Standing = process.account  # that of a ready process, perhaps before a boost
        if standing.boosts != self._boosts:
            standing = self._standing(process)
        slice = standing.rest
        if not slice:
            level = standing.level
            slice = self._allotments[level] - process.cpu_used + standing.begun_at
            quantum = self._quanta[level]
            slice = quantum if quantum < slice else slice
        standing.slice = slice
        return slice

    def removed(self, process: Process) -> None:
        self._lines[self._standing(process).level].remove(process)

    def loses(self, running: Sequence[Process]) -> Process | None:
        best = self._best()
        if best is None or not self.preemptive:
            return None
        if self.has_pinned:
            return self._loses_to_pinned(running)
        worst = running[0]
        if len(running) > 1:
            worst = max(running, key=lambda process: (self._standing(process).level, process.turn))
        return worst if self._standing(best).level < self._standing(worst).level else None

    def _loses_to_pinned(self, running: Sequence[Process]) -> Process | None:
        """Return what is preempted for the first ready process that may use a core of such."""
        for best in (process for line in self._lines for process in line):
            able = [process for process in running if best.may_use(process.core)]
            if able:
                worst = max(able, key=lambda each: (self._standing(each).level, each.turn))
                if self._standing(best).level < self._standing(worst).level:
                    return worst
        return None

    def ran(self, process: Process, duration: int, why: str) -> None:
        del self._running[process]
        standing = process.account
        standing.rest = standing.slice - duration
        if process.cpu_used - standing.begun_at >= self._allotments[standing.level]:
            standing.level = min(standing.level + 1, self.levels - 1)
            standing.begun_at = process.cpu_used

    def review(self) -> dict[Process, int | None]:
        """Boost all: processes that wait keep the order of levels and places.

        A running process begins a slice and an allotment of the highest level at this moment.
        """
        self._boosts += 1
        for line in self._lines[1:]:
            self._lines[0].join(line)
        slice = min(self._quanta[0], self._allotments[0])
        for process in self._running:
            self._standing(process).slice = process.ran_for + slice
        return dict.fromkeys(self._running, slice)

    def next_review(self) -> int | None:
        return None if self.boost is None else (self.now // self.boost + 1) * self.boost

    def keys(self, process: Process) -> dict[str, int]:
        standing = self._standing(process)
        return {"level": standing.level, "used_ns": process.cpu_used - standing.begun_at}


class Feedback(LeastFirst):
    """The first process of the lowest-numbered queue; one that uses a whole quantum goes one down.

    Good for short programs without knowing which are short. Fails long ones, which may starve;
    a growing quantum (`growth: 2`) helps them. Stallings, Operating Systems, ch. 9.
    """

    rule = mark("the lowest-numbered queue")
    tie_rule = mark("equal queues: the process that became ready first is ahead")
    takes_turns = True
    quantum: Duration = ms(10)
    growth: int = 1

    def check(self) -> None:
        if self.growth < 1:
            raise ValueError(tr("growth: must be at least 1 (got {growth})", growth=self.growth))

    def key(self, process: Process) -> int:
        return process.account or 0  # the number of its queue

    def ready(self, process: Process, why: str) -> None:
        if why == "expired" and self.least() is not None:
            process.account = self.key(process) + 1
        super().ready(process, why)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        pick = super().pick(core)
        return pick and (pick[0], self.quantum * self.growth ** self.key(pick[0]))

    def keys(self, process: Process) -> dict[str, int]:
        return {"queue": self.key(process)}
