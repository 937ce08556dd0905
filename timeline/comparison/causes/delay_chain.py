"""Find the causes of each delay by following the chain of events that waited for each other.

A slice begins when its process is ready and its core is free, whichever is later. A wait for a
device ends when the device has come to this request and has served it. So the lateness of an event
is that of the event that it waited for, plus what took longer in between. The events of a run are
visited in the order of time, and the lateness of each (second run less first, ns) is computed as a
sum of causes. This is the longest-path recurrence of a schedule (max-plus algebra), with the
maximum taken in the second run.

Both runs must consist of the same slices and waits. If an event of the model waited for another
event, it had time to spare. This slack absorbs a part of the delay, of each cause in proportion. A
difference that no cause explains, such as another order, is the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kernel.process.states import BLOCKED, RUNNING
from kernel.units import BYTES_PER, ms, us
from timeline.comparison.causes.core_losses import FOREIGN, LATE, SWITCHING, CoreLosses, Delay
from timeline.record.sorted_run import SortedRun
from timeline.record.stages import BEGINS, Stage, rank, stages

IO, REST, LOADING = -4, -5, -6
"""More causes. If the bursts of a process took longer, the cause is the index of the process."""
LOADED_BASE, LOADED_PER_MIB = ms(1), us(500)
"""ns that a program may need to be loaded into its partition after its admission.

For each MiB it is five times the 0.1 ms that quiet machines need (docs/fidelity.md). Loading that
takes longer is late.
"""


MOST = 1_000_000
"""Largest product of the numbers of processes and stages.

