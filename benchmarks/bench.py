"""Speed and memory of the simulator and of the command, against bare SimPy on the same machine.

    python -m benchmarks.bench

A rate of its own says little, for machines differ and are busy. So each rate is divided by the
bare SimPy rate measured just before it, both in processor time; of three rounds the median counts.
What decisions cost (decisions.py), how fast memory is allocated (memory.py), how large and fast the
page is (page.py) and how long the policies are (sizes.py) is printed with it. Exit status 1 if a
bound is missed.
"""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from array import array
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import simpy

from benchmarks.decisions import decision_figures
from benchmarks.exports import export_figures
from benchmarks.figures import Figure, show
from benchmarks.memory import LIVE, memory_figures
from benchmarks.page import page_figures
from benchmarks.sizes import size_figures
from kernel.hardware import DeviceSpec
from kernel.policies import POLICIES
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import State
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload
from sim import simulate
from sim.machine import SimulatedMachine
from timeline.record.assembly import RunFacts, make_run
from timeline.record.run import SIMULATED, Run

ROOT = Path(__file__).parent.parent
ROUNDS = 3
MANY, FEW = 20_000, 10  # processes alive at once
TIMEOUTS = 400_000
QUANTUM = ms(10)
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As on most machines, Python keeps what it has compiled."""

SCENARIO = """
title: Some 270,000 slices
seed: 1
machine: {devices: {disk: {units: 8}}}
scheduler: {policy: rr, quantum: 10ms}
processes:
  - name: batch
    count: 9500
    arrival: {every: {exponential: 290ms}}
    program:
      - repeat: {times: 6, do: [{cpu: {uniform: [10ms, 80ms]}}, {io: {disk: {exponential: 20ms}}}]}
"""


class Rate(NamedTuple):
    """What one timed piece of work came to."""

    per_second: float
    amount: int
    run: Run | None = None


# -- what is timed --------------------------------------------------------------------------------


def bare_simpy(alive: int) -> Rate:
    """Timeouts a second of processes that do nothing but wait, all for the same time.

    That is SimPy at its best: waiting for different times costs it half as much again.
    """
    env = simpy.Environment()

    def sleeper() -> Generator[simpy.Event, Any, None]:
        while True:
            yield env.timeout(1)

    for _ in range(alive):
        env.process(sleeper())
    env.run(until=1)  # all have begun to wait
    began = time.process_time()
    env.run(until=1 + TIMEOUTS // alive)
    return Rate(TIMEOUTS / (time.process_time() - began), TIMEOUTS)


def simulation(workload: Workload) -> Rate:
    """Events a second, slices and waits, of the simulator with its full record kept.

    Metrics are in the figure of the whole command.
    """
    machine = SimulatedMachine(workload, lambda _: None)
    began = time.process_time()
    machine.execute()
    seconds = time.process_time() - began
    record = machine.record
    facts = record.all_facts(len(workload.processes))
    run = make_run(RunFacts(SIMULATED, workload, record.intervals, facts))
    states = run.intervals.state.tobytes()
    events = states.count(int(State.RUNNING)) + states.count(int(State.BLOCKED))
    return Rate(events / seconds, events, run)


def command(file: Path, out: Path) -> Rate:
    """Slices a second of the whole command, from its start to its end."""
    seconds = processor_time("simulate", str(file), "--out", str(out))
    slices = sum(row["slices"] for row in json.loads(out.read_text())["processes"])
    return Rate(slices / seconds, slices)


def processor_time(*arguments: str) -> float:
    """Seconds of a command: what it takes where nothing else is at work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        env=COMPILED,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# -- the workloads --------------------------------------------------------------------------------


def many_alive() -> Workload:
    """20,000 processes from the first moment on: 3 bursts of 5 slices each, I/O in between."""
    program = [
        (CPU, 5 * QUANTUM),
        (0, ms(5)),
        (CPU, 5 * QUANTUM),
        (WAIT, ms(40)),
        (CPU, 5 * QUANTUM),
    ]
    return _workload(Program.of(program), (0 for _ in range(MANY)))


def few_alive() -> Workload:
    """Return a stable load: random arrivals that want nine tenths of the CPU."""
    program = Program.of([(CPU, 5 * QUANTUM), (0, ms(5)), (CPU, 5 * QUANTUM), (WAIT, ms(40))] * 5)
    return _workload(program, _arrivals(6_000, program.demand / 0.9))


def long_lived() -> Workload:
    """10 processes, 300,000 slices: the record is all that grows."""
    program = Program.of([(CPU, 3 * QUANTUM), (0, ms(5))] * 10_000)
    return _workload(program, (0 for _ in range(FEW)))


def _arrivals(count: int, gap: float) -> Iterator[int]:
    draws, at = random.Random(1), 0.0
    for _ in range(count):
        at += draws.expovariate(1 / gap)
        yield int(at)


def under(workload: Workload, policy: str) -> Workload:
    """Return the workload under another policy; `rr` gets a quantum as long as its bursts."""
    parameters = POLICIES[policy].parameters()
    if policy == "rr":
        parameters["quantum"] = QUANTUM
    return replace(workload, scheduler=SchedulerSpec(policy, POLICIES[policy], parameters))


