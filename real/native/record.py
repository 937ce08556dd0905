"""The record of a native run, made from the logs of its workers.

A worker knows when it ran and for what it waited. It does not know which process took its core.
That is seen when the logs of all workers are laid over each other. At some times no process of the
scenario had a core although one was ready. If such a time is short, it is the dead time of a
switch. If a worker lost the core in the middle of a burst, a program outside the scenario had it. A
process whose CPU time is limited says nothing of other programs: Linux may have throttled it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from kernel.process.program import RELEASE
from kernel.process.spec import ProcessSpec
from kernel.process.states import BLOCKED, READY, RUNNING
from kernel.workload import Workload
from real.cells import GAP
from real.host.cpus import Cpus
from real.native.cells import CALLING, ENDED
from real.native.log import LOCK
from real.native.stretches import (
    Stretch,
    idle_windows,
    idle_within,
    running_by_core,
    stretches,
)
from real.supervisor.dropped_jobs import dropped_cpu
from real.supervisor.handle import ProcessHandle
from real.supervisor.overheads import NEVER, Windows, beside_runs, dispatch_times
from timeline.comparison.causes.core_losses import OUTSIDE
from timeline.record.intervals import NO_CORE, NO_DEVICE, Interval, Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import Overhead

HANDOVER = 1_000_000
"""ns. A core, or the interpreter lock, goes to the next thread in less time, unless a program
outside the scenario has the core of that thread."""


@dataclass(slots=True)
class NativeRecord:
    """The record of one run while it is made. Times are ns of the run."""

    by_core: list[list[Stretch]]  # the running intervals on each core
    idle: Windows  # when no process of the scenario had the only core; none if there are several
    intervals: Intervals = field(default_factory=Intervals)
    facts: list[ProcessFacts] = field(default_factory=list)
    overheads: list[Overhead] = field(default_factory=list)
    dead_times: list[int] = field(default_factory=list)  # of dispatches
    dispatch: dict[str, int] = field(default_factory=dict)  # `machine.dispatch`


def record(
    workload: Workload, cpus: Cpus, threads: Sequence[ProcessHandle], epoch: int, ended_at: int
) -> NativeRecord:
    """Return the intervals, totals and overheads that the logs show.

    `threads` has the handle of each process of the workload. `epoch` is the first moment of the
    run, absolute ns. `ended_at` is its last moment, ns of the run.
    """
    histories = [list(stretches(each.running_intervals, cpus, epoch)) for each in threads]
    by_core = running_by_core(histories, len(cpus.cores))
    # Linux balances only now and then, so one of several cores may be idle while a process waits
    found = NativeRecord(by_core, idle_windows(by_core[0]) if len(by_core) == 1 else NEVER)
    for spec, thread, history in zip(workload.processes, threads, histories, strict=False):
        over = thread.cells[thread.row + ENDED]
        waits = bool(thread.cells[thread.row + CALLING])
        process = _ProcessRecord(spec, history, found, None if over else ended_at, waits)
        process.add_intervals()
        found.facts.append(_facts(process, thread, epoch))
    _add_late_handovers(workload, histories, found)
    _add_switches(found)
    found.dispatch = {"slack_ns": GAP} | dispatch_times(found.dead_times)
    return found


class _ProcessRecord:
    """Makes the intervals of one process, from its arrival to its end."""

    def __init__(
        self,
        spec: ProcessSpec,
        history: Sequence[Stretch],
        found: NativeRecord,
        stopped_at: int | None,
        waits: bool,
    ) -> None:
        """`stopped_at`: when the run was stopped before the process ended; None: it ended.

        `waits`: the process was in a call that waits then.
        """
        self.spec = spec
        self.at = spec.arrival  # the intervals reach up to here
        self.jobs: list[int] = []
        self.dropped_at: dict[int, int] = {}  # when jobs were dropped, by the number of the job
        self.left = False  # the current job was dropped
        self.running: list[Interval] = []
        self.over = stopped_at is None
        self._waits = waits
        self._history, self._found, self._stopped_at = history, found, stopped_at

    def add_intervals(self) -> None:
        """Add all intervals of the process to the record."""
        history = self._history
        last: Stretch | None = None  # the running interval before, if no wait lies between
        for at, (stretch, following) in enumerate(zip_longest(history, history[1:])):
            if not stretch.runs:
                self._add_wait(stretch, self._after(at))
                self._drop(stretch)
                last = None
                continue
            lost = last is not None and self._add_loss(last, stretch)
            self._add_until(stretch.start, READY, "resumed" if lost else "dispatched")
            why = "aborted" if stretch.dropped else self._why(stretch, following)
            self._add_until(stretch.end, RUNNING, why, stretch.core)
            self._drop(stretch)
            last = stretch
        if self._stopped_at is not None and not (last and last.end + GAP >= self._stopped_at):
            self._add_until(self._stopped_at, BLOCKED if self._waits else READY, "stopped")

    def _after(self, at: int) -> Stretch | None:
        """Return what follows the wait `at`, without the releases that were due when it ended."""
        history, end = self._history, self._history[at].end
        later = (history[number] for number in range(at + 1, len(history)))
        return next((each for each in later if each.place != RELEASE or each.end > end), None)

    def _drop(self, stretch: Stretch) -> None:
        """Note the jobs that were dropped when the stretch ended."""
        for _ in range(stretch.dropped):
            self.dropped_at[len(self.jobs) + len(self.dropped_at)] = self.at
            self.left = True

    def _why(self, stretch: Stretch, following: Stretch | None) -> str:
        """Return why a running interval ended."""
        if following is None:
            if self._stopped_at is None:
                return "ended"
            if self._waits:
                return "blocked"
            return "stopped" if stretch.end + GAP >= self._stopped_at else "preempted"
        if not following.runs:
            if following.place == RELEASE and following.end <= stretch.end:
                return "released"
            return "blocked"
        return "interrupted" if self._lost_to_outsiders(stretch, following) else "preempted"

    def _lost_to_outsiders(self, stretch: Stretch, following: Stretch) -> bool:
        """Return whether only programs outside the scenario had its core between the two."""
        if stretch.core != following.core or self.spec.linux.limited:
            return False
        idle = sum(end - start for start, end in self._idle_between(stretch, following))
        return idle >= following.start - stretch.end

    def _idle_between(self, stretch: Stretch, following: Stretch) -> Iterator[tuple[int, int]]:
        return idle_within(self._found.by_core[stretch.core], stretch.end, following.start)

    def _add_loss(self, stretch: Stretch, following: Stretch) -> bool:
        """Record when programs outside the scenario had the core between two running intervals.

        Return whether they had it all of the time.
        """
        if stretch.core != following.core or self.spec.linux.limited:
            return False
        for start, end in self._idle_between(stretch, following):
            if end - start > GAP:
                self._found.overheads.append(Overhead(stretch.core, start, end, OUTSIDE))
        return self._lost_to_outsiders(stretch, following)

    def _add_wait(self, wait: Stretch, following: Stretch | None) -> None:
        assert wait.place is not None
        release = wait.place == RELEASE
        if release and self.spec.deadline is not None and not self.left:
            self.jobs.append(self.at)
        self.left = self.left and not release
        if release and wait.end <= self.at:
            return  # the next job was due already, so the process did not wait
        end, why = wait.end, "released" if release else "woke"
        if following is None and self._stopped_at is not None and end >= self._stopped_at:
            end, why = self._stopped_at, "stopped"
        elif following is None and self.over:
            why = "ended"
        elif following is not None and not following.runs and not release:
            why = "continued"
        self._add_until(end, BLOCKED, why, device=max(wait.place, NO_DEVICE))

    def _add_until(
        self, end: int, state: int, why: str, core: int = NO_CORE, device: int = NO_DEVICE
    ) -> None:
        if end > self.at:
            row = Interval(self.spec.index, state, self.at, end, core, device, why)
            self._found.intervals.add(row)
            if state == RUNNING:
                self.running.append(row)
            if state == READY:
                self._add_dead_times(end)
            self.at = end

    def _add_dead_times(self, end: int) -> None:
        """Record how long no process of the scenario had a core while this process was ready.

        It was ready until `end`. A single core is not idle while a process is ready, except for the
        time that a wake-up takes. If it took longer than HANDOVER, a program outside the scenario
        had the core.
        """
        if self.spec.linux.limited:
            return
        told = self.at
        for start, until in self._found.idle.within(self.at, end):
            told = until
            if until - start > HANDOVER:
                self._found.overheads.append(Overhead(0, start, until, OUTSIDE))
            else:
                self._found.dead_times.append(until - start)
        for on_core in self._found.by_core:
            at = bisect_left(on_core, end, key=lambda stretch: stretch.start)
            before = on_core[at - 1].end if at else 0
            if told < end and (self.at <= before < end or (not at and self.at < end)):
                self._found.dead_times.append(end - max(before, self.at))


def _facts(process: _ProcessRecord, thread: ProcessHandle, epoch: int) -> ProcessFacts:
    spec = process.spec
    if process.over and spec.deadline is not None and not process.left:
        process.jobs.append(process.at)
    dropped_at = process.dropped_at
    aborted = dropped_cpu(spec.program, process.jobs, dropped_at, process.running)
    return ProcessFacts(
        admitted=spec.arrival,
        completion=process.at if process.over else None,
        exitcode=thread.exitcode if process.over else None,
        jobs=process.jobs,
        aborted=aborted,
        pid=thread.pid,
        arrival=spec.arrival if spec.kinship.thread else None,
        cpu=thread.cpu_time() if process.over else None,
        reaped=(thread.reaped or 0) - epoch if process.over else None,
    )


def _add_late_handovers(
    workload: Workload, histories: Sequence[Sequence[Stretch]], found: NativeRecord
) -> None:
    """Record when a thread got the interpreter lock late, as an outside program had its core."""
    for threads in _threads_by_process(workload):
        ran = sorted(
            (stretch for at in threads for stretch in histories[at] if stretch.runs),
            key=lambda stretch: stretch.start,
        )
        waited = {
            stretch.start
            for at in threads
            for wait, stretch in pairwise(histories[at])
            if wait.place == LOCK and stretch.runs and stretch.start - wait.end <= GAP
        }
        for before, after in pairwise(ran):
            if after.start in waited and after.start - before.end > HANDOVER:
                on_core = found.by_core[after.core]
                for start, end in idle_within(on_core, before.end, after.start):
                    found.overheads.append(Overhead(after.core, start, end, OUTSIDE))


def _threads_by_process(workload: Workload) -> Iterator[list[int]]:
    """Yield the indices of all threads of each process that has several threads."""
    further = [spec for spec in workload.processes if spec.kinship.thread]
    for owner in dict.fromkeys(spec.kinship.parent for spec in further):
        yield [owner, *(spec.index for spec in further if spec.kinship.parent == owner)]


def _add_switches(found: NativeRecord) -> None:
    """Record a switch between any two running intervals on a core that are at most GAP apart."""
    for core, on_core in enumerate(found.by_core):
        for before, after in pairwise(on_core):
            if 0 < after.start - before.end <= GAP:
                found.overheads.append(Overhead(core, before.end, after.start, "switch"))
    found.overheads = beside_runs(found.overheads, found.intervals, len(found.by_core))
