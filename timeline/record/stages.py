"""A run as stages, each linked to the stage that it waited for.

A stage is a slice, a wait, or the time before admission.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.process.states import BLOCKED, READY, RUNNING, ZOMBIE
from timeline.record.intervals import Interval
from timeline.record.sorted_run import SortedRun
from timeline.record.tracks import after_interruption

OVER, WOKEN, ADMITTED, PREEMPTED, BEGINS, AT_ONCE = range(6)
"""Order of the events at one time. An event can be the cause only of events after it.

Slices end; waits end; programs are admitted; processes are preempted; stages begin; stages of 0 ns
end.
"""


@dataclass(slots=True, eq=False)
class Stage:
    """One slice of a process (with its holes), one wait, or the time before its admission."""

    process: int
    state: int  # RUNNING: a slice; BLOCKED: a wait; any other: the process is not in memory
    start: int  # ns
    end: int
    core: int
    device: int
    why: str
    holes: int = 0  # ns of a slice in which a program outside the run had the core
    since: int = 0  # when its device began to serve it, ns
    before: Stage | None = None  # the stage before it of the same process
    waited_for: Stage | None = None  # the stage that had its core, or its place at the device
    partner: Stage | None = field(default=None, repr=False)  # the same stage in the first run

    @property
    def ran(self) -> int:
        """CPU time of a slice as far as the record shows it, ns."""
        return self.end - self.start - self.holes


def rank(stage: Stage) -> int:
    """Return the place of a stage's end in the order of the events at that time."""
    if stage.end == stage.start:
        return AT_ONCE
    if stage.state == BLOCKED:
        return WOKEN
    if stage.state != RUNNING:
        return ADMITTED
    return PREEMPTED if stage.why == "preempted" else OVER


def stages(sorted_run: SortedRun) -> list[list[Stage]]:
    """Return for each process its stages in the order of time, linked to what each waited for."""
    found = [_of_track(track) for track in sorted_run.tracks]
    _link(sorted_run, found)
    return found


def _of_track(track: Sequence[Interval]) -> list[Stage]:
    found: list[Stage] = []
    for row, rest in zip(track, after_interruption(track), strict=True):
        if rest:
            found[-1].end, found[-1].why = row.end, row.why
            found[-1].holes += (row.end - row.start) * (row.state != RUNNING)
        elif row.state not in (READY, ZOMBIE):
            before = found[-1] if found else None
            stage = Stage(row.process, row.state, row.start, row.end, row.core, row.device, row.why)
            stage.before, stage.since = before, row.start
            found.append(stage)
    return found


def _link(sorted_run: SortedRun, stages_of: Sequence[Sequence[Stage]]) -> None:
    """Link each stage to the stage that it had to wait for: on its core, or at its device."""
    everything = sorted((s for life in stages_of for s in life), key=lambda s: (s.start, s.end))
    on_core: dict[int, Stage] = {}
    serving: dict[int, list[tuple[int, int, Stage]]] = defaultdict(list)  # ends of requests
    devices = list(sorted_run.run.machine["devices"].values())
    for number, stage in enumerate(everything):
        if stage.state == RUNNING:
            stage.waited_for = on_core.get(stage.core)
            on_core[stage.core] = stage
        elif stage.state == BLOCKED and 0 <= stage.device < len(devices):
            units, servers = _units(devices[stage.device]), serving[stage.device]
            if units is not None and len(servers) == units:
                free, _, other = heapq.heappop(servers)
                if free > stage.start:
                    stage.waited_for, stage.since = other, free
            if units is not None:
                heapq.heappush(servers, (stage.end, number, stage))


def _units(device: Any) -> int | None:
    found = device.get("units") if isinstance(device, Mapping) else None
    return found if isinstance(found, int) else None
