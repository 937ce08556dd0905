"""Measure how close real runs are to the model: `make fidelity`. The table is in docs/fidelity.md.

Each scenario of scenarios/workloads is run on real processes five times. Each run is compared with
two simulations, as the command `compare` does. In the ideal model dispatches cost nothing. The
charged model has the price of dispatches on this machine, measured for half a second directly
before the run. A run in which the hypervisor or other programs took more than 1 % of the core time
is set aside, counted, and repeated (at most as often as there are runs to make).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel.dispatch_price import USUAL
from kernel.errors import UsageError
from kernel.units import ms
from kernel.workload import Workload
from language import load
from language.cost_profiles import own_path, price_in, read, with_price
from real import run_real
from real.calibration.dispatch_price import adapted
from real.host.cpus import choose_cpus
from real.host.probe import available_cpus
from sim import simulate
from timeline.comparison.compare import compare
from timeline.comparison.model import Comparison
from timeline.record.run import Run

FOLDER = Path(__file__).parent.parent / "scenarios" / "workloads"
NOISE = 0.01  # a run is set aside if others took a larger share of core time
COARSE = ms(20)  # with a quantum of at least this, BOUND_COARSE holds, otherwise BOUND_FINE
BOUND_COARSE, BOUND_FINE = 1.0, 2.0  # error of turnaround and makespan, percent
BOUND_SHARED = 3.0  # the same, if workers use all cores and the supervisor has none of its own
BOUND_DEAD = 100.0  # median dead time of a dispatch, us
BOUND_CHARGED = 0.3  # turnaround error of the charged model, percent, median of all scenarios
BOUND_CHARGED_EACH = 1.0  # the same, of each scenario
HALF = 0.5  # largest ratio of the charged model's median error to the ideal model's
MOSTLY = 0.9  # share of the differences above 1 ms that must be explained
EXPLAINED = 0.8  # share of a difference that its causes must add up to, to count as explained
OCCUPANCY = 0.90  # least agreement of occupancy over the first 40 slices, where BOUND_COARSE holds

HEADER = (
    "scenario | policy | quantum | cores | runs | set aside | sequence same | turnaround error, "
    "ideal model | turnaround error, charged model | makespan error | occupancy, 40 slices "
    "| dead time p50 | differences explained | holds"
)


@dataclass(slots=True)
class Row:
    """All runs of one scenario."""

    name: str
    workload: Workload
    runs: list[tuple[Run, Comparison]] = field(default_factory=list)
    set_aside: int = 0
    charged: list[Comparison] = field(default_factory=list)  # of the same runs with charged models

    @property
    def turnaround_charged(self) -> float:
        """The same as `turnaround`, for the charged model."""
        return statistics.median(
            comparison.turnaround_errors.median_percent or 0.0 for comparison in self.charged
        )

    @property
    def explained(self) -> tuple[int, int]:
        """How many differences above 1 ms are explained to 80 % or more, and how many there are."""
        found = [
            attribution.explained or 0.0
            for _, comparison in self.runs
            for attribution in comparison.attributions
            if abs(attribution.difference_ns) > ms(1)
        ]
        return sum(share >= EXPLAINED for share in found), len(found)

    @property
    def bound(self) -> float:
        """The largest error of turnaround and makespan, percent."""
        if self.workload.cores >= len(available_cpus()):
            return BOUND_SHARED
        return BOUND_COARSE if self.quantum is None or self.quantum >= COARSE else BOUND_FINE

    @property
    def quantum(self) -> int | None:
        """The quantum of the policy, ns; None if it has none."""
        return self.workload.scheduler.parameters.get("quantum")

    @property
    def same(self) -> int:
        """How many runs have the order of dispatches of the model."""
        return sum(comparison.dispatch.same for _, comparison in self.runs)

    @property
    def turnaround(self) -> float:
        """Median over the runs of the median turnaround error, percent."""
        return statistics.median(
            comparison.turnaround_errors.median_percent or 0.0 for _, comparison in self.runs
        )

    @property
    def makespan(self) -> float:
        """Median over the runs of the makespan error without sign, percent."""
        return statistics.median(abs(c.makespan.percent or 0.0) for _, c in self.runs)

    @property
    def occupancy(self) -> float:
        """Median over the runs of the agreement of occupancy in the first 40 slices, 0 to 1."""
        return statistics.median(c.occupancy.first_slices or 0.0 for _, c in self.runs)

    @property
    def dead(self) -> float:
        """Median dead time of a dispatch, us."""
        dead: list[int] = [run.machine["dispatch"]["dead_p50_ns"] for run, _ in self.runs]
        return statistics.median(dead) / 1e3

    @property
    def holds(self) -> bool:
        """Whether all errors are within their bounds, and all orders are those of the model."""
        near = self.turnaround <= self.bound and self.makespan <= self.bound
        occupied = self.bound != BOUND_COARSE or self.occupancy >= OCCUPANCY
        predicted = self.turnaround_charged <= BOUND_CHARGED_EACH
        return self.same == len(self.runs) and near and occupied and predicted

    def cells(self) -> list[str]:
        """Return the cells of the row in the table."""
        if not self.runs:
            return [self.name, *["-"] * 4, str(self.set_aside), *["-"] * 7, "not measured"]
        scheduler = self.workload.scheduler
        return [
            self.name,
            scheduler.name,
            "-" if self.quantum is None else f"{self.quantum // 1_000_000} ms",
            str(self.workload.cores),
            str(len(self.runs)),
            str(self.set_aside),
            f"{self.same} of {len(self.runs)}",
            f"{self.turnaround:.2f} %",
            f"{self.turnaround_charged:.2f} %",
            f"{self.makespan:.2f} %",
            f"{self.occupancy:.3f}",
            f"{self.dead:.0f} us",
            "{} of {}".format(*self.explained),
            "yes" if self.holds else "**no**",
        ]


def measure(file: Path, runs: int, profile: Mapping[str, Any] | None) -> Row:
    """Run one scenario until there are `runs` quiet runs, or `runs` runs were set aside."""
    workload = load(file).workload
    row = Row(file.stem, workload)
    try:
        choose_cpus(workload)
    except UsageError:
        return row
    model = simulate(workload)
    known = None if profile is None else price_in(profile, workload.cores)
    known = known or USUAL[workload.cores < len(available_cpus())]
    while len(row.runs) < runs and row.set_aside < runs:
        price = adapted(known, workload.cores)
        real = run_real(workload)
        comparison = compare(model, real)
        if comparison.noise.largest > NOISE:
            row.set_aside += 1
        else:
            row.runs.append((real, comparison))
            row.charged.append(compare(simulate(with_price(workload, price)), real))
        for broken in comparison.broken:
            print(f"{row.name}: law broken: {broken.violation.message}", file=sys.stderr)
    return row


def table(header: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield f"| {header} |"
    yield "|" + "---|" * (header.count("|") + 1)
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


def predicted(rows: Sequence[Row]) -> bool:
    """Print the errors of both models. Return whether the charged model is within its bounds."""
    ideal = statistics.median(row.turnaround for row in rows)
    charged = statistics.median(row.turnaround_charged for row in rows)
    worst = max(rows, key=lambda row: row.turnaround_charged)
    print(f"Turnaround error, median of all scenarios: ideal model {ideal:.2f} %, ", end="")
    print(f"charged model {charged:.2f} % (at most {BOUND_CHARGED} %, and half the ideal's)")
    print(f"Charged model, worst: {worst.turnaround_charged:.2f} % in {worst.name}", end="")
    print(f" (at most {BOUND_CHARGED_EACH:.0f} % in each)")
    near = charged <= min(BOUND_CHARGED, HALF * ideal)
    return near and worst.turnaround_charged <= BOUND_CHARGED_EACH


def dead_on_one_core(rows: Sequence[Row]) -> float | None:
    """Return the median dead time (us) of the runs with a core to spare, or None without any.

    The dead time of each run counts as often as the run had dispatches.
    """
    times: list[int] = []
    for row in rows:
        if row.bound != BOUND_SHARED:
            for run, _ in row.runs:
                found = run.machine["dispatch"]
                times += [found["dead_p50_ns"]] * found["count"]
    return statistics.median(times) / 1e3 if times else None


def main() -> int:
    """Measure and print. Return exit status 0 if all bounds hold, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="scenarios (default: the workloads)")
    parser.add_argument("--runs", type=int, default=5, help="quiet runs of each (default 5)")
    parser.add_argument("--costs", default="measured", help="measured, or a profile (of calibrate)")
    arguments = parser.parse_args()
    path = own_path() if arguments.costs == "measured" else Path(arguments.costs)
    profile = read(path) if path.exists() else None
    if profile is None:
        print("no profile of this machine: the usual prices are adapted to it", file=sys.stderr)
    rows = []
    for file in arguments.files or sorted(FOLDER.glob("*.yaml")):
        print(f"{file.stem} …", file=sys.stderr)
        rows.append(measure(file, arguments.runs, profile))
    dead = dead_on_one_core(rows)
    host = next((run.machine for row in rows for run, _ in row.runs), {})
    print("\n".join(table(HEADER, (row.cells() for row in rows))))
    print()
    print(
        f"{host.get('cpu')}, {host.get('available_cpus')} CPUs, Linux {host.get('kernel')}, ",
        end="",
    )
    print(f"Python {host.get('python')}, privilege: {host.get('privilege')}")
    measured = [row for row in rows if row.runs]
    near = predicted(measured) if measured else False
    told = [row.explained for row in rows if row.runs]
    explained, differences = (sum(counts) for counts in zip(*told, strict=True)) if told else (0, 0)
    clear = explained >= MOSTLY * differences
    print(f"Explained: {explained} of {differences} differences above 1 ms", end="")
    print(f" (at least {MOSTLY:.0%} of them)")
    quick = True
    if dead is not None:
        quick = dead <= BOUND_DEAD
        print(f"Dead time of a dispatch with a core to spare, p50: {dead:.0f} us", end="")
        print(f" (at most {BOUND_DEAD:.0f} with real-time priority)")
    return 0 if quick and near and clear and all(row.runs and row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
