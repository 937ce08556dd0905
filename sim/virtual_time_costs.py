"""The charged model: costs of a machine that decides in virtual time, as the real dispatcher does.

In virtual time a dispatch costs nothing, and a burst is as long as the scenario says. The policy of
the real machine sees virtual times (docs/real-machine.md), so a switch of some microseconds decides
no tie. The charged model decides in virtual time, too. Afterwards this module computes the times by
the clock at which everything would have happened with the costs of dispatches:

- Virtual time reaches an instant when all events of that instant have happened by the clock. The
  decisions of the instant are carried out from then on.
- A slice that is preempted at an instant may have had less CPU time by the clock than in virtual
  time. The process gets the rest later.
- A slice whose quantum is over while virtual time waits for another event goes on. The process
  gets less later.

The cost of a dispatch is the same each time (`Costs.dispatch`, `switch`, `migration`), or depends
on its circumstances (`Costs.price`, see kernel/dispatch_price.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from kernel.dispatch_price import Circumstances
from kernel.hardware import Costs
from kernel.process.states import BLOCKED, READY, RUNNING
from kernel.workload import Workload
from timeline.comparison.causes.dispatched import loads
from timeline.record.assembly import RunFacts, make_run
from timeline.record.description import describe_costs
from timeline.record.intervals import Interval, Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import PARTITION_EVENTS, Overhead
from timeline.record.sorted_run import SortedRun
from timeline.record.stages import ADMITTED, BEGINS, OVER, PREEMPTED, WOKEN, Stage, rank, stages

HELD = "held back"
"""The core is free and the process ready, but virtual time still waits for another event."""


def can_charge_in_virtual_time(workload: Workload) -> bool:
    """Return whether the workload's costs can be charged after its run without costs.

    They cannot if processes start each other, or if programs are moved in memory while they run.
    Then a cost may change not only the times of events, but the events themselves.
    """
    memory = workload.memory
    moved = memory is not None and (memory.swap is not None or memory.compaction != "never")
    return workload.lifecycle is None and not moved


def charged_in_virtual_time(workload: Workload, free: RunFacts) -> RunFacts:
    """Return the facts of the run with its costs. `free` are the facts of the run without costs.

    The workload must be one that `can_charge_in_virtual_time`.
    """
    run = make_run(free)
    sorted_run = SortedRun(run)
    clock = _ClockTimes(sorted_run, workload.costs, stages(sorted_run))
    intervals = Intervals()
    for row in clock.rows():
        intervals.add(row)
    return RunFacts(
        free.backend,
        workload,
        intervals=intervals,
        processes=[clock.facts(process, fact) for process, fact in enumerate(free.processes)],
        overheads=sorted(clock.overheads, key=lambda row: row.start_ns),
        memory_events=[
            event._replace(at_ns=clock.reached[event.at_ns])
            for event in run.memory_events
            if event.event in PARTITION_EVENTS
        ],
        decisions=free.decisions,
        machine={
            "decides": "in virtual time",
            "dispatch": {"slack_ns": clock.held},
            **_flat_costs(workload.costs),
        },
        price=workload.costs.price,
    )


def _flat_costs(costs: Costs) -> dict[str, Any]:
    """Return the entry of the costs that a price by circumstances does not replace."""
    if costs.price is None:
        return {}
    return {"costs": describe_costs(replace(costs, dispatch=0, switch=0, migration=0))}


@dataclass(slots=True)
class _Times:
    """When a stage begins and ends by the clock, ns, and the holes that decisions make in it."""

    start: int
    end: int = -1
    holes: list[tuple[int, int]] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Return the length of all holes together, ns."""
        return sum(end - start for start, end in self.holes)

    @property
    def since(self) -> int:
        """Return the end of the last hole, or the start of the stage, ns."""
        return self.holes[-1][1] if self.holes else self.start