Each process may delay each later stage, so the causes of all stages take as much memory.
"""


def chained(first: SortedRun, second: SortedRun) -> list[Delay] | None:
    """Return for each process its turnaround in `second` less that in `first`, by cause (ns).

    For a process that did not end, there are no causes. Return None if the runs do not consist of
    the same stages, or of so many that their causes would need too much memory (`MOST`).
    """
    one, other = stages(first), stages(second)
    if _shape(one) != _shape(other) or len(one) * sum(map(len, one)) > MOST:
        return None
    for mine, yours in zip(one, other, strict=True):
        for stage, partner in zip(yours, mine, strict=True):
            stage.partner = partner
    return _Chain(first, second, other).totals()


def _shape(stages_of: Sequence[Sequence[Stage]]) -> list[list[tuple[int, int]]]:
    return [[(stage.state, stage.device) for stage in life] for life in stages_of]


@dataclass(frozen=True, slots=True)
class _KnownEvent:
    """An event that others wait for: its time in both runs (ns), and the causes of its lateness."""

    first: int
    second: int
    delay: Delay


class _Chain:
    """Computes the lateness of each stage by cause, in the order of time of the second run."""

    def __init__(
        self, first: SortedRun, second: SortedRun, stages_of: Sequence[Sequence[Stage]]
    ) -> None:
        self._rows = list(zip(first.run.processes, second.run.processes, strict=True))
        self._stages_of = stages_of
        self._begun: dict[Stage, Delay] = {}
        self._over: dict[Stage, Delay] = {}
        self._owed: dict[int, Delay] = {}  # by process: CPU time that preempted slices lacked
        self._lost = [CoreLosses(sorted_run) for sorted_run in (first, second)]
        has_lifecycle = first.has_lifecycle and second.has_lifecycle
        self._wakers = {
            _partner(stage).end: stage
            for life in stages_of
            for stage in life
            if has_lifecycle and stage.state == RUNNING
        }
        self._last = sorted((life[-1] for life in stages_of if life), key=lambda stage: stage.end)
        self._next = {
            stage.waited_for: stage
            for life in stages_of
            for stage in life
            if stage.state == RUNNING and stage.waited_for is not None
        }

    def totals(self) -> list[Delay]:
        """Return for each process the difference of its turnaround, by cause (ns)."""
        for _, _, stage, ends in sorted(self._events(), key=lambda event: event[:2]):
            if ends:
                self._over[stage] = self._end(stage)
            else:
                self._begun[stage] = self._start(stage)
        return [self._total(process) for process in range(len(self._stages_of))]

    def _total(self, process: int) -> Delay:
        mine, yours = self._rows[process]
        if mine.turnaround_ns is None or yours.turnaround_ns is None:
            return {}
        life = self._stages_of[process]
        arrived = self._ready(process, None)
        total = _minus(self._over[life[-1]] if life else {}, arrived.delay)
        rest = yours.turnaround_ns - mine.turnaround_ns - sum(total.values())
        return _plus(total, {REST: rest})

    def _events(self) -> Iterable[tuple[int, int, Stage, bool]]:
        """Yield the beginning and the end of each stage, with their order at one time."""
        for life in self._stages_of:
            for stage in life:
                yield stage.start, BEGINS, stage, False
                yield stage.end, rank(stage), stage, True

    # -- when something begins --------------------------------------------------------------------

    def _start(self, stage: Stage) -> Delay:
        since = self._ready(stage.process, stage.before)
        core = stage.waited_for
        if stage.state == RUNNING and core is not None and core.end > since.second:
            since = self._end_of(core)
        here = _partner(stage)
        gap = self._lost[1].between(stage.core, since.second, stage.start)
        model = self._lost[0].between(here.core, since.first, here.start)
        slack = model.pop(LATE, 0)  # in the model it waited for another event
        return _absorbed(_plus(since.delay, _minus(gap, model)), slack)

    def _ready(self, process: int, before: Stage | None) -> _KnownEvent:
        """Return the event after which a process is ready: the end of `before`, or its arrival."""
        if before is not None:
            return self._end_of(before)
        mine, yours = self._rows[process]
        late = yours.arrival_ns - mine.arrival_ns
        return _KnownEvent(mine.arrival_ns, yours.arrival_ns, {LATE: late})

    def _end_of(self, stage: Stage) -> _KnownEvent:
        """Return the end of a stage. If it has not been visited yet, its lateness has no cause."""
        first, second = _partner(stage).end, stage.end
        known = self._over.get(stage)
        return _KnownEvent(first, second, {REST: second - first} if known is None else known)

    # -- when it is over --------------------------------------------------------------------------

    def _end(self, stage: Stage) -> Delay:
        if stage.state == RUNNING:
            return self._slice_over(stage)
        if stage.state == BLOCKED:
            return self._served(stage)
        return self._admitted(stage)

    def _slice_over(self, stage: Stage) -> Delay:
        """Return the delay of the end of a slice.

        The slice took longer, or the process that preempted it became ready later.
        """
        here, process = _partner(stage), stage.process
        begun, owed = self._begun[stage], self._owed.pop(process, {})
        holes = _minus(self._holes(1, stage), self._holes(0, here))
        came = self._preemptor(stage)
        if came is not None:
            late = (stage.end - came.second) - (here.end - came.first)
            over = _plus(came.delay, {LATE: late})
            self._owed[process] = _plus(owed, _minus(_plus(begun, holes), over))
            return over
        longer = stage.ran - here.ran
        made_good = _part(owed, longer)
        self._owed[process] = _minus(owed, made_good)
        own = {process: longer - sum(made_good.values())}
        return _plus(_plus(begun, holes), _plus(made_good, own))

    def _holes(self, run: int, stage: Stage) -> Delay:
        """Return how much of a slice's holes the dispatcher took, and programs outside the run."""
        if not stage.holes:
            return {}
        ours = self._lost[run].between(stage.core, stage.start, stage.end).get(SWITCHING, 0)
        return {SWITCHING: ours, FOREIGN: stage.holes - ours}

    def _preemptor(self, stage: Stage) -> _KnownEvent | None:
        """Return the event by which the process that preempted this slice became ready.

        Return None unless it preempted the slice in both runs.
        """
        here, then = _partner(stage), self._next.get(stage)
        if then is None or not stage.why == here.why == "preempted":
            return None
        came = self._ready(then.process, then.before)
        if stage.start < came.second <= stage.end and here.start < came.first <= here.end:
            return came
        return None

    def _served(self, stage: Stage) -> Delay:
        """Return the delay of the end of a wait.

        A device serves a request for as long as it asks, after the requests before it. If processes
        wait for each other, the slice that ends at the same time in the model ended the wait.
        """
        here, other = _partner(stage), stage.waited_for
        # a release comes at a fixed time, so delays before it have no effect
        if stage.why == here.why == "released":
            return {LATE: stage.end - here.end}
        waker = self._wakers.get(here.end) if stage.device < 0 else None
        if waker is not None and waker.process != stage.process:
            since = self._end_of(waker)
            return _plus(since.delay, {LATE: stage.end - since.second - (here.end - since.first)})
        began = stage.start if other is None else other.end
        model = here.start if other is None else _partner(other).end
        delay = self._begun[stage] if other is None else self._end_of(other).delay
        longer = (stage.end - began) - (here.end - here.since)
        return _absorbed(_plus(delay, {IO: longer}), here.since - model)

    def _admitted(self, stage: Stage) -> Delay:
        """Return the delay of an admission: it waits for a program to end, and for the loading."""
        here, place = _partner(stage), self._rows[stage.process][1].memory
        at = bisect_right(self._last, stage.end, key=lambda other: other.end) - 1
        since = _KnownEvent(here.start, stage.start, self._begun[stage])
        if at >= 0 and self._last[at].end > stage.start:
            since = self._end_of(self._last[at])
        took, slack = stage.end - since.second, here.end - since.first
        usual = (
            LOADED_BASE + LOADED_PER_MIB * place.size // BYTES_PER["MiB"]
            if place is not None
            else 0
        )
        loading = min(took, usual)
        return _absorbed(_plus(since.delay, {LOADING: loading, LATE: took - loading}), slack)


def _partner(stage: Stage) -> Stage:
    assert stage.partner is not None
    return stage.partner


def _plus(one: Delay, other: Delay) -> Delay:
    found = dict(one)
    for cause, ns in other.items():
        if ns:  # causes of 0 ns are left out, to save memory
            found[cause] = found.get(cause, 0) + ns
    return found


def _minus(one: Delay, other: Delay) -> Delay:
    return _plus(one, {cause: -ns for cause, ns in other.items()})


def _part(delay: Delay, wanted: int) -> Delay:
    """Return `wanted` ns of a delay, at most all of it, from each cause in proportion."""
    whole = sum(delay.values())
    taken = min(max(wanted, 0), whole) if whole > 0 else max(min(wanted, 0), whole)
    if not taken:
        return {}
    found = {cause: ns * taken // whole for cause, ns in delay.items()}
    return _plus(found, {REST: taken - sum(found.values())})


def _absorbed(delay: Delay, slack: int) -> Delay:
    """Return what is left of a delay after `slack` ns to spare have absorbed a part of it.

    If the slack is negative, the order was another, and the difference is added to REST.
    """
    left = _minus(delay, _part(delay, slack)) if slack > 0 else delay
    return _plus(left, {REST: sum(delay.values()) - slack - sum(left.values())})
