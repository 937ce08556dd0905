"""From the logs of workers that nobody dispatched to the measured record.

A worker knows when it ran and for what it waited. Who took its core it cannot know: that is seen by
laying all logs over each other. What nobody of the scenario had, while somebody was ready, is the
dead time of a switch if it is short, and somebody else's if a worker has lost it in mid-run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from kernel.process.program import RELEASE
from kernel.process.spec import ProcessSpec
from kernel.process.states import BLOCKED, READY, RUNNING
from kernel.workload import Workload
from real.cells import GAP
from real.dispatched.pool import Pool, WorkerHandle
from real.dispatched.record import NEVER, Windows, beside_runs, dispatch_times
from real.host.cpus import Cpus
from real.native.shared_objects import Said
from real.native.worker import ENDED, LOCK, MOVED, WAITING, place_of
from timeline.comparison.causes.core_losses import OUTSIDE
from timeline.record.intervals import NO_CORE, NO_DEVICE, Interval, Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import Overhead

HANDOVER = 1_000_000
"""ns. A core, or the interpreter lock, changes hands in less, unless somebody else has the core of
the next."""
_FOR_EVER = 1 << 62


@dataclass(slots=True)
class Seen:
    """What the supervisor knows of the run. ns."""

    tick: int  # of this kernel
    epoch: int = 0  # absolute
    ended_at: int = 0  # of the run
    stolen: int = 0
    privilege: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)  # who waits for ever
    said: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """The record in the making."""

    intervals: Intervals = field(default_factory=Intervals)
    facts: list[ProcessFacts] = field(default_factory=list)
    overheads: list[Overhead] = field(default_factory=list)
    dispatch: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Stretch:
    """A running stint, or a wait, of one process. ns of the run."""

    start: int
    end: int
    core: int = NO_CORE
    place: int | None = None  # of a wait


def record(workload: Workload, cpus: Cpus, pool: Pool, seen: Seen) -> Found:
    """Everything that was logged, as intervals, totals and overheads."""
    lives = [
        list(_stretches(spec, worker, cpus, seen.epoch))
        for spec, worker in zip(workload.processes, pool.everybody, strict=False)
    ]
    lanes = _lanes(lives, len(cpus.cores))
    # of several cores one may well be free while somebody waits: Linux balances now and then
    free = _gaps(lanes[0]) if len(lanes) == 1 else NEVER
    found = Found()
    dead: list[int] = []
    for spec, worker, life in zip(workload.processes, pool.everybody, lives, strict=False):
        over = worker.cells[worker.row + ENDED]
        stopped_at = None if over else seen.ended_at
        walk = _Walk(spec, life, lanes, free, found, dead, stopped_at)
        walk.waits = bool(worker.cells[worker.row + WAITING])
        walk.tell()
        found.facts.append(_facts(spec, worker, walk, seen))
    _handed_over_late(workload, lives, lanes, found)
    _switches(lanes, found)
    found.dispatch = {"slack_ns": GAP} | dispatch_times(dead)
    return found


def _stretches(
    spec: ProcessSpec, worker: WorkerHandle, cpus: Cpus, epoch: int
) -> Iterator[Stretch]:
    """The log of one worker, in order."""
    core_of = {cpu: core for core, cpu in enumerate(cpus.cores)}
    core = 0 if len(cpus.cores) == 1 else NO_CORE
    last: Stretch | None = None  # a stint that may go on behind a call that did not wait
    for first, second in _pairs(worker.running_intervals):
        if last is not None:
            if first >= 0 and last.core == core and first - epoch - last.end <= GAP:
                last.end = second - epoch
                continue
            yield last
            last = None
        if first >= 0:
            last = Stretch(first - epoch, second - epoch, core)
        elif first <= MOVED:
            core = core_of[MOVED - first]
        else:
            yield Stretch(0, second - epoch, place=place_of(first))
    if last is not None:
        yield last


def _pairs(moments: array[int]) -> Iterator[tuple[int, int]]:
    return zip(moments[0::2], moments[1::2], strict=True)


def _lanes(lives: Sequence[Sequence[Stretch]], cores: int) -> list[list[Stretch]]:
    """All running intervals on each core, by time."""
    lanes: list[list[Stretch]] = [[] for _ in range(cores)]
    for life in lives:
        for stretch in life:
            if stretch.place is None:
                lanes[stretch.core].append(stretch)
    for lane in lanes:
        lane.sort(key=lambda stint: stint.start)
    return lanes


def _gaps(lane: Sequence[Stretch]) -> Windows:
    """When nobody had this core for longer than a gap of the clock."""
    moments, at = [], 0
    for stint in lane:
        if stint.start - at > GAP:
            moments += [at, stint.start]
        at = max(at, stint.end)
    return Windows([*moments, at, _FOR_EVER])


def _free(lane: Sequence[Stretch], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What of [start, end) nobody had on this core."""
    at = start
    first = max(0, bisect_right(lane, start, key=lambda stint: stint.start) - 1)
    for number in range(first, len(lane)):
        stint = lane[number]
        if stint.start >= end:
            break
        if stint.start > at:
            yield at, stint.start
        at = max(at, stint.end)
    if at < end:
        yield at, end


