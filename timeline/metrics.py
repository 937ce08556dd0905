"""From intervals to the numbers of a run: one pass, the same for both machines.

Turnaround, response and waiting as in Silberschatz, Galvin, Gagne, Operating System Concepts,
ch. 5: turnaround = completion - arrival, response = first run - arrival, waiting = time ready but
not running. Waiting for memory is `admitted - arrival` and not part of `waiting`. Where a switch
costs time, the process is ready until it is over: `first run` is when its first step begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kernel.memory import Region
from kernel.process import WHY, State
from kernel.workload import ProcessSpec, Workload
from timeline.intervals import Intervals
from timeline.jobs import jobs_of
from timeline.run import Averages, CoreRow, Overhead, Partition, ProcessRow

# plain integers: comparing with a member of an enum costs three times as much
_READY, _RUNNING, _BLOCKED = int(State.READY), int(State.RUNNING), int(State.BLOCKED)
_SUSPENDED = int(State.SUSPENDED)
_EXPIRED, _PREEMPTED, _INTERRUPTED = WHY["expired"], WHY["preempted"], WHY["interrupted"]


@dataclass(slots=True)
class Facts:
    """What a machine knows of a process that its intervals do not say."""

    admitted: int | None = None  # ns
    completion: int | None = None  # ns, the moment of death
    exitcode: int | None = None
    region: Region | None = None  # where it was placed first
    pid: int | None = None
    cpu: int | None = None  # ns measured; None: the sum of its running intervals
    reaped: int | None = None  # ns; None: at completion
    jobs: list[int] = field(default_factory=list)  # ns, completions so far, in order
    arrival: int | None = None  # ns, of one that was started by another
    demand: int | None = None  # ns of CPU that it asked for; None: as its program says


class _Sums:
    """Per process and per core totals of one pass over the intervals."""

    def __init__(self, intervals: Intervals, processes: int, cores: int) -> None:
        self.waiting = waiting = [0] * processes
        self.blocked = blocked = [0] * processes
        self.suspended = suspended = [0] * processes
        self.cpu = cpu = [0] * processes
        self.slices = slices = [0] * processes
        self.lost = lost = [0] * processes
        self.moves = [0] * processes
        self.first_run: list[int | None] = [None] * processes
        self.busy = busy = [0] * cores
        last_core = [-1] * processes
        same_slice = [False] * processes
        for process, state, start, end, core, why in zip(
            intervals.process,
            intervals.state,
            intervals.start,
            intervals.end,
            intervals.core,
            intervals.why,
            strict=True,
        ):
            if state == _READY:
                waiting[process] += end - start
            elif state == _RUNNING:
                cpu[process] += end - start
                busy[core] += end - start
                if not same_slice[process]:
                    slices[process] += 1
                    if last_core[process] != core:
                        if self.first_run[process] is None:
                            self.first_run[process] = start
                        else:
                            self.moves[process] += 1
                        last_core[process] = core
                same_slice[process] = why == _INTERRUPTED
                if why in (_EXPIRED, _PREEMPTED):
                    lost[process] += 1
            elif state == _BLOCKED:
                blocked[process] += end - start
            elif state == _SUSPENDED:
                suspended[process] += end - start


@dataclass(slots=True)
class Summary:
    """The parts of a `Run` that follow from its intervals."""

    makespan_ns: int
    cores: list[CoreRow]
    processes: list[ProcessRow]
    averages: Averages


def summarize(
    workload: Workload, intervals: Intervals, facts: Sequence[Facts], overheads: Iterable[Overhead]
) -> Summary:
    """Rows of processes and cores, and the averages. `facts` is in file order, rows are too."""
    sums = _Sums(intervals, len(facts), workload.cores)
    rows = []
    for spec, fact in zip(workload.processes, facts, strict=True):
        if spec.kin.parent >= 0 and fact.arrival is None:
            continue  # never started
        i, arrival = spec.index, spec.arrival if fact.arrival is None else fact.arrival
        parent = spec.kin.parent
        rows.append(
            ProcessRow(
                name=spec.name,
                pid=fact.pid,
                parent=workload.processes[parent].name if parent >= 0 else None,
                arrival_ns=arrival,
                admitted_ns=fact.admitted,
                first_run_ns=sums.first_run[i],
                completion_ns=fact.completion,
                turnaround_ns=_since(arrival, fact.completion),
                response_ns=_since(arrival, sums.first_run[i]),
                waiting_ns=sums.waiting[i],
                blocked_ns=sums.blocked[i],
                cpu_ns=sums.cpu[i] if fact.cpu is None else fact.cpu,
                demand_ns=_demand(spec, fact),
                slices=sums.slices[i],
                preemptions=sums.lost[i],
                migrations=sums.moves[i],
                exitcode=None if spec.kin.thread else fact.exitcode,  # its process has one
                affinity=None if spec.cores is None else list(spec.cores),
                suspended_ns=sums.suspended[i],
                memory=fact.region and Partition(*fact.region, spec.memory),
                jobs=jobs_of(spec, fact.jobs),
            )
        )
    makespan = max((row.completion_ns or 0 for row in rows), default=0)
    if any(row.completion_ns is None for row in rows):  # stopped first: up to the last thing seen
        makespan = max(makespan, max(intervals.end, default=0))
    cores = [CoreRow(core, busy) for core, busy in enumerate(sums.busy)]
    for overhead in overheads:
        cores[overhead.core].overhead_ns += overhead.end_ns - overhead.start_ns
    for row in cores:
        row.idle_ns = makespan - row.busy_ns - row.overhead_ns
    return Summary(makespan, cores, rows, _averages(rows, makespan, cores))


def _demand(spec: ProcessSpec, fact: Facts) -> int:
    """CPU time that it asks for, ns: as far as its acts and its memory steps let it come."""
    if fact.demand is not None:
        return fact.demand
    program = spec.program
    return (program.fate(spec.memory, fact.region[1])[0] if fact.region else program).demand


def _averages(rows: Sequence[ProcessRow], makespan: int, cores: Sequence[CoreRow]) -> Averages:
    done = sum(row.completion_ns is not None for row in rows)
    busy = sum(core.busy_ns for core in cores)
    return Averages(
        turnaround_ns=mean(row.turnaround_ns for row in rows),
        response_ns=mean(row.response_ns for row in rows),
        waiting_ns=mean(row.waiting_ns for row in rows),
        throughput_per_s=done * 1e9 / makespan if makespan else 0.0,
        cpu_utilization=busy / (makespan * len(cores)) if makespan else 0.0,
    )


def mean(values: Iterable[int | None]) -> int | None:
    """The mean of those that are there, rounded half up to a whole ns; None if none is."""
    there = [value for value in values if value is not None]
    return (2 * sum(there) + len(there)) // (2 * len(there)) if there else None


def _since(arrival: int, moment: int | None) -> int | None:
    return None if moment is None else moment - arrival
