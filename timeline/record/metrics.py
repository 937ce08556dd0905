"""The numbers of a run, computed from its intervals in one pass, the same for both machines.

Turnaround, response and waiting are defined as in Silberschatz, Galvin, Gagne, Operating System
Concepts, ch. 5: turnaround = completion - arrival, response = first run - arrival, waiting = time
ready but not running. Waiting for memory is `admitted - arrival` and not part of `waiting`. If a
switch costs time, the process is ready until the switch is over, and `first run` is when its first
step begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.hardware import Region
from kernel.process.spec import ProcessSpec
from kernel.process.states import WHY, State
from kernel.workload import Workload
from timeline.record.intervals import Intervals
from timeline.record.jobs import jobs_of
from timeline.record.run import Allocation, Averages, CoreRow, Overhead, ProcessRow

# plain integers: a comparison with a member of an enum takes three times as long
_READY, _RUNNING, _BLOCKED = int(State.READY), int(State.RUNNING), int(State.BLOCKED)
_SUSPENDED = int(State.SUSPENDED)
_EXPIRED, _PREEMPTED, _INTERRUPTED = WHY["expired"], WHY["preempted"], WHY["interrupted"]


@dataclass(slots=True)
class ProcessFacts:
    """What a machine knows of a process in addition to its intervals."""

    admitted: int | None = None  # ns
    completion: int | None = None  # ns, when it died
    exitcode: int | None = None
    region: Region | None = None  # where it was placed first
    pid: int | None = None
    cpu: int | None = None  # measured CPU time, ns; None: the sum of its running intervals
    reaped: int | None = None  # ns; None: at completion
    jobs: list[int] = field(default_factory=list)  # completions of its jobs so far, ns, in order
    aborted: dict[int, int] = field(default_factory=dict)
    """Of each job that was dropped at its deadline (by number, from 0): the ns of CPU time that it
    had not had."""
    arrival: int | None = None  # ns, if another process started it
    demand: int | None = None  # CPU time that it asked for, ns; None: that of its program


class Sums:
    """Totals of intervals per process and per core.

    `columns` makes a column, with a value for each process, from its initial value. If all
    processes are known beforehand, it returns lists. For processes that come and go, it is
    `ever_more`: an entry is made when it is first needed, and removed by `forget`.
    """

    def __init__(self, columns: Callable[[Any], Any], cores: int) -> None:
        self.waiting = columns(0)
        self.blocked = columns(0)
        self.suspended = columns(0)
        self.cpu = columns(0)
        self.slices = columns(0)
        self.lost = columns(0)
        self.moves = columns(0)
        self.first_run = columns(None)
        self.busy = [0] * cores
        self._last_core = columns(-1)
        self._same_slice = columns(False)

    def add(self, columns: Iterable[Iterable[int]]) -> None:
        """Add rows, given as columns in the order of `Interval`'s fields."""
        waiting, blocked, suspended = self.waiting, self.blocked, self.suspended
        cpu, slices, lost, moves, busy = self.cpu, self.slices, self.lost, self.moves, self.busy
        first_run, last_core, same_slice = self.first_run, self._last_core, self._same_slice
        for process, state, start, end, core, _device, why in zip(*columns, strict=True):
            if state == _READY:
                waiting[process] += end - start
            elif state == _RUNNING:
                cpu[process] += end - start
                busy[core] += end - start
                if not same_slice[process]:
                    slices[process] += 1
                    if last_core[process] != core:
                        if first_run[process] is None:
                            first_run[process] = start
                        else:
                            moves[process] += 1
                        last_core[process] = core
                same_slice[process] = why == _INTERRUPTED
                if why in (_EXPIRED, _PREEMPTED):
                    lost[process] += 1
            elif state == _BLOCKED:
                blocked[process] += end - start
            elif state == _SUSPENDED:
                suspended[process] += end - start

    def forget(self, process: int) -> None:
        """Forget a process that will have no more rows. Only with `ever_more`."""
        for column in vars(self).values():
            if column is not self.busy:
                column.pop(process, None)


def ever_more(value: Any) -> defaultdict[int, Any]:
    """Return a column of `Sums` for processes that come and go."""
    return defaultdict(lambda: value)


@dataclass(slots=True)
class Summary:
    """The parts of a `Run` that follow from its intervals."""

    makespan_ns: int
    cores: list[CoreRow]
    processes: list[ProcessRow]
    averages: Averages


