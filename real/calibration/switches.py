"""What a switch costs: by the supervisor, and by the operating system's scheduler."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from kernel.linux.policy import Linux
from kernel.process.program import CPU, WAIT, Program
from kernel.process.states import RUNNING
from kernel.scheduling.policies.round_robin import RoundRobin
from kernel.units import ms
from kernel.workload import SchedulerSpec
from real.calibration.small_runs import measured_run, workload_of
from timeline.comparison.causes.core_losses import outsiders_ns
from timeline.record.run import Run
from translation import mark

RUNS = 5  # runs of each workload

Costs = Mapping[str, int]
"""`dispatch`, `switch` and `migration`, each in ns."""


def switch_costs() -> tuple[Costs, Costs, dict[str, list[int]]]:
    """Return the costs of the supervisor, the costs of the kernel, and the measured times.

    The times are in ns, by the name of what was measured.
    """
    long_bursts = [Program.of([(CPU, ms(100))])] * 2
    short_bursts = [Program.of([(CPU, ms(2)), (WAIT, ms(2))] * 25)]
    turns = SchedulerSpec("rr", RoundRobin, {"quantum": ms(5)})
    native = SchedulerSpec("linux", Linux, Linux.parameters(), dispatch="none")
    switched = [measured_run(workload_of(turns, long_bursts)) for _ in range(RUNS)]
    woken = [measured_run(workload_of(turns, short_bursts)) for _ in range(RUNS)]
    left = [measured_run(workload_of(native, long_bursts)) for _ in range(RUNS)]
    both, alone, by_kernel = (_a_slice(runs) for runs in (switched, woken, left))
    dispatch = min(alone, both)
    times = {
        mark("switch by us"): _switches(switched),
        mark("dispatch after I/O"): _switches(woken),
        mark("switch by the kernel"): _switches(left),
        mark("natural slice"): _running_intervals(left),
    }
    ours = {"dispatch": dispatch, "switch": both - dispatch, "migration": 0}
    return ours, {"dispatch": 0, "switch": by_kernel, "migration": 0}, times


def _a_slice(runs: Sequence[Run]) -> int:
    """Return what a slice costs beside its CPU time, ns, at the median of the runs.

    It is the makespan without CPU time, blocked time and the time that programs outside the
    scenario took, for each slice.
    """
    found = []
    for run in runs:
        foreign = outsiders_ns(run).total()
        cpu = sum(row.cpu_ns for row in run.processes)
        blocked = sum(row.blocked_ns for row in run.processes)
        slices = sum(row.slices for row in run.processes)
        found.append((run.makespan_ns - cpu - blocked - foreign) // max(slices, 1))
    return max(0, int(statistics.median(found)))


def _switches(runs: Sequence[Run]) -> list[int]:
    """Return how long (ns) each switch took."""
    return [o.end_ns - o.start_ns for run in runs for o in run.overheads if o.why == "switch"]


def _running_intervals(runs: Sequence[Run]) -> list[int]:
    """Return how long (ns) each running interval was."""
    return [row.end - row.start for run in runs for row in run.intervals if row.state == RUNNING]
