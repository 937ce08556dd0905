"""The logs of native workers as stretches of time: what each process did, and which had each core.

Times are ns of the run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from real.cells import GAP
from real.host.cpus import Cpus
from real.native.log import DROPPED, cpu_of, is_move, place_of
from real.supervisor.overheads import Windows
from timeline.record.intervals import NO_CORE

_FOR_EVER = 1 << 62


@dataclass(slots=True)
class Stretch:
    """A running interval of a process, or one of its waits."""

    start: int  # a wait has 0 here: it began when the process last ran
    end: int
    core: int = NO_CORE
    place: int | None = None  # where it waited; None: it ran
    dropped: int = 0  # how many jobs were dropped when it ended

    @property
    def runs(self) -> bool:
        """Return whether it is a running interval."""
        return self.place is None


def stretches(log: array[int], cpus: Cpus, epoch: int) -> Iterator[Stretch]:
    """Yield the stretches in the log of one worker, in order.

    Running intervals on one core become one if no wait and at most GAP lie between them.
    `epoch` is the first moment of the run, absolute ns.
    """
    core_of = {cpu: core for core, cpu in enumerate(cpus.cores)}
    core = 0 if len(cpus.cores) == 1 else NO_CORE
    last: Stretch | None = None  # a running interval that may go on after a call
    before: Stretch | None = None  # what was yielded last
    for first, second in zip(log[0::2], log[1::2], strict=True):
        if last is not None:
            if first >= 0 and last.core == core and first - epoch - last.end <= GAP:
                last.end = second - epoch
                continue
            yield (before := last)
            last = None
        if first >= 0:
            last = Stretch(first - epoch, second - epoch, core)
        elif is_move(first):
            core = core_of[cpu_of(first)]
        elif place_of(first) == DROPPED:
            if before is not None:
                before.dropped += 1
        else:
            yield (before := Stretch(0, second - epoch, place=place_of(first)))
    if last is not None:
        yield last


def running_by_core(histories: Sequence[Sequence[Stretch]], cores: int) -> list[list[Stretch]]:
    """Return the running intervals on each core, by start. `histories` has one entry a process."""
    found: list[list[Stretch]] = [[] for _ in range(cores)]
    for history in histories:
        for stretch in history:
            if stretch.runs:
                found[stretch.core].append(stretch)
    for on_core in found:
        on_core.sort(key=lambda stretch: stretch.start)
    return found


def idle_windows(on_core: Sequence[Stretch]) -> Windows:
    """Return the stretches longer than GAP in which no process of the scenario had this core."""
    moments, at = [], 0
    for stretch in on_core:
        if stretch.start - at > GAP:
            moments += [at, stretch.start]
        at = max(at, stretch.end)
    return Windows([*moments, at, _FOR_EVER])


def idle_within(on_core: Sequence[Stretch], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of [start, end) in which no process of the scenario had this core."""
    at = start
    first = max(0, bisect_right(on_core, start, key=lambda stretch: stretch.start) - 1)
    for number in range(first, len(on_core)):
        stretch = on_core[number]
        if stretch.start >= end:
            break
        if stretch.start > at:
            yield at, stretch.start
        at = max(at, stretch.end)
    if at < end:
        yield at, end
