"""Measure how well the model predicts how late a sleeper wakes beside hogs, under Linux.

`make latency`; its table is kept in docs/latencies.md.

Each scenario of scenarios/workloads/latency is scheduled by the kernel in five runs. The median and
the 99th percentile of the sleeper's wake-up latencies are predicted by the model, for eight phases
of the tick together. They are measured twice: by the record of the run, and with root by the
kernel's trace (from `sched_waking` to `sched_switch`). Both must be within a tick of the prediction
in each run. A run is set aside, counted, and repeated if the hypervisor or other programs took more
than 1 % of the core time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.fidelity import NOISE, table
from benchmarks.quiet_runs import parser_of, rows_of
from kernel.workload import Workload
from language import load
from real import run_real
from real.host.kernel_defaults import with_kernel_defaults
from sim import other_phases, simulate
from timeline.comparison.causes.noise import noise_of
from timeline.record.latencies import Summary, latencies, summary
from timeline.record.run import Run

FOLDER = Path(__file__).parent.parent / "scenarios" / "workloads" / "latency"
SLEEPER = "sleeper"
AGREES = 0.5
"""Largest distance, ms, of the median in the record of a run and in the kernel's trace.

The trace lacks a wake-up now and then: no switch to a process that is woken before it has left its
core. Then the median is that of one value less.
"""

HEADER = (
    "scenario | runs | set aside | predicted p50 / p99 | record p50 / p99 | kernel p50 / p99 | "
    "worst error p50 / p99 | holds"
)


def of_record(run: Run) -> list[int]:
    """Return the sleeper's wake-up latencies by the intervals of the record, ns."""
    return latencies(run)[run.process_names.index(SLEEPER)].wakeup


def of_trace(run: Run) -> list[int]:
    """Return the sleeper's wake-up latencies by the kernel's trace, ns; none without a trace.

    Its first waking is its arrival, and those after its last burst are the end of the run.
    """
    columns = (run.machine.get("kernel_trace") or {}).get("wakeups")
    if columns is None:
        return []
    process = run.process_names.index(SLEEPER)
    first = run.processes[process].first_run_ns or 0
    end = run.processes[process].completion_ns or run.makespan_ns
    rows = zip(columns["process"], columns["woken_ns"], columns["ran_ns"], strict=True)
    return [
        ran - woken for each, woken, ran in rows if each == process and first < woken <= ran < end
    ]


@dataclass(slots=True)
class Measured:
    """The runs of one scenario, and what was predicted."""

    name: str
    tick: int  # ns
    predicted: Summary
    runs: list[tuple[Summary, Summary | None]] = field(default_factory=list)  # record and trace
    set_aside: int = 0

    def errors(self, statistic: str) -> list[int]:
        """Return the distances from the prediction of all runs, by record and by trace, ns."""
        wanted: int = getattr(self.predicted, statistic)
        there = [each for run in self.runs for each in run if each is not None]
        return [abs(getattr(each, statistic) - wanted) for each in there]

    @property
    def holds(self) -> bool:
        """Whether median and 99th percentile of each run are within a tick of the prediction."""
        return bool(self.runs) and all(
            error <= self.tick for name in ("median", "p99") for error in self.errors(name)
        )

    def cells(self) -> list[str]:
        """Return the cells of the row in the table. Times of several runs are a range."""
        traces = [trace for _, trace in self.runs if trace is not None]
        return [
            self.name,
            str(len(self.runs)),
            str(self.set_aside),
            _both([self.predicted]),
            _both([record for record, _ in self.runs]),
            _both(traces),
            f"{_ms(max(self.errors('median'), default=0))} / "
            f"{_ms(max(self.errors('p99'), default=0))} ms",
            "yes" if self.holds else "**no**",
        ]


def _both(found: Sequence[Summary]) -> str:
    if not found:
        return "-"
    return f"{_range([each.median for each in found])} / {_range([each.p99 for each in found])} ms"


def _range(values: Sequence[int]) -> str:
    least, most = _ms(min(values)), _ms(max(values))
    return least if least == most else f"{least} to {most}"


def _ms(ns: int) -> str:
    return f"{ns / 1e6:.2f}"


def measure(file: Path, runs: int, tries: int, *, trace: bool) -> Measured:
    """Run one scenario until there are `runs` quiet runs, or `tries` runs were set aside."""
    workload: Workload = with_kernel_defaults(load(file).workload)
    models = [simulate(workload), *other_phases(workload)]
    predicted = summary([value for model in models for value in of_record(model)])
    assert predicted is not None, f"{file}: nobody wakes"
    tick = 1_000_000_000 // workload.scheduler.parameters["hz"]
    found = Measured(file.stem, tick, predicted)
    while len(found.runs) < runs and found.set_aside < tries:
        real = run_real(workload, trace=trace)
        record = summary(of_record(real))
        if record is None or noise_of(real).largest > NOISE:
            found.set_aside += 1
        else:
            found.runs.append((record, summary(of_trace(real))))
    return found


def main() -> int:
    """Measure and print. Return exit status 0 if all limits hold, otherwise 1."""
    parser = parser_of(__doc__, tries=15)
    parser.add_argument("--no-trace", action="store_true", help="without the kernel's trace")
    arguments = parser.parse_args()
    rows = rows_of(arguments, FOLDER, partial(measure, trace=not arguments.no_trace))
    print("\n".join(table(HEADER, (row.cells() for row in rows))))
    traced = [run for row in rows for run in row.runs if run[1] is not None]
    if not traced:
        print("No run was traced: that needs root, and a kernel with tracefs.")
        return 1 - all(row.holds for row in rows)
    apart = max(abs(record.median - trace.median) for record, trace in traced if trace) / 1e6
    print(f"Medians of record and trace: at most {apart:.3f} ms apart (asked {AGREES})")
    return 0 if apart <= AGREES and all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
