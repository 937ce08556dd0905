"""Measure the cost of a slice in growing scenarios: with more processes, and with more cores.

    python -m benchmarks.scale

A hundred to a million processes with I/O come and go at a constant load. Their record is streamed
to a file. The CPU time for each slice is measured, with draws and writing, and the peak memory of
the process. Small scenarios are simulated several times. Then the same work is done on 1 to 64
cores. The exit status is 1 if a bound is missed.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure, show
from language import Options, load
from sim import stream
from timeline.files.streaming import Streamed, compressed

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
CORES = (1, 4, 16, 64)
GROWTH = 1.5  # largest ratio of the cost of a slice with 1,000,000 processes to that with 1,000
POLICIES = ("rr", "srtf", "mlfq", "fair")

SCENARIO = """
title: A constant load
seed: 1
machine: {cores: CORES, devices: {disk: {units: 400}}}
scheduler: {policy: rr}
processes:
  - name: batch
    count: 100
    arrival: {every: {exponential: GAPus}}
    program:
      - cpu: {uniform: [5ms, 20ms]}
      - io: {disk: {exponential: 20ms}}
      - cpu: {uniform: [5ms, 20ms]}
      - io: 3ms
      - cpu: 10ms
"""


class Cost(NamedTuple):
    """The cost of one run, or of several together."""

    slices: int
    seconds: float
    peak: int  # bytes

    @property
    def micros(self) -> float:
        """The CPU time of a slice, µs."""
        return 1e6 * self.seconds / self.slices


def run_here(processes: int, cores: int, policy: str) -> Cost:
    """Return the cost of a simulation in this process. The peak memory is that of the process."""
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        file, out = Path(folder) / "load.yaml", Path(folder) / "run.jsonl.gz"
        text = SCENARIO.replace("CORES", str(cores)).replace("GAP", str(40_000 // cores))
        file.write_text(text)
        limits = {"processes": 10_000_000, "steps": 100_000_000}
        sets = (f"processes.0.count={processes}",)
        seconds, slices = 0.0, 0
        for _ in range(max(1, 5_000 // processes)):
            options = Options(policy=policy, sets=sets, limits=limits, drawn=True)
            workload = load(file, options).workload
            with out.open("w") as target, compressed(out, target) as lines:
                began = time.process_time()
                record = Streamed(workload, lines.write)
                stream(workload, record)
                seconds += time.process_time() - began
            slices += record.totals.slices
    return Cost(slices, seconds, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def run(processes: int, cores: int = 2, policy: str = "rr") -> Cost:
    """Return the cost of a simulation in a new process."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", str(processes), str(cores), policy],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    return Cost(*json.loads(told.stdout))


def growth() -> Iterator[Figure]:
    """Print the cost for each number of processes, and yield how much it grows."""
    print(f"{'processes':>11}{'slices':>13}{'µs a slice':>12}{'MB at most':>12}")
    costs = {}
    for processes in SIZES:
        cost = costs[processes] = run(processes)
        megabytes = cost.peak / 1e6
        print(
            f"{processes:>11,}{cost.slices:>13,}{cost.micros:>12.2f}{megabytes:>12.1f}", flush=True
        )
    first, last = costs[1_000], costs[SIZES[-1]]
    grown = last.micros / first.micros
    yield Figure("a slice, of 1,000,000 over 1,000", grown, GROWTH, f"x{grown:.2f}", True)
    more = last.peak / first.peak
    yield Figure("memory, of 1,000,000 over 1,000", more, 1.2, f"x{more:.2f} (at most 1.2)", True)


def on_cores() -> None:
    """Print the cost of a slice for each number of cores. The load of a core is always the same."""
    print(f"\n{'cores':>11}" + "".join(f"{policy:>12}" for policy in POLICIES) + "   µs a slice")
    for cores in CORES:
        costs = [run(10_000, cores, policy).micros for policy in POLICIES]
        print(f"{cores:>11}" + "".join(f"{micros:>12.2f}" for micros in costs), flush=True)


def main() -> int:
    """Return exit status 1 if a bound is missed."""
    if len(sys.argv) > 1:
        processes, cores, policy = sys.argv[1:]
        print(json.dumps(run_here(int(processes), int(cores), policy)))
        return 0
    figures = list(growth())
    on_cores()
    print()
    return int(not show(figures))


if __name__ == "__main__":
    sys.exit(main())
