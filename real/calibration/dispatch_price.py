"""The price of a dispatch, measured in small dispatched runs.

The workloads have dispatches in all circumstances that make a difference to the price
(`timeline.comparison.causes.price_fitting`):

- the first dispatch of a process, and later ones;
- a process that ran shortly before (hot), and one that did not run for long (cold);
- after short slices, and after long ones;
- on a core that was busy, and on a core that was idle;
- programs of two sizes that are admitted while the run goes on.

There are two prices: with a spare processor for the supervisor, and without one. Without one, the
supervisor shares a processor with workers.
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
from translation import recorded

REPEATED = 4
"""How often each workload is run to measure a price."""
SLOWEST = 3.0
"""The largest factor by which a price may have changed when a run begins; 1 / SLOWEST is the
smallest. Beyond these limits the machine is disturbed, and its times are no price."""

MOST_CORES = 2
"""The most cores that are measured. With more cores, a decision still concerns one or two of
them."""


def price(cores: int, tell: Callable[[str], None]) -> Price:
    """Measure and return the price with so many cores in use. It takes some 5 s.

    `tell` gets a sentence about each repetition.
    """
    sorted_runs = []
    with _few_cores(cores) as few:
        for number in range(REPEATED):
            tell(
                recorded(
                    "dispatches with {cores} of the processors in use, {number} of {all}",
                    cores=cores,
                    number=number + 1,
                    all=REPEATED,
                )
            )
            sorted_runs += [SortedRun(measured_run(workload)) for workload in _whole(few)]
    return fitted(sorted_runs)


def adapted(known: Price, cores: int, limit: float = SLOWEST) -> Price:
    """Return the price at this time, from small runs that take at most half a second.

    All times of the `known` price change by the same factor, between 1 / `limit` and `limit`.
    """
    with _few_cores(cores) as few:
        sorted_runs = [SortedRun(measured_run(workload)) for workload in _short(few)]
    changed = min(max(factor(known, sorted_runs), 1 / limit), limit)
    return replace(known.times(changed), overshoot_ppm=overshoot_ppm(sorted_runs))


@contextmanager
def _few_cores(cores: int) -> Iterator[int]:
    """Use few processors in this context: at most MOST_CORES, and a spare one if `cores` leave one.

    Yields the number of cores without the spare processor.
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
    """Return a workload in which three long programs on each core take turns."""
    return workload_of(_spec("rr", RoundRobin, quantum=quantum), [_of(each)] * 3 * cores, cores)


def _in_order(cores: int, bursts: Sequence[int], later: int) -> Workload:
    """Return a workload of programs that run first come, first served, one burst at a time.

    Each core gets a program for each of `bursts`. After a long wait it has a burst of `later` ns.
    """
    programs = [_of(burst, ms(60), later) for burst in bursts for _ in range(cores)]
    return workload_of(_spec("fcfs", FirstComeFirstServed), programs, cores)


def _alone(cores: int) -> Workload:
    """Return a workload in which a core goes idle between bursts and before arrivals."""
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
    """Return a program of bursts and waits in turn, the first a burst. `durations` are in ns."""
    return Program.of([(WAIT if at % 2 else CPU, ns) for at, ns in enumerate(durations)])


def _spec(name: str, policy: type[Policy], **parameters: int) -> SchedulerSpec:
    return SchedulerSpec(name, policy, {**policy.parameters(), **parameters})
