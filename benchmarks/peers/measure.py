"""Measure how many times as long as ours other simulators take for the same work, in one run.

    python -m benchmarks.peers.measure

CPU time is measured, as the machine may be busy. In each of five rounds, ours runs directly before
the other simulator. The result is the median of the five ratios. Ours keeps its full record. If
another simulator makes exactly the same decisions, its completions must be ours to the nanosecond.
Otherwise the exit status is 1.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import bare
from benchmarks.peers.workloads import HORIZON, TASKS, alike, mixed, periodic
from kernel.workload import Workload
from sim.machine import SimulatedMachine
from timeline.record.recorder import Record

ROUNDS = 5
EXACT = ("fcfs", "rr", "srtf")  # policies for which bare SimPy makes the same decisions as ours
SIMSO = Path(sys.prefix) / "simso" / "bin" / "python"

Completions = list[int]


class Ratio(NamedTuple):
    """One comparison with another simulator."""

    name: str
    times: float | None  # its time divided by ours; None: it is not installed
    same: bool | None = None  # whether the completions agree; None: they need not


def ours(workload: Workload) -> tuple[float, Completions]:
    """Return the seconds of CPU time that our simulation takes, and its completions (ns)."""
    seconds, record = executed(workload)
    facts = record.facts
    return seconds, [facts[spec.index].completion or 0 for spec in workload.processes]


def _periodic(workload: Workload) -> tuple[float, int]:
    """Return the seconds of CPU time that a simulation takes, and how many jobs are late."""
    seconds, record = executed(workload)
    facts = record.facts
    late = sum(
        done > (number + 1) * (spec.period or 0)
        for spec in workload.processes
        for number, done in enumerate(facts[spec.index].jobs)
    )
    return seconds, late


def executed(workload: Workload) -> tuple[float, Record]:
    """Return the seconds of CPU time that a simulation takes, and its record."""
    machine = SimulatedMachine(workload, lambda _: None)
    gc.collect()
    began = time.process_time()
    machine.execute()
    return time.process_time() - began, machine.record


def theirs(run: Callable[[Workload], Completions], workload: Workload) -> tuple[float, Completions]:
    """Return the seconds of CPU time that another simulator takes, and its completions."""
    gc.collect()
    began = time.process_time()
    done = run(workload)
    return time.process_time() - began, done


def _ratio(name: str, other: Callable[[], tuple[float, Completions]], workload: Workload) -> Ratio:
    ratios, same = [], True
    for _ in range(ROUNDS):
        mine, done = ours(workload)
        seconds, others = other()
        ratios.append(seconds / mine)
        same = same and sorted(done) == sorted(others)
    return Ratio(name, statistics.median(ratios), same)


def bare_simpy(policy: str) -> Ratio:
    """Compare with bare SimPy: a mixed load under one policy."""
    workload = mixed(policy)
    found = _ratio(f"bare SimPy, {policy}", lambda: theirs(bare.run, workload), workload)
    return found if policy in EXACT else found._replace(same=None)


def salabim() -> Ratio:
    """Compare with salabim: first come, first served, with equal programs."""
    if find_spec("salabim") is None:
        return Ratio("salabim, fcfs", None)
    from benchmarks.peers import salabim_queue

    workload = alike()
    return _ratio("salabim, fcfs", lambda: theirs(salabim_queue.run, workload), workload)


def ciw() -> Ratio:
    """Compare with Ciw: first come, first served, with equal programs, in a network of queues."""
    if find_spec("ciw") is None:
        return Ratio("Ciw, fcfs", None)
    from benchmarks.peers import ciw_network

    workload = alike()
    return _ratio("Ciw, fcfs", lambda: theirs(ciw_network.run, workload), workload)


def simso(policy: str) -> Ratio:
    """Compare with SimSo: ten periodic tasks. SimSo runs in a process of its own."""
    name, workload = f"SimSo, {policy}", periodic(policy)
    if not SIMSO.exists():
        return Ratio(name, None)
    ratios, same = [], True
    for _ in range(ROUNDS):
        mine, late = _periodic(workload)
        told = subprocess.run(
            [
                SIMSO,
                Path(__file__).parent / "simso_tasks.py",
                policy,
                str(HORIZON),
                json.dumps(TASKS),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(told.stdout)
        ratios.append(found["seconds"] / mine)
        same = same and found["late"] == late
    return Ratio(name, statistics.median(ratios), same)


def measure() -> Iterator[Ratio]:
    """Yield the ratios of all simulators."""
    for policy in bare.POLICIES:
        yield bare_simpy(policy)
    yield salabim()
    yield ciw()
    for policy in ("edf", "rm"):
        yield simso(policy)


def show(ratio: Ratio) -> None:
    """Print one line of the results."""
    if ratio.times is None:
        print(f"      absent   {ratio.name}: make bench would install it")
        return
    agrees = {True: ", and agrees", False: ", and DIFFERS", None: ""}[ratio.same]
    print(f"{ratio.times:>11.2f}x  {ratio.name}: as long as ours{agrees}", flush=True)


def main() -> int:
    """Return exit status 1 if a simulator that must agree differs."""
    found = list(measure())
    for ratio in found:
        show(ratio)
    return int(any(ratio.same is False for ratio in found))


if __name__ == "__main__":
    sys.exit(main())
