"""The journal: what the supervisor writes down during a run.

The record is made from the journal and the workers' logs.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kernel.hardware import Region
from kernel.process.control_block import Process
from kernel.process.states import NEW, WHYS, untag
from real.dispatched.instant import InstantActions
from real.dispatched.worker_handle import WorkerHandle
from real.host import probe
from timeline.record.intervals import NO_DEVICE
from timeline.record.run import MemoryEvent


class Dispatch(NamedTuple):
    """A worker was sent to a core. Times are ns of the run."""

    due: int  # when the core should have changed hands
    sent: int  # when the supervisor sent the worker
    core: int


class Change(NamedTuple):
    """An interval of the schedule that has ended, and when it ended on the wall clock."""

    state: int
    why: str
    device: int
    wall: int  # ns of the run


@dataclass(slots=True)
class Journal:
    """The journal of one run.

    The keys of mappings and the places in outer lists are process indices. Times are ns of the run
    on the wall clock.
    """

    changes: list[list[Change]]
    dispatches: list[list[Dispatch]]
    looks: list[Dispatch] = field(init=False, default_factory=list)
    """Those of processes that only looked at what they wait for, and waited on."""
    jobs: list[list[int]]  # when jobs with a deadline were completed
    aborted: list[dict[int, int]]  # when jobs were dropped, by the number of the job
    admissions: dict[int, tuple[int, Region | None]] = field(default_factory=dict)
    memory: list[MemoryEvent] = field(default_factory=list)  # in the order of the decisions
    departures: dict[int, int] = field(default_factory=dict)  # ends of programs
    said: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)  # psutil's view
    at_work: array[int] = field(default_factory=lambda: array("q"))
    """When the supervisor was awake: start, end, …"""
    before: dict[int, tuple[int, int]] = field(default_factory=dict)
    """State and device of each process before an instant that was decided and never came, because
    the run was stopped before it. Only processes that changed at that instant are in it."""
    early: int = 0  # ns by which a slice may have been ended early
    corrections: int = 0  # how often a late event was moved behind one that had happened
    lag_max: int = 0  # ns that an event was held back at most
    ended_at: int = 0  # the last moment of the run

    @classmethod
    def of(cls, processes: int) -> Journal:
        """Return an empty journal for a run of so many processes."""
        changes: list[list[Change]] = [[] for _ in range(processes)]
        dispatches: list[list[Dispatch]] = [[] for _ in range(processes)]
        aborted: list[dict[int, int]] = [{} for _ in range(processes)]
        return cls(changes, dispatches, [[] for _ in range(processes)], aborted)

    def write(self, instant: InstantActions, wall: int) -> None:
        """Write down an instant that has been carried out, and that really was at `wall`."""
        for process, _, _, tag in instant.closed:
            state, _, device, why = untag(tag)
            self.changes[process].append(Change(state, WHYS[why], device, wall))
        for admitted, region in instant.admitted:
            self.admissions[admitted.index] = wall, region
        for event, name, place in instant.memory_events:
            self.memory.append(MemoryEvent(wall, event, name, *place))
        for finished in instant.finished:
            self.departures[finished.index] = wall
        for completed in instant.jobs:
            self.jobs[completed.index].append(wall)
        for index, job in instant.aborted:
            self.aborted[index][job] = wall

    def take_back(self, instant: InstantActions, arrivals: Sequence[Process]) -> None:
        """Write down the states before `instant`, as the run was stopped before it came.

        The system has already decided what follows from the instant, and cannot undo that. So the
        journal keeps the state and device that each process had before it. The processes in
        `arrivals` would have arrived at the instant.
        """
        self.before.update((process.index, (NEW, NO_DEVICE)) for process in arrivals)
        for process, _, _, tag in instant.closed:
            state, _, device, _ = untag(tag)
            self.before.setdefault(process, (state, device))

    def look_at(self, worker: WorkerHandle, now: int) -> None:
        """Write down what the operating system says of the worker at `now`."""
        self.said.append((now, worker.name, probe.describe_worker(worker.pid)))
