"""A run as stages that wait for each other: slices, waits, and the time before admission."""

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
"""What happens at one time, in an order in which each may be the reason of the next: slices end;
waits end; a program is admitted; a process is preempted; stages begin, and end as they begin."""


@dataclass(slots=True, eq=False)
class Stage:
    """One slice on a core (its holes included), one wait, or the time before it was admitted."""

    process: int
    state: int  # RUNNING | BLOCKED | any other: not in memory
    start: int  # ns
    end: int
    core: int
    device: int
    why: str
    holes: int = 0  # ns of a slice in which a program outside had the core
    since: int = 0  # ns, when its device began to serve it
    before: Stage | None = None  # of its process
    waited_for: Stage | None = None  # that had its core or its place at the device
    partner: Stage | None = field(default=None, repr=False)  # the same stage of the first run

    @property
    def ran(self) -> int:
        """CPU time of a slice as far as it was seen, ns."""
        return self.end - self.start - self.holes


def rank(stage: Stage) -> int:
    """Return the place of a stage's end among what happens at that time."""
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
    """Link each stage to the one that it had to wait for: on its core, or at its device."""
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
