"""Run the textbooks' examples on both machines: `make textbook`. Its table is in docs/textbook.md.

Each file of scenarios/textbook is simulated, and all that it expects must come out exactly. It is
also run on real processes. There all must come out within 2 % of the makespan, and with the same
order of dispatches. A time unit is 20 ms, or less (at least 5 ms) if the run would take longer than
ten seconds. A run in which others took more than 1 % of the core time is set aside, counted, and
repeated. If the table says `all`, the machine was never quiet, and the row is that of the quietest
run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import UsageError
from kernel.units import format_duration, ms, seconds
from kernel.workload import Workload
from language import Options, load
from real import run_real
from real.host.cpus import choose_cpus
from real.host.probe import describe_host
from sim import simulate
from timeline.comparison.compare import compare
from timeline.comparison.model import Comparison
from timeline.expect import check
from timeline.record.run import ProcessRow, Run

FOLDER = Path(__file__).parent.parent / "scenarios" / "textbook"
UNIT, LEAST_UNIT = ms(20), ms(5)
LONGEST = seconds(10)  # of a real run, if the time unit can be made small enough
NOISE = 0.01  # a run is set aside if others took a larger share of core time
TRIES = 5

HEADER = "file | policy | unit | set aside | largest time error | same turns | holds"


@dataclass(slots=True)
class Row:
    """One example: its model, its quietest real run, and how far apart they are."""

    name: str
    workload: Workload
    model: Run
    real: Run | None = None  # None: this machine cannot run it
    comparison: Comparison | None = None
    set_aside: int = 0

    @property
    def error(self) -> float:
        """The largest difference of any time of any process, in percent of the makespan."""
        assert self.real is not None
        pairs = zip(self.model.processes, self.real.processes, strict=True)
        return 100 * max(_apart(one, other) for one, other in pairs) / self.model.makespan_ns

    @property
    def same_turns(self) -> bool:
        """Whether the order of dispatches is that of the model."""
        return self.comparison is not None and self.comparison.dispatch.same

    @property
    def failures(self) -> list[str]:
        """In words, all that did not come out on either machine, and all broken laws."""
        expect, unit = self.workload.expect or {}, self.workload.time_unit
        lines = [
            f"{run.backend}: {line.what}: {line.wanted} expected, got {line.got}"
            for run in (self.model, self.real)
            if run is not None
            for line in check(expect, run, time_unit=unit)
            if not line.holds
        ]
        broken = self.comparison.broken if self.comparison else ()
        return [*lines, *(f"{law.run} breaks a law: {law.violation.message}" for law in broken)]

    @property
    def holds(self) -> bool:
        """Whether all came out. An example that needs more cores than exist is only simulated."""
        return not self.failures and (self.real is None or self.same_turns)

    def cells(self) -> list[str]:
        """Return the cells of the row in the table."""
        unit = format_duration(self.workload.time_unit)
        measured = self.real is not None
        return [
            self.name,
            self.workload.scheduler.name,
            unit if measured else "-",
            "all" if self.set_aside == TRIES else str(self.set_aside),
            f"{self.error:.2f} %" if measured else "simulated only",
            ("yes" if self.same_turns else "**no**") if measured else "-",
            "yes" if self.holds else "**no**",
        ]


def _apart(one: ProcessRow, other: ProcessRow) -> int:
    """Return the largest difference (ns) of any time. A missing time counts as 0."""
    return max(
        abs((one.completion_ns or 0) - (other.completion_ns or 0)),
        abs((one.first_run_ns or 0) - (other.first_run_ns or 0)),
        abs(one.waiting_ns - other.waiting_ns),
    )


def measure(file: Path, largest: int) -> Row:
    """Simulate one example, and run it until a run is quiet.

    If TRIES runs are disturbed, the quietest of them is taken.
    """
    row = _simulated(file, largest)
    try:
        choose_cpus(row.workload)
    except UsageError as error:
        print(f"{row.name}: {error}", file=sys.stderr)
        return row
    noise = float("inf")
    while noise > NOISE and row.set_aside < TRIES:
        real = run_real(row.workload)
        comparison = compare(row.model, real)
        if comparison.noise.largest < noise:
            row.real, row.comparison, noise = real, comparison, comparison.noise.largest
        row.set_aside += comparison.noise.largest > NOISE
    return row


def _simulated(file: Path, largest: int) -> Row:
    """Return the row with the model, in the largest time unit that the real run may have."""
    once = simulate(load(file).workload).makespan_ns // ms(1)  # in time units
    unit = max(LEAST_UNIT, min(largest, LONGEST // max(1, once) // ms(1) * ms(1)))
    workload = load(file, Options(time_unit=f"{unit}ns")).workload
    return Row(file.stem, workload, simulate(workload))


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield f"| {HEADER} |"
    yield "|" + "---|" * (HEADER.count("|") + 1)
    for row in rows:
        yield f"| {' | '.join(row.cells())} |"


def summary(rows: Sequence[Row]) -> str:
    """Return a summary of the rows in one sentence."""
    real = [row for row in rows if row.real is not None]
    worst = max((row.error for row in real), default=0.0)
    return (
        f"{sum(row.holds for row in rows)} of {len(rows)} hold; {len(real)} ran on real processes, "
        f"the largest time error is {worst:.2f} % of the makespan."
    )


def main() -> int:
    """Measure and print. Return exit status 0 if all rows hold, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="scenarios (default: the textbooks)")
    parser.add_argument("--unit", type=int, default=20, help="ms, at most (default 20)")
    arguments = parser.parse_args()
    rows = []
    for file in arguments.files or sorted(FOLDER.glob("*.yaml")):
        print(f"{file.stem} …", file=sys.stderr)
        rows.append(measure(file, ms(arguments.unit)))
        for failure in rows[-1].failures:
            print(f"{file.stem}: {failure}", file=sys.stderr)
    print("\n".join(table(rows)))
    host = describe_host(())
    print(f"\n{summary(rows)}")
    print(f"{host.get('cpu')}, Linux {host.get('kernel')}, Python {host.get('python')}")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