def summarize(
    workload: Workload,
    intervals: Intervals,
    facts: Sequence[ProcessFacts],
    overheads: Iterable[Overhead],
) -> Summary:
    """Return the makespan, the rows of processes and cores, and the averages.

    `facts` and the rows of processes are in file order.
    """
    sums, many = Sums(lambda value: [value] * len(facts), workload.cores), Totals()
    sums.add(intervals.columns())
    rows = []
    for spec, fact in zip(workload.processes, facts, strict=True):
        if spec.kinship.parent >= 0 and fact.arrival is None:
            continue  # never started
        row = process_row(spec, fact, sums)
        if spec.kinship.parent >= 0:
            row.parent = workload.processes[spec.kinship.parent].name
        many.add(row)
        rows.append(row)
    return many.summary(sums, rows, overheads, lambda: max(intervals.end, default=0))


def process_row(spec: ProcessSpec, fact: ProcessFacts, sums: Sums) -> ProcessRow:
    """Return the row of one process, without the name of its parent."""
    i, arrival = spec.index, spec.arrival if fact.arrival is None else fact.arrival
    first_run = sums.first_run[i]
    return ProcessRow(
        name=spec.name,
        pid=fact.pid,
        parent=None,
        arrival_ns=arrival,
        admitted_ns=fact.admitted,
        first_run_ns=first_run,
        completion_ns=fact.completion,
        turnaround_ns=_since(arrival, fact.completion),
        response_ns=_since(arrival, first_run),
        waiting_ns=sums.waiting[i],
        blocked_ns=sums.blocked[i],
        cpu_ns=sums.cpu[i] if fact.cpu is None else fact.cpu,
        demand_ns=_demand(spec, fact),
        slices=sums.slices[i],
        preemptions=sums.lost[i],
        migrations=sums.moves[i],
        exitcode=None if spec.kinship.thread else fact.exitcode,  # a thread has no exit code
        affinity=None if spec.cores is None else list(spec.cores),
        suspended_ns=sums.suspended[i],
        memory=fact.region and Allocation(*fact.region, spec.memory),
        jobs=jobs_of(spec, fact.jobs, fact.aborted),
    )


@dataclass(slots=True)
class Mean:
    """A mean of whole numbers. It is exact, however many there are."""

    total: int = 0
    many: int = 0

    def add(self, value: int | None) -> None:
        """Add a value, unless it is None."""
        if value is not None:
            self.total += value
            self.many += 1

    @property
    def rounded(self) -> int | None:
        """The mean, rounded half up to a whole number; None if there are no values."""
        return (2 * self.total + self.many) // (2 * self.many) if self.many else None


@dataclass(slots=True)
class Totals:
    """Sums over the rows of all processes."""

    turnaround: Mean = field(default_factory=Mean)
    response: Mean = field(default_factory=Mean)
    waiting: Mean = field(default_factory=Mean)
    rows: int = 0
    slices: int = 0
    last: int = 0  # the last completion, ns

    def add(self, row: ProcessRow) -> None:
        """Add a row."""
        self.turnaround.add(row.turnaround_ns)
        self.response.add(row.response_ns)
        self.waiting.add(row.waiting_ns)
        self.rows += 1
        self.slices += row.slices
        self.last = max(self.last, row.completion_ns or 0)

    def summary(
        self,
        sums: Sums,
        rows: list[ProcessRow],
        overheads: Iterable[Overhead],
        seen: Callable[[], int],
    ) -> Summary:
        """Return the summary of the run. `seen` returns the end (ns) of its last interval."""
        makespan = self.last
        if self.turnaround.many < self.rows:  # the run was stopped before all had completed
            makespan = max(makespan, seen())
        cores = [CoreRow(core, busy) for core, busy in enumerate(sums.busy)]
        for overhead in overheads:
            cores[overhead.core].overhead_ns += overhead.end_ns - overhead.start_ns
        for core in cores:
            core.idle_ns = makespan - core.busy_ns - core.overhead_ns
        return Summary(makespan, cores, rows, self.averages(makespan, sums.busy))

    def averages(self, makespan: int, busy: Sequence[int]) -> Averages:
        """Return the means; `busy` has the busy time (ns) of each core."""
        return Averages(
            turnaround_ns=self.turnaround.rounded,
            response_ns=self.response.rounded,
            waiting_ns=self.waiting.rounded,
            throughput_per_s=self.turnaround.many * 1e9 / makespan if makespan else 0.0,
            cpu_utilization=sum(busy) / (makespan * len(busy)) if makespan else 0.0,
        )


def _demand(spec: ProcessSpec, fact: ProcessFacts) -> int:
    """Return the CPU time (ns) that a process asks for, up to a call or memory step ending it."""
    if fact.demand is not None:
        return fact.demand
    program = spec.program
    return (program.fate(spec.memory, fact.region[1])[0] if fact.region else program).demand


def mean(values: Iterable[int | None]) -> int | None:
    """Return the mean of the values that are not None, rounded half up; None if there are none."""
    found = Mean()
    for value in values:
        found.add(value)
    return found.rounded


def _since(arrival: int, time: int | None) -> int | None:
    return None if time is None else time - arrival
