"""Measure sweeps: speed, memory, the coverage of intervals, and what kills leave.

    python -m benchmarks.sweeps speed        overhead, workers, Dask, memory, beside peers
    python -m benchmarks.sweeps coverage     how many of 1,000 intervals hold the true mean of M/M/1
    python -m benchmarks.sweeps kills        100 kills of a worker, 50 of the sweep

The exit status is 1 if a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, show
from experiments.design.axes import axis_of
from experiments.design.plan import Plan, plan_of
from experiments.design.seeds import seed_of
from experiments.results.rows import Row, Rows
from experiments.running.bench import Bench
from experiments.running.cores import Cores
from experiments.running.executor import Executor, Local
from experiments.running.setup import Setup
from experiments.running.sweep import Sweep
from experiments.statistics.intervals import estimate
from experiments.statistics.stopping import Stopping
from language.schema.context import CheckContext
from language.schema.experiment import Experiment
from language.source.limits import LIMITS
from language.source.options import Options
from language.variants import ScenarioText
from sim import simulate

if TYPE_CHECKING:
    from kernel.workload import Workload

ROOT = Path(__file__).parent.parent
OVERLAP = """
seed: 1
machine: {cores: 1}
memory: {scheme: fixed, partitions: [16MiB, 16MiB, 16MiB]}
scheduler: {policy: fcfs}
processes:
  - name: A
    memory: 10MiB
    program: [{cpu: {exponential: 60ms}}, {io: 100ms}, {cpu: {exponential: 40ms}}]
  - name: B
    memory: 12MiB
    program: [{cpu: {exponential: 40ms}}, {io: 110ms}, {cpu: {exponential: 40ms}}]
  - name: C
    memory: 8MiB
    program: [{cpu: {exponential: 80ms}}, {io: 60ms}, {cpu: {exponential: 60ms}}]
"""
"""The lesson overlap.yaml with random bursts."""
QUEUE = """
seed: 0
scheduler: {policy: fcfs}
processes:
  - {name: P, count: 400, arrival: {every: {exponential: 20ms}}, cpu: {exponential: 10ms}}
"""
"""An M/M/1 queue at load 0.5: a mean time in the system of 20 ms."""
TRUE_MEAN = 20e6  # ns
REPLICATIONS = 10_000
ROUNDS = 3  # of each way to sweep; the shortest counts
MOST = 30  # replications of a sweep of the queue


def bounded(
    what: str, value: float, *, least: float | None = None, most: float | None = None
) -> Figure:
    """Return a figure with a bound on one side, or with none."""
    if most is not None:
        return Figure(what, value, most, f"{value:8.3g}   at most {most:g}", at_most=True)
    text = f"{value:8.3g}" + ("" if least is None else f"   at least {least:g}")
    return Figure(what, value, float("-inf") if least is None else least, text)


def planned(text: str, keys: Sequence[str], **asked: object) -> tuple[Plan, Setup]:
    """Return the plan of an experiment, and what its workers need."""
    experiment = Experiment.model_validate(asked, context=CheckContext(0, 0))
    axes = dict(axis_of(key, 1_000_000) for key in keys)
    limits = {**LIMITS, "replications": 10**7}
    plan = plan_of(experiment, axes, None, 0, limits)
    return plan, Setup("f.yaml", text, Options(), *plan.points, plan.measures, plan.windows)


def swept(plan: Plan, executor: Executor) -> tuple[Rows, float]:
    """Return the rows, and how many seconds the sweep took. The executor is closed."""
    rows = Rows(len(plan.points.rows), len(plan.measures), plan.rows_each)
    began = time.perf_counter()
    Sweep(plan, rows, lambda *_: None, lambda *_: None).run(executor)
    seconds = time.perf_counter() - began
    executor.close()
    return rows, seconds


# -- speed ----------------------------------------------------------------------------------------


def overhead() -> float:
    """Return the ms of CPU time that a replication takes beyond its simulation.

    Bare simulations of the same workloads, made before, and whole replications take turns.
    """
    _plan, setup = planned(OVERLAP, ["seed=1"], repeat=REPLICATIONS)
    bench, text = Bench(setup), ScenarioText("f.yaml", OVERLAP, Options())
    draw = text.at(()).redraws()
    bare = whole = 0.0
    for first in range(1, REPLICATIONS + 1, 500):
        numbers = range(first, first + 500)
        workloads: list[Workload] = [draw(seed_of(1, number)) for number in numbers]
        began = time.process_time()
        for workload in workloads:
            simulate(workload)
        between = time.process_time()
        for number in numbers:
            bench.replication(0, number)
        bare, whole = bare + between - began, whole + time.process_time() - between
    print(f"a bare simulation takes {1e3 * bare / REPLICATIONS:.3f} ms", file=sys.stderr)
    return 1e3 * (whole - bare) / REPLICATIONS


def row_bytes() -> float:
    """Return how many bytes of memory a row takes, with the usual measures."""
    plan, _ = planned(OVERLAP, ["seed=1,2"], repeat=50_000)
    tracemalloc.start()
    rows = Rows(2, len(plan.measures))
    values = [1.0] * len(plan.measures)
    for number in range(1, 50_001):
        rows.put(0, number, values)
        rows.put(1, number, values)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / 100_000


def processor_seconds() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def shell_loop(runs: int) -> float:
    """Return the seconds of one run of a shell loop over `simulate --json`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "f.yaml"
        file.write_text(OVERLAP)
        loop = (
            f"for seed in $(seq {runs}); do {sys.executable} {ROOT}/cli.py simulate {file} "
            "--seed $seed --json > run.json; done"
        )
        began = time.perf_counter()
        subprocess.run(["sh", "-c", loop], check=True, cwd=folder)
        return (time.perf_counter() - began) / runs


