"""The measured track of each process: its intervals, from what was decided, sent and logged.

The system's decisions say through which states a process went, and why. The worker's log says when
it ran. The time between its running intervals is waiting. Times are ns of the run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kernel.hardware import Region
from kernel.process.control_block import Process
from kernel.process.states import BLOCKED, DEAD, NEW, READY, RUNNING, SUSPENDED, UNBORN, ZOMBIE
from real.cells import GAP
from real.dispatched.journal import Change, Dispatch
from real.supervisor.overheads import Windows
from timeline.comparison.causes.core_losses import OUTSIDE
from timeline.record.intervals import NO_CORE, NO_DEVICE, Interval
from timeline.record.run import Overhead


@dataclass(frozen=True, slots=True)
class ProcessNotes:
    """What the supervisor and the worker noted of one process. Times are ns of the run."""

    arrived: int
    changes: Sequence[Change]
    dispatches: Sequence[Dispatch]
    running_intervals: array[int]  # start, end, start, end, …
    admission: tuple[int, Region | None] | None = None  # when, and where, if it needed memory
    stopped_at: int | None = None  # when the run was stopped, if it was
    before: tuple[int, int] | None = None
    """State and device when the run was stopped. Set only if the system had already decided an
    instant that never came."""


class MeasuredTrack:
    """The intervals of one process, made from its changes, dispatches and running intervals."""

    def __init__(
        self,
        process: Process,
        noted: ProcessNotes,
        at_work: Windows,
        early: int,
    ) -> None:
        """`at_work`: when the supervisor worked on a worker's core, between two of its sleeps.

        `early`: ns by which a slice may have been ended early.
        """
        self.overheads: list[Overhead] = []
        self.intervals: list[Interval] = []  # in order, from its arrival on
        self.at = noted.arrived  # the intervals reach up to here
        self.died: int | None = None  # when it ended, if it was a zombie after that
        self._process = process
        self._at_work = at_work
        self._early = early
        self._dispatches = noted.dispatches
        self._slices = split(noted.running_intervals, [each.sent for each in noted.dispatches])
        self._next = 0  # number of the next slice
        if noted.admission is not None and noted.admission[1] is not None:  # it needs memory
            self._until(noted.admission[0], NEW, "admitted")
        for change, then in pairwise([*noted.changes, None]):
            assert change is not None
            if change.state == READY and then is not None and then.state == BLOCKED:
                self._until(change.wall, READY, change.why)  # it only looked, and waits on
            elif change.state == READY and change.why == "aborted":
                self._abort(change.wall)
            elif change.state == RUNNING:
                self._run(change.why, change.wall)
            elif change.why == "released" and change.wall <= self.at:
                self._amend("released")  # the job ended so late that the next one was due already
            elif change.state == ZOMBIE:
                self.died = self.at
                self._until(change.wall, ZOMBIE, change.why)
            elif change.state in (NEW, BLOCKED, SUSPENDED) or change.why == "killed":
                self._until(change.wall, change.state, change.why, change.device)
        if noted.stopped_at is not None:
            self._unfinished(noted.stopped_at, noted.before)

    def _unfinished(self, end: int, before: tuple[int, int] | None) -> None:
        """Add the last interval of a process that had not ended when the run was stopped, at `end`.

        `before` is the state and device at that moment, if the system had already gone on.
        """
        state: int = self._process.state
        place = NO_DEVICE
        if state == ZOMBIE:
            self.died = self.at
        if before is not None:
            state, place = before
        elif state == BLOCKED:
            place = max(self._process.places[self._process.step], NO_DEVICE)
        if state == RUNNING and self._next == len(self._dispatches):
            self._until(end, READY, "stopped")  # decided, but not yet sent
        elif state == RUNNING:
            self._run("stopped", end)
        elif state not in (DEAD, UNBORN):
            self._until(end, state, "stopped", place)

    def _until(
        self, end: int, state: int, why: str, device: int = NO_DEVICE, core: int = NO_CORE
    ) -> None:
        if end > self.at:
            row = Interval(self._process.index, state, self.at, end, core, device, why)
            self.intervals.append(row)
            self.at = end

    def _run(self, why: str, wall: int) -> None:
        """Add one slice: the running intervals from its dispatch to `wall`, when it ended."""
        dispatch, running_intervals = self._dispatches[self._next], self._slices[self._next]
        self._next += 1
        at = dispatch.sent
        for number, (start, end) in enumerate(running_intervals):
            self._until(start, READY, "resumed" if number else "dispatched")
            if number:
                self._disturbed(dispatch.core, at, start)
            ended = why if number == len(running_intervals) - 1 else "interrupted"
            self._until(end, RUNNING, ended, core=dispatch.core)
            at = end
        if not running_intervals and why == "aborted":
            self._abort(wall)
        elif not running_intervals:  # the burst had already ended when the slice before expired
            self._amend(why)
        lost = wall - self._early if why == "expired" else wall
        if lost - at > GAP and why != "killed":  # the slice ended while the process did not run
            self._disturbed(dispatch.core, at, lost)

    def _abort(self, at: int) -> None:
        """Let a ready process leave its job, which it perhaps did when it became ready."""
        if at > self.at:
            self._until(at, READY, "aborted")
        elif self.intervals:
            self.intervals[-1] = self.intervals[-1]._replace(why="aborted")

    def _disturbed(self, core: int, start: int, end: int) -> None:
        """Add the overheads of a time in a slice of the process in which it did not run.

        While the supervisor was at work, the supervisor had the core. For the rest of that time a
        program outside the scenario had it.
        """
        at = start
        for since, worked_until in self._at_work.within(start, end):
            if since - at > GAP:
                self.overheads.append(Overhead(core, at, since, OUTSIDE))
                at = since
            until = end if end - worked_until <= GAP else worked_until
            self.overheads.append(Overhead(core, at, until, "dispatcher"))
            at = until
        if at < end:
            self.overheads.append(Overhead(core, at, end, OUTSIDE))

    def _amend(self, why: str) -> None:
        """Change why the last interval ended, if it is a running interval or is "continued".

        An interval is "continued" if the process waited, and then waited again without a burst.
        """
        last = self.intervals[-1] if self.intervals else None
        if last is not None and (last.state == RUNNING or last.why == "continued"):
            self.intervals[-1] = last._replace(why=why)


def split(running_intervals: array[int], sent: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Return the running intervals of each slice: from its dispatch to the next one.

    `sent` are the times of the dispatches. A process that loses one core and gets another at once
    does not notice it. So its running interval is cut at the dispatch.
    """
    slices: list[list[tuple[int, int]]] = [[] for _ in sent]
    for began, end in zip(running_intervals[0::2], running_intervals[1::2], strict=True):
        start, number = began, max(bisect_right(sent, began) - 1, 0)
        while number + 1 < len(sent) and sent[number + 1] < end:
            slices[number].append((start, sent[number + 1]))
            number, start = number + 1, sent[number + 1]
        if number < len(sent) and start < end:  # an interval is empty if the core was lost at once
            slices[number].append((start, end))
    return slices
