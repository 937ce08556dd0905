"""Costs of a machine that decides in book time, as the real dispatcher does.

The real machine's policy sees the model's times (docs/real-machine.md): a switch of some
microseconds turns no tie. So the model that is charged with what switches cost there decides as if
they were free, and then finds out when everything would really have happened: the books advance to
an instant when all that they put there has happened, and all that was decided at it is carried
out from then on. A slice that is preempted when it always was gets less, and what it is owed later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from kernel.process import BLOCKED, READY, RUNNING
from kernel.workload import Costs, Workload
from timeline.book import Book
from timeline.describe import make_run
from timeline.intervals import Interval, Intervals
from timeline.metrics import Facts
from timeline.run import PARTITION_EVENTS, Overhead, Run
from timeline.stages import ADMITTED, BEGINS, OVER, PREEMPTED, WOKEN, Stage, rank, stages

HELD = "held back"
"""The core is free and the process ready, but the books still wait for something else."""


def can_be_booked(workload: Workload) -> bool:
    """Not if processes start each other, or programs are moved in memory while they run."""
    memory = workload.memory
    moved = memory is not None and (memory.swap is not None or memory.compaction != "never")
    return workload.life is None and not moved


def in_book_time(workload: Workload, free: Run, facts: Sequence[Facts]) -> Run:
    """`free`, a run of `workload` without its costs, with them. `facts` are those of that run.

    It must be one that `can_be_booked`.
    """
    booked = _Booked(free, workload.costs, stages(Book(free)))
    intervals = Intervals()
    for row in booked.rows():
        intervals.add(row)
    return make_run(
        free.backend,
        workload,
        intervals,
        [booked.moved(process, fact) for process, fact in enumerate(facts)],
        overheads=sorted(booked.overheads, key=lambda row: row.start_ns),
        memory_events=[
            event._replace(at_ns=booked.reached[event.at_ns])
            for event in free.memory_events
            if event.event in PARTITION_EVENTS
        ],
        decisions=free.decisions,
        machine={"decides": "in book time", "dispatch": {"slack_ns": booked.held}},
    )


@dataclass(slots=True)
class _Times:
    """When a stage really begins and ends, ns."""

    start: int
    end: int = -1


class _Booked:
    """From the times of the books to those of a clock, instant by instant."""

    def __init__(self, free: Run, costs: Costs, lives: Sequence[Sequence[Stage]]) -> None:
        self._arrivals = [row.arrival_ns for row in free.processes]
        self._costs = costs
        self._lives = lives
        self._clock = 0
        self._owed = [0] * len(lives)
        self._core_of = [-1] * len(lives)
        self._at: dict[Stage, _Times] = {}
        self.reached: dict[int, int] = {}  # the clock's time, by the books'
        self.held = 0  # ns, the longest that anything waited for what is put at the same instant
        self.overheads: list[Overhead] = []
        self._advance()

    def _advance(self) -> None:
        for instant, events in groupby(sorted(self._events(), key=itemgetter(0, 1)), itemgetter(0)):
            there = list(events)
            happened = [
                instant if stage is None else self._over(stage)
                for _, order, stage in there
                if order in (OVER, WOKEN)
            ] or [instant]  # the policy looked again
            self._clock = max(self._clock, *happened)
            self.reached[instant] = self._clock
            self.held = max(self.held, self._clock - min(happened))
            for _, order, stage in there:
                if stage is None:
                    continue
                if order == BEGINS:
                    self._at[stage] = _Times(self._begins(stage))
                elif order == ADMITTED:
                    self._at[stage].end = self._clock
                elif order == PREEMPTED:
                    self._preempted(stage)

    def _events(self) -> Iterable[tuple[int, int, Stage | None]]:
        for arrival in self._arrivals:
            yield arrival, OVER, None
        for life in self._lives:
            for stage in life:
                yield stage.start, BEGINS, stage
                yield stage.end, rank(stage), stage

    def _begins(self, stage: Stage) -> int:
        since = self.ready_since(stage)
        if stage.state != RUNNING:
            return since
        before = stage.waited_for
        free = self._at[before].end if before is not None else 0
        at_once = before is not None and before.end == stage.start
        at = free if at_once else max(free, since)
        if at < self._clock:
            at = self._spend(stage, HELD, at, self._clock)
        costs, last = self._costs, before and before.process
        moved = self._core_of[stage.process] not in (-1, stage.core)
        self._core_of[stage.process] = stage.core
        at = self._spend(stage, "dispatch", at, at + costs.dispatch)
        switched = last not in (None, stage.process)
        at = self._spend(stage, "switch", at, at + costs.switch * switched)
        return self._spend(stage, "migration", at, at + costs.migration * moved)

    def _spend(self, stage: Stage, why: str, start: int, end: int) -> int:
        if end > start:
            self.overheads.append(Overhead(stage.core, start, end, why))
        return end

    def ready_since(self, stage: Stage) -> int:
        """When its process could begin it, ns."""
        if stage.before is None:
            return self._arrivals[stage.process]
        return self._at[stage.before].end

    def _over(self, stage: Stage) -> int:
        times, process = self._at[stage], stage.process
        if stage.state == RUNNING:
            times.end = times.start + stage.end - stage.start + self._owed[process]
            self._owed[process] = 0
        elif stage.why == "released":
            times.end = max(times.start, stage.end)
        else:
            other = stage.waited_for
            began = times.start if other is None else max(times.start, self._at[other].end)
            times.end = began + stage.end - stage.since
        return times.end

    def _preempted(self, stage: Stage) -> None:
        times, process = self._at[stage], stage.process
        due = stage.end - stage.start + self._owed[process]
        times.end = max(times.start, min(self._clock, times.start + due))
        self._owed[process] = due - (times.end - times.start)

    def rows(self) -> list[Interval]:
        """All intervals, in the order in which they end."""
        found = []
        for life in self._lives:
            for stage in life:
                times, since = self._at[stage], self.ready_since(stage)
                if times.start > since:
                    row = Interval(stage.process, READY, since, times.start, -1, -1, "dispatched")
                    found.append(row)
                found.append(
                    Interval(
                        stage.process,
                        stage.state,
                        times.start,
                        times.end,
                        stage.core,
                        stage.device,
                        stage.why,
                    )
                )
        return sorted(found, key=lambda row: (row.end, row.start))

    def moved(self, process: int, fact: Facts) -> Facts:
        """What is known of a process beside its intervals, at the clock's times."""
        life = self._lives[process]
        ends = {stage.end: self._at[stage].end for stage in life}
        waited = life and life[0].state not in (RUNNING, BLOCKED)
        return replace(
            fact,
            admitted=self._at[life[0]].end if waited else fact.admitted,
            completion=None if fact.completion is None else ends.get(fact.completion),
            jobs=[ends[at] for at in fact.jobs],
        )
