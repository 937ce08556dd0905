"""What the supervisor writes down during a run; the record is made of it and the workers' logs."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kernel.hardware import Region
from kernel.process.states import WHYS, untag
from timeline.record.run import MemoryEvent


class Dispatch(NamedTuple):
    """A worker was sent to a core. All ns of the run."""

    due: int  # when the core should have changed hands
    sent: int  # when the supervisor did it
    core: int


class Change(NamedTuple):
    """A closed interval of the books, and when it closed on the wall clock, ns of the run."""

    state: int
    why: str
    device: int
    wall: int


@dataclass(slots=True)
class Journal:
    """One run's. Keys and places are process indices, times ns of the run on the wall clock."""

    changes: list[list[Change]]
    dispatches: list[list[Dispatch]]
    jobs: list[list[int]]  # when jobs with a deadline were completed
    admissions: dict[int, tuple[int, Region | None]] = field(default_factory=dict)
    memory: list[MemoryEvent] = field(default_factory=list)  # in the order of the decisions
    departures: dict[int, int] = field(default_factory=dict)  # ends of programs
    said: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)  # psutil's views
    at_work: array[int] = field(default_factory=lambda: array("q"))  # the supervisor: start, end …
    before: dict[int, tuple[int, int]] = field(default_factory=dict)
    """State and device of those that the books moved at an instant that never came: the run was
    stopped before it."""
    early: int = 0  # ns that a slice may have been cut short
    corrections: int = 0  # times the books gave way to the clock
    lag_max: int = 0  # ns, the most that anything was held back
    ended_at: int = 0  # the last moment of the run

    @classmethod
    def of(cls, processes: int) -> Journal:
        """An empty one."""
        changes: list[list[Change]] = [[] for _ in range(processes)]
        dispatches: list[list[Dispatch]] = [[] for _ in range(processes)]
        return cls(changes, dispatches, [[] for _ in range(processes)])

    def note(self, row: Sequence[int], wall: int) -> None:
        """An interval of the books has closed."""
        process, _, _, tag = row
        state, _, device, why = untag(tag)
        self.changes[process].append(Change(state, WHYS[why], device, wall))