class _Walk:
    """One process from its arrival to its end."""

    def __init__(
        self,
        spec: ProcessSpec,
        life: Sequence[Stretch],
        lanes: Sequence[Sequence[Stretch]],
        free: Windows,  # of the only core: when nobody had it
        found: Found,
        dead: list[int],
        stopped_at: int | None,  # None: it ran to its end
    ) -> None:
        self.at = spec.arrival  # up to here everything is told
        self.jobs: list[int] = []
        self.over = stopped_at is None
        self.waits = False  # it was stopped in a call that waits
        self._spec, self._life, self._lanes, self._free_at = spec, life, lanes, free
        self._found, self._dead, self._stopped_at = found, dead, stopped_at

    def tell(self) -> None:
        """All of its intervals."""
        life = self._life
        last: Stretch | None = None  # the stint before, if nothing is between
        for stretch, following in zip_longest(life, life[1:]):
            if stretch.place is not None:
                self._wait(stretch, following)
                last = None
                continue
            hole = last is not None and self._lost(last, stretch)
            self._until(stretch.start, READY, "resumed" if hole else "dispatched")
            self._until(stretch.end, RUNNING, self._why(stretch, following), stretch.core)
            last = stretch
        if self._stopped_at is not None and not (last and last.end + GAP >= self._stopped_at):
            self._until(self._stopped_at, BLOCKED if self.waits else READY, "stopped")

    def _why(self, stint: Stretch, following: Stretch | None) -> str:
        if following is None:
            if self._stopped_at is None:
                return "ended"
            if self.waits:
                return "blocked"
            return "stopped" if stint.end + GAP >= self._stopped_at else "preempted"
        if following.place is not None:
            if following.place == RELEASE and following.end <= stint.end:
                return "released"
            return "blocked"
        return "interrupted" if self._nobody_else(stint, following) else "preempted"

    def _nobody_else(self, stint: Stretch, following: Stretch) -> bool:
        """It lost its core to somebody outside the scenario."""
        if stint.core != following.core:
            return False
        free = sum(end - start for start, end in self._free_between(stint, following))
        return free >= following.start - stint.end

    def _free_between(self, stint: Stretch, following: Stretch) -> Iterator[tuple[int, int]]:
        return _free(self._lanes[stint.core], stint.end, following.start)

    def _lost(self, stint: Stretch, following: Stretch) -> bool:
        """Record what outsiders took between two running intervals. True: they took it all."""
        if stint.core != following.core:
            return False
        for start, end in self._free_between(stint, following):
            if end - start > GAP:
                self._found.overheads.append(Overhead(stint.core, start, end, OUTSIDE))
        return self._nobody_else(stint, following)

    def _wait(self, wait: Stretch, following: Stretch | None) -> None:
        assert wait.place is not None
        release = wait.place == RELEASE
        if release and self._spec.deadline is not None:
            self.jobs.append(self.at)
        if release and wait.end <= self.at:
            return  # its next job was due already
        end, why = wait.end, "released" if release else "woke"
        if following is None and self._stopped_at is not None and end >= self._stopped_at:
            end, why = self._stopped_at, "stopped"
        elif following is None and self.over:
            why = "ended"
        elif following is not None and following.place is not None and not release:
            why = "continued"
        self._until(end, BLOCKED, why, device=max(wait.place, NO_DEVICE))

    def _until(
        self, end: int, state: int, why: str, core: int = NO_CORE, device: int = NO_DEVICE
    ) -> None:
        if end > self.at:
            row = Interval(self._spec.index, state, self.at, end, core, device, why)
            self._found.intervals.add(row)
            if state == READY:
                self._late(end)
            self.at = end

    def _late(self, end: int) -> None:
        """It was ready until `end`: how long had nobody its cores meanwhile?

        The only core is never idle while somebody is ready: for longer than it takes to wake it,
        somebody outside the scenario had it.
        """
        told = self.at
        for start, until in self._free_at.within(self.at, end):
            told = until
            if until - start > HANDOVER:
                self._found.overheads.append(Overhead(0, start, until, OUTSIDE))
            else:
                self._dead.append(until - start)
        for lane in self._lanes:
            at = bisect_left(lane, end, key=lambda stint: stint.start)
            before = lane[at - 1].end if at else 0
            if told < end and (self.at <= before < end or (not at and self.at < end)):
                self._dead.append(end - max(before, self.at))


