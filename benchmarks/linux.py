"""Measure how close the model of Linux comes to this machine's own scheduler.

This is the second half of `make fidelity`; its table is kept in docs/fidelity.md.

Each scenario of scenarios/workloads/linux is scheduled by the kernel in five runs. Each run is
compared with the model's prediction for eight phases of the tick. A run is set aside, counted, and
repeated if the hypervisor or other programs took more than 1 % of the core time, or if they took
more time of one core than service curves may differ by.

With `--trace` (`make trace`, root) the workers' logs are also compared with the kernel's trace.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks.fidelity import NOISE, table
from benchmarks.quiet_runs import parser_of, rows_of
from kernel.errors import UsageError
from kernel.workload import Workload
from language import load
from real import run_real
from real.host.cpus import choose_cpus
from real.host.kernel_defaults import with_kernel_defaults
from sim import other_phases, simulate
from timeline.comparison.compare import compare
from timeline.comparison.kernel_trace import TraceComparison
from timeline.comparison.model import Comparison
from timeline.comparison.native.measure import NativeComparison
from timeline.record.run import Run

FOLDER = Path(__file__).parent.parent / "scenarios" / "workloads" / "linux"
SHARE = 2.0  # largest error of a process's share, percentage points
TURNAROUND = 3.0  # median error of turnaround, percent
SLICES = 5.0  # error of the slices a second, percent
SERVICE = 4.0  # largest distance of service curves, ticks
EDGE = 30  # median distance of an interval's start or end in log and trace, us

HEADER = (
    "scenario | cores | runs | set aside | worst share error | turnaround error median | "
    "slices a second, real | predicted | worst service curve | holds"
)
TRACED = " | edges off the kernel's, p50 | the kernel's intervals | missed"


@dataclass(slots=True)
class Row:
    """All runs of one scenario."""

    name: str
    workload: Workload
    runs: list[tuple[Run, Comparison, NativeComparison]] = field(default_factory=list)
    set_aside: int = 0
    trace: bool = False

    @property
    def share(self) -> float:
        """The largest share error of all runs, percentage points."""
        return max(100 * native.shares.worst for _, _, native in self.runs)

    @property
    def turnaround(self) -> float:
        """Median over the runs of the median turnaround error, percent.

        A turnaround within the range of the model's phases has no error.
        """
        return statistics.median(
            statistics.median(native.turnaround_percents) for _, _, native in self.runs
        )

    @property
    def slices(self) -> float:
        """Median of the slices a second on the real machine."""
        return statistics.median(native.slices_per_s[1] for _, _, native in self.runs)

    @property
    def predicted(self) -> tuple[float, float]:
        """The slices a second in the model: least and most of all phases."""
        return self.runs[0][2].predicted_slices_per_s

    @property
    def service(self) -> float:
        """The largest distance of service curves of all runs, ticks; each in its nearest phase."""
        return max(
            (row.service_ns or 0) / native.tick_ns
            for _, _, native in self.runs
            for row in native.envelope
        )

    @property
    def traces(self) -> list[TraceComparison]:
        """The comparison with the kernel's trace of each run that was traced."""
        return [
            comparison.kernel_trace for _, comparison, _ in self.runs if comparison.kernel_trace
        ]

    @property
    def holds(self) -> bool:
        """Whether all errors are within their limits."""
        least, most = self.predicted
        margin = SLICES / 100
        return (
            self.share <= SHARE
            and self.turnaround <= TURNAROUND
            and least * (1 - margin) <= self.slices <= most * (1 + margin)
            and self.service <= SERVICE
        )

    def cells(self) -> list[str]:
        """Return the cells of the row in the table."""
        first = [self.name, str(self.workload.cores), str(len(self.runs)), str(self.set_aside)]
        if not self.runs:
            return [*first, *["-"] * 5, "not measured", *self.traced()]
        least, most = self.predicted
        return [
            *first,
            f"{self.share:.2f} points",
            f"{self.turnaround:.2f} %",
            f"{self.slices:.1f}",
            f"{least:.1f} to {most:.1f}" if least != most else f"{least:.1f}",
            f"{self.service:.2f} ticks",
            "yes" if self.holds else "**no**",
            *self.traced(),
        ]

    def traced(self) -> Iterator[str]:
        """Yield the last three cells of the row, if the run was traced."""
        if self.traces:
            yield f"{edge_of(self.traces):.0f} us"
            yield f"{sum(trace.intervals for trace in self.traces):,}"
            yield str(sum(trace.missed for trace in self.traces))
        elif self.trace:
            yield from "---"


def edge_of(traces: Sequence[TraceComparison]) -> float:
    """Return the median distance (us) of starts and ends between log and trace.

    The median of each run counts as often as the run had intervals.
    """
    found = [[trace.edge_p50_ns] * trace.intervals for trace in traces]
    return statistics.median(chain(*found)) / 1e3


def measure(file: Path, runs: int, tries: int, *, trace: bool = False) -> Row:
    """Run one scenario until there are `runs` quiet runs, or `tries` runs were set aside."""
    workload = with_kernel_defaults(load(file).workload)
    row = Row(file.stem, workload, trace=trace)
    try:
        choose_cpus(workload)
    except UsageError as error:
        print(f"{file.stem}: {error}", file=sys.stderr)
        return row
    model, phases = simulate(workload), other_phases(workload)
    while len(row.runs) < runs and row.set_aside < tries:
        real = run_real(workload, trace=trace)
        comparison = compare(model, real, phases)
        for broken in comparison.broken:
            print(f"{row.name}: law broken: {broken.violation.message}", file=sys.stderr)
        native, noise = comparison.native, comparison.noise
        if native is None or noise.largest > NOISE or noise.lost_ns > SERVICE * native.tick_ns:
            row.set_aside += 1
        else:
            row.runs.append((real, comparison, native))
    return row


def main() -> int:
    """Measure and print. Return exit status 0 if all limits hold, otherwise 1."""
    parser = parser_of(__doc__, tries=20)
    parser.add_argument("--trace", action="store_true", help="against the kernel's trace (root)")
    arguments = parser.parse_args()
    rows = rows_of(arguments, FOLDER, partial(measure, trace=arguments.trace))
    header = HEADER + TRACED * arguments.trace
    print("\n".join(table(header, (row.cells() for row in rows))))
    host = next((run.machine for row in rows for run, _, _ in row.runs), None)
    if host is not None:
        about = host["linux"]
        print(
            f"\n{host['cpu']}, {host['available_cpus']} CPUs, Linux {host['kernel']}, "
            f"{about['hz']} ticks a second, slices of {about['base_slice_ns']} ns, "
            f"privilege: {host['privilege']}"
        )
    exact = not arguments.trace
    traces = [trace for row in rows for trace in row.traces]
    if arguments.trace and not traces:
        print("No run was traced: that needs root, and a kernel with tracefs.")
    if traces:
        edge, missed = edge_of(traces), sum(trace.missed for trace in traces)
        exact = edge <= EDGE and not missed
        print(f"Starts and ends off the kernel's, p50: {edge:.0f} us (at most {EDGE});", end=" ")
        print(f"missed: {missed} of {sum(trace.intervals for trace in traces):,} (none)")
    return 0 if exact and all(row.runs and row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
