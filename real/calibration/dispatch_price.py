"""The price of a dispatch, measured: small real workloads through our own dispatcher.

The workloads are made so that dispatches happen in all circumstances that make a difference
(`timeline.comparison.causes.price_fitting`): the first of a process and later ones, hot and after a long
time away, after short slices and long ones, on a core that was busy and on one that was idle; and
programs that are admitted while the run goes on, of two sizes. With all processors in use the
supervisor has to take one of them, which is another price; so there are two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from kernel.dispatch_price import MIB, Price
from kernel.hardware import MemorySpec
from kernel.process.program import CPU, WAIT, Program
from kernel.scheduling.policies.fcfs import FirstComeFirstServed
from kernel.scheduling.policies.round_robin import RoundRobin
from kernel.scheduling.policy import Policy
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload
from real.calibration.small_runs import measured_run, workload_of
from timeline.comparison.causes.price_fitting import factor, fitted, overshoot_ppm
from timeline.record.sorted_run import SortedRun

REPEATED = 4
"""How often each workload is run for a whole price."""
SLOWEST = 3.0
"""Largest factor by which a price may have changed when a run begins; 1 over it is the smallest. A
machine beyond either is disturbed, and what it needs then is no price."""

MOST_CORES = 2
"""Most cores that are measured. With more cores in use a decision is still for one or two of
them."""


def price(cores: int, tell: Callable[[str], None]) -> Price:
    """Return the price with so many cores in use. Takes some 5 s.

    `tell` hears of each repetition.
    """
    sorted_runs = []
    with _few_cores(cores) as few:
        for number in range(REPEATED):
            tell(f"dispatches with {cores} of the processors in use, {number + 1} of {REPEATED}")
            sorted_runs += [SortedRun(measured_run(workload)) for workload in _whole(few)]
    return fitted(sorted_runs)


def adapted(known: Price, cores: int, limit: float = SLOWEST) -> Price:
    """Return the price as it is just now, from small runs of at most half a second.

    All dispatches are taken to have changed by the same factor, which is at most `limit`, and not
    less than one over it.
    """
    with _few_cores(cores) as few:
        sorted_runs = [SortedRun(measured_run(workload)) for workload in _short(few)]
    changed = min(max(factor(known, sorted_runs), 1 / limit), limit)
    return replace(known.times(changed), overshoot_ppm=overshoot_ppm(sorted_runs))


@contextmanager
def _few_cores(cores: int) -> Iterator[int]:
    """Use few processors in this context: at most MOST_CORES, and a spare one if there is one now.

    Yields how many cores that are.
    """
    available = sorted(os.sched_getaffinity(0))
    few = min(cores, MOST_CORES)
    used = few + (cores < len(available))
    os.sched_setaffinity(0, available[len(available) - used :])
    try:
        yield few
    finally:
        os.sched_setaffinity(0, available)


# -- the workloads -------------------------------------------------------------------------------


def _whole(cores: int) -> Iterator[Workload]:
    yield _turns(cores, ms(5), ms(30))
    yield _turns(cores, ms(20), ms(60))
    yield _in_order(cores, [ms(30), ms(65), ms(12), ms(90), ms(30)], ms(15))
    yield _in_order(cores, [ms(60), ms(40), ms(30)], ms(30))
    yield _alone(cores)
    yield _loading(cores)


def _short(cores: int) -> Iterator[Workload]:
    yield _turns(cores, ms(8), ms(24))
    yield _in_order(cores, [ms(35), ms(35), ms(25)], ms(10))


def _turns(cores: int, quantum: int, each: int) -> Workload:
    """Return a workload in which three long programs a core take turns."""
    return workload_of(_spec("rr", RoundRobin, quantum=quantum), [_of(each)] * 3 * cores, cores)


def _in_order(cores: int, bursts: Sequence[int], later: int) -> Workload:
    """Return a workload of bursts one after the other, each again after a long wait."""
    programs = [_of(burst, ms(60), later) for burst in bursts for _ in range(cores)]
    return workload_of(_spec("fcfs", FirstComeFirstServed), programs, cores)


def _alone(cores: int) -> Workload:
    """Return a workload in which a core falls idle between bursts and before arrivals."""
    waits = [ms(2), ms(25), ms(4), ms(30), ms(3)]
    steps = [ns for wait in waits for ns in (ms(5), wait)]
    programs = [_of(*steps, ms(5)) for _ in range(cores)] + [_of(ms(3)) for _ in range(3 * cores)]
    arrivals = [0] * cores + [ms(130 + 30 * at) for at in range(3) for _ in range(cores)]
    return workload_of(_spec("fcfs", FirstComeFirstServed), programs, cores, arrivals)


def _loading(cores: int) -> Workload:
    """Return a workload with one partition, in which small and large programs take turns."""
    memory = MemorySpec(size=8 * MIB, partitions=(8 * MIB,))
    sizes = [MIB, 8 * MIB, MIB, 8 * MIB, MIB]
    programs = [_of(ms(15)) for _ in sizes]
    return workload_of(
        _spec("fcfs", FirstComeFirstServed), programs, cores, memory=memory, sizes=sizes
    )


def _of(*durations: int) -> Program:
    """Return a program of bursts and waits by turns. `durations` in ns."""
    return Program.of([(WAIT if at % 2 else CPU, ns) for at, ns in enumerate(durations)])


def _spec(name: str, policy: type[Policy], **parameters: int) -> SchedulerSpec:
    return SchedulerSpec(name, policy, {**policy.parameters(), **parameters})