class _ClockTimes:
    """The times by the clock of a run in virtual time, computed instant by instant."""

    def __init__(
        self, sorted_run: SortedRun, costs: Costs, stages_of: Sequence[Sequence[Stage]]
    ) -> None:
        self._sorted_run = sorted_run
        self._arrivals = [row.arrival_ns for row in sorted_run.run.processes]
        self._costs = costs
        self._price = costs.price
        shared = self._price is not None and self._price.shared
        self._home = len(sorted_run.run.cores) - 1 if shared else None
        self._stages_of = stages_of  # by process, in their order
        self._ran: dict[int, Stage] = {}  # by process, its last slice
        self._after = {one: other for row in stages_of for one, other in pairwise(row)}
        self._running: dict[int, Stage] = {}  # by core, the slice there
        self._clock = 0
        self._owed = [0] * len(stages_of)  # ns, by process: CPU time that it lacks by the clock
        self._core_of = [-1] * len(stages_of)  # by process, where it ran last
        self._at: dict[Stage, _Times] = {}
        self.reached: dict[int, int] = {}  # by instant of virtual time: the time by the clock, ns
        self.held = 0  # ns, the longest wait of an event for another of its instant
        self.overheads: list[Overhead] = []
        self._advance()

    def _advance(self) -> None:
        for instant, events in groupby(sorted(self._events(), key=itemgetter(0, 1)), itemgetter(0)):
            there = list(events)
            happened = [
                instant if stage is None else self._over(stage)
                for _, order, stage in there
                if order in (OVER, WOKEN)
            ] or [instant]  # at this instant is only a review by the policy
            self._clock = max(self._clock, *happened)
            self.reached[instant] = self._clock
            self.held = max(self.held, self._clock - min(happened))
            self._carry_out([(order, stage) for _, order, stage in there if stage is not None])
            self._disturb()

    def _carry_out(self, events: Iterable[tuple[int, Stage]]) -> None:
        """Carry out the decisions of this instant, each after the ones on which it depends."""
        for order, stage in events:
            if order == BEGINS:
                self._at[stage] = _Times(self._begins(stage))
                if stage.state == RUNNING:
                    self._ran[stage.process] = self._running[stage.core] = stage
                continue
            if order == ADMITTED:
                self._at[stage].end = self._clock
            elif order == PREEMPTED:
                self._preempted(stage)
            elif order == OVER and stage.why == "expired":
                self._goes_on(stage)
            if self._running.get(stage.core) is stage:
                del self._running[stage.core]

    def _disturb(self) -> None:
        """Make a hole for the decision in each slice that goes on meanwhile."""
        taken = 0 if self._price is None else self._price.beside_ns
        for stage in self._running.values():
            if self._home not in (None, stage.core):
                continue
            times = self._at[stage]
            at = max(self._clock, times.since)
            if taken and times.start < at < self._due(stage):
                times.holes.append((at, at + taken))
                self.overheads.append(Overhead(stage.core, at, at + taken, "dispatcher"))

    def _events(self) -> Iterable[tuple[int, int, Stage | None]]:
        for arrival in self._arrivals:
            yield arrival, OVER, None
        for row in self._stages_of:
            for stage in row:
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
        switched = before is not None and before.process != stage.process
        if self._costs.leaving and switched and self._price is None:
            at = max(at, self._spend(stage, "leave", free, free + self._costs.leaving))
        if at < self._clock:
            at = self._spend(stage, HELD, at, self._clock)
        if self._price is not None:
            price = self._price.charge(self._circumstances(stage, since, free))
            longer = self._price.overshoot(stage.end - stage.start)
            return self._spend(stage, "dispatch", at, at + price + longer)
        costs = self._costs
        moved = self._core_of[stage.process] not in (-1, stage.core)
        self._core_of[stage.process] = stage.core
        at = self._spend(stage, "dispatch", at, at + costs.dispatch)
        coming = (costs.switch - costs.leaving) * switched
        at = self._spend(stage, "switch", at, at + coming)
        return self._spend(stage, "migration", at, at + costs.migration * moved)

    def _spend(self, stage: Stage, why: str, start: int, end: int) -> int:
        if end > start:
            self.overheads.append(Overhead(stage.core, start, end, why))
        return end

    def _circumstances(self, stage: Stage, ready: int, free: int) -> Circumstances:
        """Return the circumstances of a dispatch.

        The process has been ready since `ready`, and the core free since `free`, ns by the clock.
        """
        ran, core, due = self._ran.get(stage.process), stage.waited_for, max(ready, free)
        virtual = self._arrivals[stage.process] if stage.before is None else stage.before.end
        return Circumstances(
            first=ran is None,
            away_ns=0 if ran is None else max(0, due - self._at[ran].end),
            idle_ns=max(0, ready - free),
            slice_ns=0 if core is None else self._at[core].end - self._at[core].start,
            loads=loads(self._sorted_run, stage, virtual, stage.start),
            resumed=stage.before is not None and stage.before.state == RUNNING,
            home=stage.core == self._home,
        )

    def ready_since(self, stage: Stage) -> int:
        """Return when the process could begin the stage, ns."""
        if stage.before is None:
            return self._arrivals[stage.process]
        return self._at[stage.before].end

    def _due(self, stage: Stage) -> int:
        """Return when the slice ends if it is not preempted, ns."""
        times = self._at[stage]
        due = times.start + stage.end - stage.start + self._owed[stage.process] + times.lost
        return max(times.since, due)

    def _over(self, stage: Stage) -> int:
        times = self._at[stage]
        if stage.state == RUNNING:
            times.end = self._due(stage)
            self._owed[stage.process] = 0
        elif stage.why == "released":
            times.end = max(times.start, stage.end)
        else:
            other = stage.waited_for
            began = times.start if other is None else max(times.start, self._at[other].end)
            times.end = began + stage.end - stage.since
        return times.end

    def _goes_on(self, stage: Stage) -> None:
        """Let a slice whose quantum is over go on while virtual time waits for another event.

        The next slice of the burst is shorter by that time, but at least 1 ns long.
        """
        times, then = self._at[stage], self._after.get(stage)
        left = 0 if then is None or then.state != RUNNING else then.end - then.start - 1
        more = max(0, min(self._clock - times.end, left))
        times.end += more
        self._owed[stage.process] -= more

    def _preempted(self, stage: Stage) -> None:
        times, process = self._at[stage], stage.process
        due = self._due(stage)
        times.end = max(times.since, min(self._clock, due))
        self._owed[process] = due - times.end

    def rows(self) -> list[Interval]:
        """Return all intervals by the clock, in the order in which they end."""
        found = []
        for row in self._stages_of:
            for stage in row:
                times, since = self._at[stage], self.ready_since(stage)
                if times.start > since:
                    found.append(
                        Interval(stage.process, READY, since, times.start, -1, -1, "dispatched")
                    )
                found += _with_holes(stage, times)
        return sorted(found, key=lambda row: (row.end, row.start))

    def facts(self, process: int, fact: ProcessFacts) -> ProcessFacts:
        """Return the facts of a process with the clock's times in place of the virtual ones."""
        row = self._stages_of[process]
        ends = {stage.end: self._at[stage].end for stage in row}
        waited = row and row[0].state not in (RUNNING, BLOCKED)
        return replace(
            fact,
            admitted=self._at[row[0]].end if waited else fact.admitted,
            completion=None if fact.completion is None else ends.get(fact.completion),
            jobs=[ends[at] for at in fact.jobs],
        )


def _with_holes(stage: Stage, times: _Times) -> Iterator[Interval]:
    """Yield the intervals of one stage. Each hole is an interval, as in a real record."""
    process, core, at = stage.process, stage.core, times.start
    for start, end in times.holes:
        yield Interval(process, RUNNING, at, start, core, -1, "interrupted")
        yield Interval(process, READY, start, end, -1, -1, "resumed")
        at = end
    yield Interval(process, stage.state, at, times.end, core, stage.device, stage.why)
