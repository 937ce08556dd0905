"""Measure a native run, which the operating system scheduled, against its model.

Which process runs at a given time depends on when the tick comes, and no scenario can say that. So
the order of slices is not compared. Shares, service curves, times and the rate of slices are. The
model may have been run for several phases of the tick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.process.states import RUNNING
from timeline.comparison.criteria import TOLERANCES
from timeline.comparison.service_curves import Distance, service_distance
from timeline.record.run import Run
from timeline.record.sorted_run import SortedRun
from timeline.record.tracks import slices

USUAL_TICK = 4_000_000  # ns, if the record does not say


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the time of one core that each process received up to `until_ns`.

    `until_ns` is the first completion in either run, but at least half of the shorter run: in a
    short time, one tick is a large share.
    """

    until_ns: int
    first: tuple[float, ...]  # by process, in the first run
    second: tuple[float, ...]

    @property
    def worst(self) -> float:
        """The largest difference between the two shares of a process."""
        pairs = zip(self.first, self.second, strict=True)
        return max((abs(one - other) for one, other in pairs), default=0.0)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The turnaround of one process (ns): its range in the model, and its real value.

    The model is run for several phases of the tick.
    """

    name: str
    least_ns: int
    most_ns: int
    real_ns: int | None
    service_ns: int | None  # largest distance of its service curves, in the nearest phase

    @property
    def outside_ns(self) -> int:
        """How far (ns) the real turnaround is above the range (+) or below it (-)."""
        if self.real_ns is None:
            return 0
        return max(0, self.real_ns - self.most_ns) + min(0, self.real_ns - self.least_ns)


@dataclass(frozen=True, slots=True)
class NativeComparison:
    """All that is measured of a native run."""

    tick_ns: int
    phases: int  # number of phases of the tick for which the model was run
    shares: Shares
    slices_per_s: tuple[float, float]
    predicted_slices_per_s: tuple[float, float]  # the least and the most of all phases
    envelope: tuple[Envelope, ...]
    turns: float = 1.0  # if there are threads: the fewest real slices for each slice of the model
    late_ns: int = 0  # allowed error of a time if processes wait for each other, or if `turn_ns`
    turn_ns: int = 0  # the longest slice that a program asks for: slices may be in another order

    @property
    def turnaround_percents(self) -> list[float]:
        """How far each turnaround is outside its range, in percent of the least, without sign.

        It is 0 if it is at most `late_ns` outside.
        """
        return [
            100 * abs(row.outside_ns) / row.least_ns if abs(row.outside_ns) > self.late_ns else 0.0
            for row in self.envelope
            if row.least_ns and row.real_ns is not None
        ]


def is_native(run: Run) -> bool:
    """Return whether the operating system scheduled the run."""
    return run.scheduler.get("dispatch") == "none"


def tick_of(*runs: Run) -> int:
    """Return the period of the tick (ns): that of the machine if one of the runs is real."""
    for run in runs:
        about = run.machine.get("linux")
        if isinstance(about, Mapping) and about.get("hz"):
            return 1_000_000_000 // int(about["hz"])
    return 1_000_000_000 // int(runs[0].scheduler.get("hz") or 1_000_000_000 // USUAL_TICK)


def compare_native(
    first: SortedRun, second: SortedRun, others: Sequence[SortedRun]
) -> NativeComparison:
    """Return the comparison of two native runs.

    `others` are further runs of the model, with other phases of the tick.
    """
    models, tick = [first, *others], tick_of(second.run, first.run)
    turn = _turn(first.run, tick)
    return NativeComparison(
        tick,
        len(models),
        shares(first, second),
        (_rate(first), _rate(second)),
        (min(map(_rate, models)), max(map(_rate, models))),
        tuple(_envelope(at, models, second) for at in range(len(second.run.processes))),
        _turns(first.run, tick),
        max(turn, TOLERANCES.service_ticks * tick if first.has_lifecycle else 0),
        turn,
    )


def _turn(run: Run, tick: int) -> int:
    """Return how long (ns) the longest slice takes that a program asks for, as it ends at a tick.

    After each round, all processes that ask for equal slices have received equal CPU time, with
    differences of microseconds. These differences decide which process is first in the next round.
    If no program asks for a slice, return 0: with the kernel's own slices the difference is at most
    some ticks.
    """
    asked = run.scheduler.get("longest_slice_ns")
    return (-(-asked // tick) + 1) * tick if isinstance(asked, int) else 0


TICKS_LATE = 2
"""How many ticks a thread that asks for the interpreter lock may wait for the holder's core."""


def _turns(model: Run, tick: int) -> float:
    """Return the fewest real slices of threads for each slice of the model.

    The model gives a core to each thread at once. The system often wakes a thread on the core on
    which the holder of the interpreter lock runs. Then the thread asks for the lock only at a tick,
    so that slices are longer and there are fewer of them.
    """
    life = model.machine.get("life")
    interval = life.get("switch_interval_ns") if isinstance(life, Mapping) else None
    if not isinstance(interval, int) or interval < 1:
        return 1.0
    return interval / (interval + TICKS_LATE * tick)


def shares(first: SortedRun, second: SortedRun) -> Shares:
    """Return the shares of CPU time up to the first completion, or half of the shorter run."""
    ends = [row.completion_ns for sorted_run in (first, second) for row in sorted_run.run.processes]
    spans = [sorted_run.run.makespan_ns or 0 for sorted_run in (first, second)]
    until = max(min((end for end in ends if end is not None), default=0), min(spans) // 2)
    return Shares(until, _shares(first, until), _shares(second, until))


def _shares(sorted_run: SortedRun, until: int) -> tuple[float, ...]:
    if not until:
        return tuple(0.0 for _ in sorted_run.tracks)
    return tuple(
        sum(
            max(0, min(row.end, until) - row.start)
            for row in track
            if row.state == RUNNING and row.start < until
        )
        / until
        for track in sorted_run.tracks
    )


def _rate(sorted_run: SortedRun) -> float:
    span = sorted_run.run.makespan_ns
    return 1e9 * len(slices(sorted_run.tracks)) / span if span else 0.0


def _envelope(at: int, models: Sequence[SortedRun], real: SortedRun) -> Envelope:
    turnarounds = [sorted_run.run.processes[at].turnaround_ns for sorted_run in models]
    known = [ns for ns in turnarounds if ns is not None]
    found = [service_distance(sorted_run.tracks[at], real.tracks[at]) for sorted_run in models]
    near = min((one.largest_ns for one in found if isinstance(one, Distance)), default=None)
    row = real.run.processes[at]
    return Envelope(row.name, min(known, default=0), max(known, default=0), row.turnaround_ns, near)