def by_hand(workers: int) -> float:
    """Return the seconds of a SimPy script with a pool, for as many replications in all."""
    began = time.perf_counter()
    subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.peers.pool", str(workers)),
            str(REPLICATIONS // 2),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    return time.perf_counter() - began


def in_turn(
    plan: Plan, ways: dict[str, Callable[[], Executor]]
) -> tuple[dict[str, float], dict[str, float]]:
    """Sweep ROUNDS times in each way, in turn. Return the least seconds and CPU time of each."""
    taken, used = dict.fromkeys(ways, float("inf")), dict.fromkeys(ways, float("inf"))
    first: list[Row] = []
    for _ in range(ROUNDS):
        for way, executor in ways.items():
            before = processor_seconds()
            rows, seconds = swept(plan, executor())
            used[way] = min(used[way], processor_seconds() - before)
            taken[way] = min(taken[way], seconds)
            first = first or list(rows)
            assert list(rows) == first
        print(", ".join(f"{way} {taken[way]:.1f} s" for way in ways), file=sys.stderr)
    return taken, used


def speed() -> Iterator[Figure]:
    """Yield the figures of speed and memory."""
    yield bounded("overhead of a replication, ms of CPU time", overhead(), most=0.5)
    yield bounded("bytes of memory a row", row_bytes(), most=100)
    plan, setup = planned(OVERLAP, ["scheduler.policy=fcfs,sjf"], repeat=REPLICATIONS // 2)
    ways: dict[str, Callable[[], Executor]] = {
        "here": lambda: Local(Bench(setup)),
        "two workers": lambda: Cores(setup, 2),
    }
    if find_spec("distributed") is None:
        print("dask.distributed is not installed: not measured", file=sys.stderr)
    else:
        from experiments.running.dask_cluster import Workers
        from experiments.running.workplace import SweepWorkplace

        ways["Dask"] = lambda: Workers(SweepWorkplace, setup, "local", 2)
    taken, used = in_turn(plan, ways)
    yield bounded(
        "two workers, CPU time over that of none", used["two workers"] / used["here"], most=1.15
    )
    two = taken["two workers"]
    yield bounded("two workers, times as fast as none", taken["here"] / two, least=1.7)
    if "Dask" in taken:
        share = two / taken["Dask"]
        yield bounded("Dask with two workers, share of the speed of two", share, least=0.8)
    each = two / REPLICATIONS
    yield bounded("a shell loop over simulate --json, times as long", shell_loop(10) / each)
    yield bounded("a SimPy script with a pool of two, times as long", by_hand(2) / two)


# -- coverage -------------------------------------------------------------------------------------


def coverage(first: int, many: int) -> Iterator[Figure]:
    """Yield how many of so many intervals hold the truth; their scenarios have seeds from `first`.

    Each sweep has MOST replications. Of the same ones the first 30 are looked at, and as many as a
    precision of 10 % needs.
    """
    seeds = [f"seed=range({first},{first + many})"]
    plan, setup = planned(QUEUE, seeds, measure=["turnaround"], warmup="1s", repeat=MOST)
    rows, _ = swept(plan, Cores(setup, 2))
    columns = [list(rows.column(point, 0).values()) for point in range(many)]
    for name, least, most, ends in (
        ("30 replications", 93.0, 97.0, [30] * many),
        ("a precision of 10 %", None, None, [_stop(column, 0.1) for column in columns]),
    ):
        found = [estimate(column[:end], 0.95) for column, end in zip(columns, ends, strict=True)]
        hits = sum(each is not None and each.low <= TRUE_MEAN <= each.high for each in found)
        mean, full = sum(ends) / many, sum(end == MOST for end in ends)
        print(f"{name}: {hits} of {many} hold; {mean:.1f} replications, {full} times {MOST}")
        what = f"intervals that hold the truth, {name}, %"
        yield bounded(what, 100 * hits / many, least=least)
        if most is not None:
            yield bounded(what, 100 * hits / many, most=most)


def _stop(column: Sequence[float], precision: float) -> int:
    """Return after how many replications they are enough."""
    stopping = Stopping(1, precision, 0.95)
    return next((n for n, value in enumerate(column, 1) if stopping.enough([value])), len(column))


# -- kills ----------------------------------------------------------------------------------------


def sweep_command(folder: Path, out: str) -> subprocess.Popen[bytes]:
    """Start a sweep of some seconds in a process group of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, str(ROOT / "cli.py"), "sweep", "f.yaml", "--repeat", "1500"),
            *("scheduler.policy=fcfs,sjf,srtf,rr", "--jobs", "2", "--out", out),
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def workers_of(pid: int) -> list[int]:
    """Return the worker processes of a sweep."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdecimal() or b"sweep" not in (entry / "cmdline").read_bytes():
                continue
            if f"\nPPid:\t{pid}\n" in (entry / "status").read_text():
                found.append(int(entry.name))
        except OSError:  # it is gone
            continue
    return found


def killed(folder: Path, kills: int, whole: bool, draws: random.Random) -> tuple[int, int, bytes]:
    """Kill workers (or, with `whole`, the sweep) at random moments until so many are killed.

    Return how many were killed, how often a command ran, and the sorted rows in the end.
    """
    done = commands = number = 0
    rows = b""
    while done < kills:
        number += 1
        out = folder / f"{'sweep' if whole else 'worker'}-{number}.csv"
        status = 1
        while status:
            command = sweep_command(folder, out.name)
            commands += 1
            until = time.monotonic() + draws.uniform(0.5, 6)
            while command.poll() is None:
                time.sleep(0.05)
                if done >= kills or time.monotonic() < until:
                    continue
                there = workers_of(command.pid)
                victim = command.pid if whole else draws.choice(there) if there else 0
                if victim:
                    os.kill(victim, signal.SIGKILL)
                    done += 1
                until = time.monotonic() + draws.uniform(0.5, 4)
            status = command.wait()
        now = b"\n".join(sorted(out.read_bytes().splitlines()))
        assert not rows or rows == now
        rows = now
    return done, commands, rows


def left_behind() -> int:
    """Return how many workers of sweeps are left."""
    time.sleep(1)
    return len(workers_of(1))


def kills(workers: int, sweeps: int) -> Iterator[Figure]:
    """Yield how many kills there were, and whether the rows are those of an undisturbed sweep."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "f.yaml").write_text(OVERLAP)
        sweep_command(folder, "quiet.csv").wait()
        quiet = b"\n".join(sorted((folder / "quiet.csv").read_bytes().splitlines()))
        for what, many, whole in (("a worker", workers, False), ("the sweep", sweeps, True)):
            done, commands, rows = killed(folder, many, whole, random.Random(many))
            print(f"{done} kills of {what}, {commands} commands", file=sys.stderr)
            yield bounded(f"kills of {what} after which rows differ", float(rows != quiet), most=0)
        yield bounded("workers left behind", float(left_behind()), most=0)


def main() -> int:
    """Measure what is asked for. Return 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "coverage", "kills"])
    parser.add_argument("--intervals", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first interval")
    parser.add_argument("--workers", type=int, default=100, help="kills of a worker")
    parser.add_argument("--sweeps", type=int, default=50, help="kills of the sweep")
    asked = parser.parse_args()
    figures = speed()
    if asked.what == "coverage":
        figures = coverage(asked.first, asked.intervals)
    elif asked.what == "kills":
        figures = kills(asked.workers, asked.sweeps)
    return 0 if show(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
