"""Measure the shares of control groups: the model of Linux held against this machine's kernel.

`make cgroups` (root); its table is kept in docs/linux.md.

Each scenario of scenarios/workloads/cgroups is scheduled by the kernel in five runs. A group's
share is the CPU time of its processes until the first program ends, over that time and the cores. A
process of no group stands for itself. The model predicts it for eight phases of the tick and of the
periods of `cpu.max`, which a real run cannot choose; the prediction is their mean. Asked: each
share of each run is at most 2 points from it. A run is set aside, counted, and repeated if the
hypervisor or other programs took more than 1 % of the core time.
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fidelity import NOISE, table
from benchmarks.quiet_runs import parser_of, rows_of
from kernel.process.states import RUNNING
from kernel.workload import Workload
from language import load
from real import run_real
from real.host.kernel_defaults import with_kernel_defaults
from sim import other_phases, simulate
from timeline.comparison.causes.noise import noise_of
from timeline.record.run import Run

FOLDER = Path(__file__).parent.parent / "scenarios" / "workloads" / "cgroups"
SHARE = 2.0  # largest error of a share, percentage points
HEADER = "scenario | runs | set aside | group | predicted | measured | worst error | holds"

Shares = dict[str, float]
"""The share of each group, or of a process of no group, percent."""


def shares(workload: Workload, run: Run) -> Shares:
    """Return the shares until the first program ends."""
    end = min(row.completion_ns or run.makespan_ns for row in run.processes)
    names = [spec.linux.group or spec for spec in workload.processes]
    had: dict[str, int] = {}
    for row in run.intervals:
        if row.state == RUNNING:
            name = names[row.process].name
            had[name] = had.get(name, 0) + max(0, min(row.end, end) - row.start)
    return {name: 100 * ns / (end * workload.cores) for name, ns in had.items()}


@dataclass(slots=True)
class Measured:
    """The runs of one scenario, and what was predicted."""

    name: str
    predicted: list[Shares]  # of each phase
    runs: list[Shares] = field(default_factory=list)
    set_aside: int = 0

    def mean(self, group: str) -> float:
        """Return the prediction: the mean of all phases."""
        return statistics.mean(phase[group] for phase in self.predicted)

    def error(self, group: str) -> float:
        """Return the largest distance of a run from the prediction, percentage points."""
        return max((abs(run[group] - self.mean(group)) for run in self.runs), default=0.0)

    @property
    def holds(self) -> bool:
        """Whether there are runs, and all their shares are near enough."""
        return bool(self.runs) and all(self.error(group) <= SHARE for group in self.predicted[0])

    def rows(self) -> list[list[str]]:
        """Return a row of the table for each group."""
        return [
            [
                self.name,
                str(len(self.runs)),
                str(self.set_aside),
                group,
                f"{self.mean(group):.1f} %",
                _range([run[group] for run in self.runs]),
                f"{self.error(group):.1f}",
                "yes" if self.runs and self.error(group) <= SHARE else "**no**",
            ]
            for group in self.predicted[0]
        ]


def _range(values: list[float]) -> str:
    return f"{min(values):.1f} to {max(values):.1f} %" if values else "-"


def measure(file: Path, runs: int, tries: int) -> Measured:
    """Run one scenario until there are `runs` quiet runs, or `tries` runs were set aside."""
    workload = with_kernel_defaults(load(file).workload)
    models = [simulate(workload), *other_phases(workload)]
    found = Measured(file.stem, [shares(workload, model) for model in models])
    while len(found.runs) < runs and found.set_aside < tries:
        real = run_real(workload)
        if real.stopped is not None or noise_of(real).largest > NOISE:
            found.set_aside += 1
        else:
            found.runs.append(shares(workload, real))
    return found


def main() -> int:
    """Measure and print. Return exit status 0 if all shares are near enough, otherwise 1."""
    found = rows_of(parser_of(__doc__, tries=15).parse_args(), FOLDER, measure)
    print("\n".join(table(HEADER, (row for each in found for row in each.rows()))))
    return 0 if all(each.holds for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