def _workload(program: Program, arrivals: Iterator[int]) -> Workload:
    return Workload(
        source={"title": "bench", "seed": 0},
        cores=1,
        devices=(DeviceSpec("disk", None),),
        memory=None,
        scheduler=SchedulerSpec("rr", POLICIES["rr"], {"quantum": QUANTUM}),
        processes=tuple(
            # each has a program of its own, as those that are read from a file have
            ProcessSpec(
                at,
                f"p{at}",
                arrival,
                Program(array("h", program.places), array("q", program.durations)),
            )
            for at, arrival in enumerate(arrivals)
        ),
    )


# -- the figures ----------------------------------------------------------------------------------


class Speeds:
    """The rates of all rounds, interleaved so that a busy moment meets both of a pair."""

    def __init__(self, file: Path) -> None:
        self.rates: dict[str, list[Rate]] = {}
        for _ in range(ROUNDS):
            self._time("bare, many", bare_simpy, MANY)
            self._time("many", simulation, many_alive())
            self._time("bare, few", bare_simpy, FEW)
            self._time("few", simulation, few_alive())
            self._time("bare, many again", bare_simpy, MANY)
            self._time("command", command, file, file.with_suffix(".json"))

    def _time(self, name: str, work: Callable[..., Rate], *arguments: Any) -> None:
        gc.collect()
        self.rates.setdefault(name, []).append(work(*arguments))

    def of(self, name: str) -> float:
        """Return the median rate of the program of that name."""
        return statistics.median(rate.per_second for rate in self.rates[name])

    def over(self, name: str, bare: str) -> float:
        """Return the median of one rate over another, each of the same round."""
        pairs = zip(self.rates[name], self.rates[bare], strict=True)
        return statistics.median(mine.per_second / theirs.per_second for mine, theirs in pairs)


def alive(run: Run) -> float:
    """Return how many processes are alive at a time, on average (Little's law)."""
    return sum(row.turnaround_ns or 0 for row in run.processes) / run.makespan_ns


def bytes_per_interval() -> float:
    """All that Python allocated for a simulation at its peak, over the intervals it recorded.

    A few processes with very many slices, so that it is the record that counts. Traced by
    tracemalloc from before the simulation until its `Run` is complete.
    """
    workload = long_lived()
    gc.collect()
    tracemalloc.start()
    run = simulate(workload)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / len(run.intervals)


def median_time(*arguments: str) -> float:
    """Return the median time (s) of five starts of the command."""
    processor_time(*arguments)  # in the first one it may be compiled
    return statistics.median(processor_time(*arguments) for _ in range(5))


def speed_figures(speeds: Speeds) -> Iterator[Figure]:
    """Rates over bare rates."""
    for what, name, bare, bound in (
        ("simulation, 20,000 alive / bare", "many", "bare, many", 0.35),
        ("simulation, few alive / bare", "few", "bare, few", 0.25),
        ("command with --out / bare, 20,000 alive", "command", "bare, many again", 0.08),
    ):
        value = speeds.over(name, bare)
        yield Figure(what, value, bound, f"{value:.3f} (at least {bound})")


def other_figures() -> Iterator[Figure]:
    """Memory and start-up."""
    size = bytes_per_interval()
    yield Figure("memory per recorded interval", size, 80, f"{size:.0f} B (at most 80)", True)
    lesson = str(ROOT / "scenarios" / "lessons" / "overlap.yaml")
    for what, bound, arguments in (
        ("--help", 0.1, ["--help"]),
        ("simulate of a lesson", 0.4, ["simulate", lesson]),
    ):
        seconds = median_time(*arguments)
        text = f"{seconds:.2f} s (at most {bound})"
        yield Figure(what, seconds, bound, text, True)


def show_rates(speeds: Speeds) -> None:
    """Print the rates of which the ratios are made."""
    for name, unit in (
        ("bare, many", "timeouts/s, bare SimPy, 20,000 processes alive"),
        ("bare, few", "timeouts/s, bare SimPy, 10 processes alive"),
        ("many", "events/s, simulation, 20,000 processes alive"),
        ("few", "events/s, simulation, {alive:.0f} processes alive on average"),
        ("command", "slices/s, the whole command with --out"),
    ):
        rate = speeds.rates[name][-1]
        told = unit.format(alive=alive(rate.run) if rate.run else 0)
        print(f"{speeds.of(name):>11,.0f} {told} ({rate.amount:,})")
    over_few = speeds.over("command", "bare, few")
    print(f"{over_few:>11.3f} the whole command over bare SimPy with 10 processes alive")


def main() -> int:
    """Exit status 1 if a bound is missed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "many.yaml"
        file.write_text(SCENARIO)
        speeds = Speeds(file)
    show_rates(speeds)
    print()
    decisions = list(decision_figures())
    print()
    figures = (
        speed_figures(speeds),
        other_figures(),
        decisions,
        memory_figures([LIVE]),
        page_figures(),
        export_figures(),
    )
    return int(not show(chain(*figures, size_figures())))


if __name__ == "__main__":
    sys.exit(main())
