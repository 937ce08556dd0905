"""Measure speed and memory of the simulator and the command, against bare SimPy on this machine.

    python -m benchmarks.bench

A rate alone says little, because machines differ and may be busy. So each rate is divided by the
rate of bare SimPy, measured directly before it. Both are in CPU time, and the result is the median
of three rounds. The figures of other benchmarks are printed too: the cost of decisions
(decisions.py), the speed of allocating memory (memory.py), the size and speed of the page
(page.py), the speed of exports (exports.py) and the length of the policies (sizes.py). The exit
status is 1 if a bound is missed.
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
"""The environment of commands. In it Python keeps its compiled files, as on most machines."""

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
    """The result of one piece of work that was measured."""

    per_second: float
    amount: int
    run: Run | None = None


# -- what is timed --------------------------------------------------------------------------------


def bare_simpy(alive: int) -> Rate:
    """Return the timeouts a second of processes that only wait, all for the same time.

    This is the best case for SimPy: with different times a timeout takes half as long again.
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
    """Return the events (slices and waits) a second of the simulator, which keeps its full record.

    The time for metrics is not in it, but in that of the whole command.
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
    """Return the slices a second of the whole command, from its start to its end."""
    seconds = processor_time("simulate", str(file), "--out", str(out))
    slices = sum(row["slices"] for row in json.loads(out.read_text())["processes"])
    return Rate(slices / seconds, slices)


def processor_time(*arguments: str) -> float:
    """Run a command. Return the seconds of CPU time that it takes."""
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
    """Return 20,000 processes that arrive at 0, with 3 bursts of 5 slices each and I/O between."""
    program = [
        (CPU, 5 * QUANTUM),
        (0, ms(5)),
        (CPU, 5 * QUANTUM),
        (WAIT, ms(40)),
        (CPU, 5 * QUANTUM),
    ]
    return _workload(Program.of(program), (0 for _ in range(MANY)))


def few_alive() -> Workload:
    """Return a stable load: random arrivals that ask for 90 % of the CPU."""
    program = Program.of([(CPU, 5 * QUANTUM), (0, ms(5)), (CPU, 5 * QUANTUM), (WAIT, ms(40))] * 5)
    return _workload(program, _arrivals(6_000, program.demand / 0.9))


def long_lived() -> Workload:
    """Return 10 processes with 300,000 slices, so that only the record grows."""
    program = Program.of([(CPU, 3 * QUANTUM), (0, ms(5))] * 10_000)
    return _workload(program, (0 for _ in range(FEW)))


def _arrivals(count: int, gap: float) -> Iterator[int]:
    draws, at = random.Random(1), 0.0
    for _ in range(count):
        at += draws.expovariate(1 / gap)
        yield int(at)


def under(workload: Workload, policy: str) -> Workload:
    """Return the workload under another policy. The quantum of `rr` is QUANTUM."""
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
            # each process has a program of its own, as if it were read from a file
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
    """The rates of all rounds. The two rates of a ratio are measured one directly after the other.

    So a busy moment of the machine affects both.
    """

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
        """Return the median rate of the work of that name."""
        return statistics.median(rate.per_second for rate in self.rates[name])

    def over(self, name: str, bare: str) -> float:
        """Return the median ratio of two rates, each pair from the same round."""
        pairs = zip(self.rates[name], self.rates[bare], strict=True)
        return statistics.median(mine.per_second / theirs.per_second for mine, theirs in pairs)


def alive(run: Run) -> float:
    """Return how many processes are alive at the same time on average (Little's law)."""
    return sum(row.turnaround_ns or 0 for row in run.processes) / run.makespan_ns


def bytes_per_interval() -> float:
    """Return the peak memory of a simulation (bytes) divided by the number of recorded intervals.

    There are few processes with very many slices, so almost all memory is the record. tracemalloc
    traces it from before the simulation until its `Run` is complete.
    """
    workload = long_lived()
    gc.collect()
    tracemalloc.start()
    run = simulate(workload)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / len(run.intervals)


def median_time(*arguments: str) -> float:
    """Return the median CPU time (s) of five runs of the command."""
    processor_time(*arguments)  # not measured, as Python may compile the files
    return statistics.median(processor_time(*arguments) for _ in range(5))


def speed_figures(speeds: Speeds) -> Iterator[Figure]:
    """Yield the rates divided by those of bare SimPy."""
    for what, name, bare, bound in (
        ("simulation, 20,000 alive / bare", "many", "bare, many", 0.35),
        ("simulation, few alive / bare", "few", "bare, few", 0.25),
        ("command with --out / bare, 20,000 alive", "command", "bare, many again", 0.08),
    ):
        value = speeds.over(name, bare)
        yield Figure(what, value, bound, f"{value:.3f} (at least {bound})")


def other_figures() -> Iterator[Figure]:
    """Yield the memory of an interval and the CPU time of short commands."""
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
    """Print the rates from which the ratios are computed."""
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
    """Print all rates and figures. Return exit status 1 if a bound is missed."""
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
