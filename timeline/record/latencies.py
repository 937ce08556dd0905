"""Latencies: how long processes wait once they could run, from the intervals of a record.

- *wakeup*: from the end of a wait (I/O, a lock, the release of a job) until the process runs
- *dispatch*: from when a process is ready and its core free until it runs there
- *burst*: from when a burst could begin until it ends, waits for a core included
- *slack*: from the completion of a job to its deadline; below 0 if the deadline was missed
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kernel.process.states import READY, RUNNING, SUSPENDED
from timeline.record.intervals import Interval
from timeline.record.run import ProcessRow, Run
from timeline.record.tracks import after_interruption, by_core, by_process
from translation import mark

KINDS = {
    "wakeup": mark("from the end of a wait until running"),
    "dispatch": mark("from ready, while a core is free, until running"),
    "burst": mark("a burst, from ready to its end"),
    "slack": mark("a job, from its completion to its deadline"),
}
"""The kinds of latencies, and what is measured."""

AT_LEAST = frozenset({"slack"})
"""The kinds of which more is better."""

WAKES = ("woke", "released")
"""The reasons for which a wait ends and a burst can begin."""

STAYS = ("expired", "preempted", "yielded", "interrupted", "suspended", "stopped")
"""The reasons for which a process leaves its core in the middle of a burst."""


@dataclass(slots=True)
class Latencies:
    """The latencies of a process or of all, by kind, ns each, in the order of time."""

    wakeup: list[int] = field(default_factory=list)
    dispatch: list[int] = field(default_factory=list)
    burst: list[int] = field(default_factory=list)
    slack: list[int] = field(default_factory=list)

    def of(self, kind: str) -> list[int]:
        """Return the latencies of one of KINDS."""
        found: list[int] = getattr(self, kind)
        return found


STATISTICS = (mark("min"), mark("mean"), mark("median"), "p95", "p99", mark("max"))


@dataclass(frozen=True, slots=True)
class Summary:
    """The statistics of latencies, ns. Quantiles are by nearest rank."""

    count: int
    min: int
    mean: int  # rounded half up
    median: int
    p95: int
    p99: int
    max: int


def latencies(run: Run) -> list[Latencies]:
    """Return the latencies of each process, in the order of `run.processes`."""
    tracks = by_process(run)
    free = _free_since(by_core(tracks, len(run.cores)))
    return [_of_track(row, track, free) for row, track in zip(run.processes, tracks, strict=True)]


def over_all(each: Iterable[Latencies]) -> Latencies:
    """Return the latencies of all processes together."""
    together = Latencies()
    for found in each:
        for kind in KINDS:
            together.of(kind).extend(found.of(kind))
    return together


def summary(values: Sequence[int]) -> Summary | None:
    """Return the statistics of the values; None if there are none."""
    if not values:
        return None
    there = sorted(values)
    count = len(there)
    mean = (2 * sum(there) + count) // (2 * count)
    median, p95, p99 = (there[-(-share * count // 100) - 1] for share in (50, 95, 99))
    return Summary(count, there[0], mean, median, p95, p99, there[-1])


@dataclass(frozen=True, slots=True)
class Bin:
    """The number of values from `low` to below `high`, ns."""

    low: int
    high: int
    count: int


def histogram(values: Iterable[int]) -> list[Bin]:
    """Return the numbers of values in bins whose edges are 0 and 1, 2, 5, 10, 20, 50, ... ns.

    Values below 0 have the same edges below 0. Empty bins between two others are one bin.
    """
    counts = Counter(map(_bin, values))
    found: list[Bin] = []
    for number in sorted(counts):
        bin = Bin(_edge(number), _edge(number + 1), counts[number])
        if found and found[-1].high < bin.low:
            found.append(Bin(found[-1].high, bin.low, 0))
        found.append(bin)
    return found


_EDGES: list[int] = [0, *(digit * 10**power for power in range(19) for digit in (1, 2, 5))]


def _bin(value: int) -> int:
    """Return the number of the bin of a value: 0 for a value of 0, less for values below 0."""
    if value >= 0:
        return bisect_right(_EDGES, value) - 1
    return -bisect_right(_EDGES, -value - 1)


def _edge(number: int) -> int:
    """Return the lower edge of a bin."""
    return _EDGES[number] if number >= 0 else -_EDGES[-number]


def _free_since(lanes: Sequence[Sequence[Interval]]) -> dict[tuple[int, int, int], int]:
    """Return by (core, start, process) since when (ns) the core was free for that interval."""
    found: dict[tuple[int, int, int], int] = {}
    for core, lane in enumerate(lanes):
        free = 0
        for row in lane:
            found.setdefault((core, row.start, row.process), free)
            free = max(free, row.end)
    return found


def _of_track(
    row: ProcessRow, track: Sequence[Interval], free: Mapping[tuple[int, int, int], int]
) -> Latencies:
    watch = _Watch()
    for at, rest in zip(track, after_interruption(track), strict=True):
        if at.state == RUNNING:
            if not rest:
                watch.runs(at.start, free.get((at.core, at.start, at.process), 0))
            watch.leaves(at)
        elif at.state == READY and at.why == "aborted":
            watch.could_run(at.end, woken=True)  # its next job, if that is released already
        elif at.state == READY:
            if not rest:
                watch.waits(at.start)
        elif at.state == SUSPENDED:
            watch.returns(at.end)
        elif at.why == "suspended":
            watch.is_suspended()
        else:
            watch.could_run(at.end, woken=at.why in WAKES)
    watch.found.slack += [
        job["deadline_ns"] - job["completion_ns"]
        for job in row.jobs or ()
        if job["completion_ns"] is not None
    ]
    return watch.found


class _Watch:
    """Follows one process through its intervals. Times are ns."""

    def __init__(self) -> None:
        self.found = Latencies()
        self._ready: int | None = None  # since when it waits for a core
        self._woken = False  # that wait began with the end of another one
        self._burst: int | None = None  # when its burst could begin

    def could_run(self, at: int, *, woken: bool) -> None:
        """Note that a burst could begin."""
        self._ready = self._burst = at
        self._woken = woken

    def waits(self, at: int) -> None:
        """Note that the process is ready. If it could run before, that is when it began to wait."""
        self._ready = at if self._ready is None else self._ready
        self._burst = at if self._burst is None else self._burst

    def runs(self, at: int, free: int) -> None:
        """Note that the process gets a core, which has been free since `free`."""
        self.waits(at)
        since = self._ready or 0
        if self._woken:
            self.found.wakeup.append(at - since)
        self.found.dispatch.append(max(0, at - max(since, free)))

    def leaves(self, row: Interval) -> None:
        """Note that a running interval has ended. A burst goes on if the process loses the core."""
        self._ready, self._woken = None, False
        if row.why == "aborted":
            self._burst = None
        elif row.why not in STAYS and self._burst is not None:
            self.found.burst.append(row.end - self._burst)
            self._burst = None

    def is_suspended(self) -> None:
        """Note that the process is suspended while it is blocked: it is woken when it is back."""
        self._ready = self._burst = None
        self._woken = True

    def returns(self, at: int) -> None:
        """Note that the process is no longer suspended."""
        if self._woken and self._ready is None:
            self.could_run(at, woken=True)
        elif self._ready is None:
            self._ready = at