def _facts(spec: ProcessSpec, worker: WorkerHandle, walk: _Walk, seen: Seen) -> ProcessFacts:
    if walk.over and spec.deadline is not None:
        walk.jobs.append(walk.at)
    return ProcessFacts(
        admitted=spec.arrival,
        completion=walk.at if walk.over else None,
        exitcode=worker.process.exitcode if walk.over else None,
        jobs=walk.jobs,
        pid=worker.pid,
        arrival=spec.arrival if spec.kinship.thread else None,
        cpu=worker.cpu_time() if walk.over else None,
        reaped=(worker.reaped or 0) - seen.epoch if walk.over else None,
    )


def _handed_over_late(
    workload: Workload,
    lives: Sequence[Sequence[Stretch]],
    lanes: Sequence[Sequence[Stretch]],
    found: Found,
) -> None:
    """A thread has waited for the lock, and when it was free for a core that outsiders had."""
    for owner in {spec.kinship.parent for spec in workload.processes if spec.kinship.thread}:
        threads = [spec.index for spec in workload.processes if owner in (spec.index, _of(spec))]
        ran = sorted(
            (stretch for at in threads for stretch in lives[at] if stretch.place is None),
            key=lambda stint: stint.start,
        )
        waited = {
            stint.start
            for at in threads
            for wait, stint in pairwise(lives[at])
            if wait.place == LOCK and stint.place is None and stint.start - wait.end <= GAP
        }
        for before, after in pairwise(ran):
            if after.start in waited and after.start - before.end > HANDOVER:
                for start, end in _free(lanes[after.core], before.end, after.start):
                    found.overheads.append(Overhead(after.core, start, end, OUTSIDE))


def _of(spec: ProcessSpec) -> int:
    return spec.kinship.parent if spec.kinship.thread else -1


def _switches(lanes: Sequence[Sequence[Stretch]], found: Found) -> None:
    """Between two running intervals on a core, not longer than a gap: it changed hands."""
    for core, lane in enumerate(lanes):
        for before, after in pairwise(lane):
            if 0 < after.start - before.end <= GAP:
                found.overheads.append(Overhead(core, before.end, after.start, "switch"))
    found.overheads = beside_runs(found.overheads, found.intervals, len(lanes))
