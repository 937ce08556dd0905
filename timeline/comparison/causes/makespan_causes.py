"""The causes of the makespan difference: what makes the second run longer (or shorter).

On each core busy + idle + overhead = makespan. So the difference of two makespans is the sum of the
differences of these three, on any core. The critical core is taken: the one that was busy last.

The dead time of a switch beyond what the machine is calibrated to need is late, and another cause.

A real worker runs a little before it sees itself run. It receives this CPU time within the dead
time of the switch. So the cost of switching is the dead time less the CPU time received unseen. If
more CPU time was received unseen than there is dead time, the rest was received in gaps of slices.
It is subtracted from the time of programs outside the scenario.

A process that makes a call to another process keeps its core during the call, but its program asks
for no CPU time for the call. So the time of calls is subtracted from the time in which the worker
saw itself run but received no CPU time for its program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kernel.process.states import RUNNING
from timeline.comparison.causes.core_losses import OUTSIDE
from timeline.comparison.causes.dead_time import DeadTime
from timeline.record.jobs import dropped_cpu
from timeline.record.run import Overhead, Run
from timeline.record.sorted_run import SortedRun
from translation import mark

SWITCHING = mark("switching between processes")
LATE_DISPATCH = mark("dispatches later than this machine needs")
COMPACTION = mark("programs moved in memory")
OUTSIDERS = mark("programs outside the scenario")
CALLS = mark("calls of processes to each other")
GAPS = mark("gaps too short for a worker to see")
OVERSHOOT = mark("bursts longer than asked for")
IDLE = mark("a core idle for longer (late timers and devices)")
REST = mark("not explained")


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of the makespan difference, `ns`, and its share. A negative share reduced it."""

    name: str
    ns: int
    share: float | None  # None: the makespans do not differ


@dataclass(frozen=True, slots=True)
class CoreTime:
    """Where the time of one core went, ns. In `Causes` each is second run less first run."""

    core: int
    switching_ns: int  # dead time
    compaction_ns: int  # copying of partitions
    outsiders_ns: int  # programs outside the scenario
    overshoot_ns: int  # CPU time received beyond the demand
    out_of_sight_ns: int  # CPU time received but not seen; negative: seen but not received
    idle_ns: int
    calls_ns: int = 0  # running intervals in which processes made calls to others
    late_ns: int = 0  # the part of the dead time beyond what the machine is known to need


@dataclass(frozen=True, slots=True)
class Causes:
    """The makespan difference (second less first, ns) and its parts on the critical core."""

    difference_ns: int
    core: int
    parts: tuple[Cause, ...]
    cores: tuple[CoreTime, ...]


def causes(first: SortedRun, second: SortedRun) -> Causes:
    """Return the difference of the makespans and its causes."""
    before, after = _core_times(first), _core_times(second)
    lost = tuple(_less(a, b) for a, b in zip(after, before, strict=False))
    difference = second.run.makespan_ns - first.run.makespan_ns
    core = _critical(second)
    parts = _parts(lost[core]) if core < len(lost) else {}
    rest = difference - sum(parts.values())
    return Causes(
        difference,
        core,
        tuple(
            Cause(name, ns, ns / difference if difference else None)
            for name, ns in {**parts, REST: rest}.items()
        ),
        lost,
    )


def _parts(time: CoreTime) -> dict[str, int]:
    unseen = max(0, time.out_of_sight_ns)
    beyond = min(max(0, unseen - max(0, time.switching_ns)), max(0, time.outsiders_ns))
    switching = time.switching_ns - (unseen - beyond)
    late = max(0, min(time.late_ns, switching))
    return {
        SWITCHING: switching - late,
        **({LATE_DISPATCH: late} if late else {}),
        **({COMPACTION: time.compaction_ns} if time.compaction_ns else {}),
        OUTSIDERS: time.outsiders_ns - beyond,
        **({CALLS: time.calls_ns} if time.calls_ns else {}),
        GAPS: max(0, -time.out_of_sight_ns),
        OVERSHOOT: time.overshoot_ns,
        IDLE: time.idle_ns,
    }


def _less(one: CoreTime, other: CoreTime) -> CoreTime:
    return CoreTime(
        one.core,
        one.switching_ns - other.switching_ns,
        one.compaction_ns - other.compaction_ns,
        one.outsiders_ns - other.outsiders_ns,
        one.overshoot_ns - other.overshoot_ns,
        one.out_of_sight_ns - other.out_of_sight_ns,
        one.idle_ns - other.idle_ns,
        one.calls_ns - other.calls_ns,
        one.late_ns - other.late_ns,
    )


def _critical(sorted_run: SortedRun) -> int:
    """Return the core that was busy last; if there are several, the lowest."""
    ends = [lane[-1].end if lane else 0 for lane in sorted_run.lanes]
    return ends.index(max(ends)) if ends else 0


def _core_times(sorted_run: SortedRun) -> list[CoreTime]:
    overshoot, out_of_sight = _beyond(sorted_run)
    took = calls_ns(sorted_run.run)
    late = DeadTime(sorted_run).late_by_core()
    found = []
    for row in sorted_run.run.cores:
        mine = [overhead for overhead in sorted_run.run.overheads if overhead.core == row.core]
        outsiders, compaction = _spent(mine, OUTSIDE), _spent(mine, "compaction")
        calls = min(max(0, -out_of_sight[row.core]), took)
        found.append(
            CoreTime(
                row.core,
                sum(o.end_ns - o.start_ns for o in mine) - outsiders - compaction,
                compaction,
                outsiders,
                overshoot[row.core],
                out_of_sight[row.core] + calls,
                row.idle_ns,
                calls,
                late[row.core],
            )
        )
    return found


def calls_ns(run: Run) -> int:
    """Return the time (ns) that the calls of a real run's processes to each other took."""
    calls = run.machine.get("calls")
    return int(calls.get("took_ns", 0)) if isinstance(calls, Mapping) else 0


def _spent(overheads: Iterable[Overhead], why: str) -> int:
    """Return the ns of the overheads with this reason."""
    return sum(row.end_ns - row.start_ns for row in overheads if row.why == why)


def _beyond(sorted_run: SortedRun) -> tuple[list[int], list[int]]:
    """Return for each core (ns) the CPU time received less the demand, and less the time seen.

    The difference of a process is distributed over the cores in proportion to where it ran.
    """
    asked, seen = [0.0] * len(sorted_run.lanes), [0.0] * len(sorted_run.lanes)
    for row, track in sorted_run.rows_with_tracks:
        runs = [interval for interval in track if interval.state == RUNNING]
        ran = sum(interval.end - interval.start for interval in runs)
        if row.completion_ns is None or row.exitcode or not ran:
            continue
        for interval in runs:
            if 0 <= interval.core < len(asked):
                share = (interval.end - interval.start) / ran
                asked[interval.core] += share * (row.cpu_ns + dropped_cpu(row) - row.demand_ns)
                seen[interval.core] += share * (row.cpu_ns - ran)
    return [round(ns) for ns in asked], [round(ns) for ns in seen]
