"""Whether every deadline will be met: the classical theory of periodic tasks, without a run.

The theory is for one core and jobs that do not block, in the worst case: all tasks are released at
once, and each job is as long as the longest. It is computed in whole numbers and fractions; no
answer is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kernel.process.program import CPU, RELEASE, Program
from kernel.workload import Workload

MOST_TERMS = 3_000_000
"""Terms that one analysis may add up, about a second. With odd periods it could take for ever."""


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """A periodic process as the theory sees it. Times in ns."""

    name: str
    cost: int  # CPU time of its longest job
    period: int
    deadline: int  # after a release

    @property
    def share(self) -> Fraction:
        """Return the share of the core that it needs: cost / period."""
        return Fraction(self.cost, self.period)


@dataclass(frozen=True, slots=True)
class Response:
    """The longest that a job of `task` can take from its release to its completion."""

    task: PeriodicTask
    worst: int | None  # ns; None: more than its deadline, or not known
    meets: bool | None  # its deadline; None: that would take too long to find out


@dataclass(frozen=True, slots=True)
class TaskSet:
    """The periodic processes of a scenario, and whether the theory applies to them."""

    tasks: Sequence[PeriodicTask]
    cores: int
    blocking: str | None  # the first periodic process that does I/O or makes calls
    makes_calls: bool  # the process `blocking` makes calls
    arrive_apart: bool  # the worst case, in which all arrive at once, does not occur
    others_have_deadlines: bool  # there are processes with a deadline and no period
    has_costs: bool  # dispatching takes time, which the theory leaves out

    @property
    def applies(self) -> bool:
        """Return whether the theory applies to the scenario."""
        return self.cores == 1 and self.blocking is None

    @property
    def has_early_deadlines(self) -> bool:
        """Return whether a deadline is before the end of its period."""
        return any(task.deadline < task.period for task in self.tasks)

    @property
    def has_one_order(self) -> bool:
        """Return whether rate monotonic and deadline monotonic are the same order here."""
        return sorted(self.tasks, key=by_period) == sorted(self.tasks, key=by_deadline)


class _TooLongError(Exception):
    """The analysis has added up MOST_TERMS terms."""


class _Terms:
    """Counts the terms that an analysis adds up. Raises _TooLongError above MOST_TERMS."""

    def __init__(self) -> None:
        self.left = MOST_TERMS

    def take(self, many: int) -> None:
        self.left -= many + 1
        if self.left < 0:
            raise _TooLongError


def tasks_of(workload: Workload) -> list[PeriodicTask]:
    """Return the periodic processes, in file order."""
    costs: dict[int, int] = {}  # by the identity of programs, which many processes may share
    found = []
    for spec in workload.processes:
        if spec.period is not None:
            if id(spec.program) not in costs:
                costs[id(spec.program)] = _longest_job(spec.program)
            cost, deadline = costs[id(spec.program)], spec.deadline or spec.period
            found.append(PeriodicTask(spec.name, cost, spec.period, deadline))
    return found


def task_set(workload: Workload) -> TaskSet:
    """Return the periodic processes of a scenario, and where it differs from the theory."""
    periodic = [spec for spec in workload.processes if spec.period is not None]
    blocking = next((spec for spec in periodic if _may_block(spec.program)), None)
    return TaskSet(
        tasks_of(workload),
        workload.cores,
        blocking.name if blocking is not None else None,
        blocking is not None and bool(blocking.program.calls),
        len({spec.arrival for spec in periodic}) > 1,
        any(spec.deadline and spec.period is None for spec in workload.processes),
        not workload.costs.nothing,
    )


def _may_block(program: Program) -> bool:
    return any(place not in (CPU, RELEASE) for place in program.places)


def _longest_job(program: Program) -> int:
    longest = job = 0
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == RELEASE:
            longest, job = max(longest, job), 0
        elif place == CPU:
            job += duration
    return max(longest, job)


def utilisation(tasks: Sequence[PeriodicTask]) -> Fraction:
    """Return the share of one core that the tasks need together. Above 1 no policy suffices."""
    return sum((task.share for task in tasks), Fraction(0))


def within_liu_layland(tasks: Sequence[PeriodicTask]) -> bool:
    """Return whether U <= n (2^(1/n) - 1).

    Then rate monotonic meets all deadlines that are not before the end of the period. The condition
    is sufficient, not necessary. Liu and Layland, Journal of the ACM 20 (1973) 46-61.
    """
    used, many = utilisation(tasks), len(tasks)
    if many and abs(used - Fraction(bound(many))) > Fraction(1, 10**9):
        return used < bound(many)
    return many == 0 or (used / many + 1) ** many <= 2  # exact and slow: only near the bound


def bound(many: int) -> float:
    """Return Liu and Layland's bound for `many` tasks, n (2^(1/n) - 1), to about 15 digits."""
    return many * math.expm1(math.log(2) / many)


def by_period(task: PeriodicTask) -> int:
    """Return the key of rate monotonic: the shortest period is first."""
    return task.period


def by_deadline(task: PeriodicTask) -> int:
    """Return the key of deadline monotonic: the shortest relative deadline is first."""
    return task.deadline


def response_times(
    tasks: Sequence[PeriodicTask], order: Callable[[PeriodicTask], int]
) -> list[Response]:
    """Return the worst response of each task under fixed priorities, the first in order first.

    Equal keys: file order. The response R of a job is the least R = C + sum of ceil(R / Tj) Cj over
    the tasks before it in the order (Joseph and Pandya, Computer Journal 29 (1986); Audsley et al.,
    Software Engineering Journal 8 (1993)). Where R is longer than the period, the later jobs of the
    busy period count as well (Lehoczky, RTSS 1990).
    """
    ordered, terms = sorted(tasks, key=order), _Terms()
    found = []
    for place, task in enumerate(ordered):
        try:
            worst = _worst(task, ordered[:place], terms)
            found.append(Response(task, worst, worst is not None))
        except _TooLongError:
            found.append(Response(task, None, None))
    return found


def _worst(task: PeriodicTask, before: Sequence[PeriodicTask], terms: _Terms) -> int | None:
    """Return the worst response, ns; None: more than the deadline."""
    worst = released = job = 0
    done = task.cost + sum(other.cost for other in before)
    while True:
        job += 1
        demand = -1
        while demand != done:
            if done - released > task.deadline:
                return None
            terms.take(len(before))
            demand = done
            done = job * task.cost + sum(-(-demand // o.period) * o.cost for o in before)
        worst = max(worst, done - released)
        released += task.period
        if done <= released:
            return worst
        done += task.cost


def meets_all_by_edf(tasks: Sequence[PeriodicTask]) -> bool | None:
    """Return whether earliest deadline first meets every deadline; None: it takes too long.

    Deadlines at or after the period: U <= 1 (Liu and Layland 1973). Earlier deadlines:
    no interval from 0 has more demand than time (Baruah, Rosier, Howell, Real-Time Systems 2
    (1990)). The points are examined backwards from the usual bound, which needs few of them (Zhang
    and Burns, QPA, 2009).
    """
    used = utilisation(tasks)
    if used > 1 or all(task.deadline >= task.period for task in tasks):
        return used <= 1
    first, terms = min(task.deadline for task in tasks), _Terms()
    at = _deadline_until(tasks, _last_of_interest(tasks, used))
    try:
        while True:
            terms.take(2 * len(tasks))
            demand = _demand(tasks, at)
            if demand > at or demand <= first:
                return demand <= at
            at = demand if demand < at else _deadline_until(tasks, at - 1)
    except _TooLongError:
        return None


def _demand(tasks: Sequence[PeriodicTask], until: int) -> int:
    """Return the CPU time, ns, of the jobs that are released and due in [0, until]."""
    return sum(
        ((until - task.deadline) // task.period + 1) * task.cost
        for task in tasks
        if task.deadline <= until
    )


def _deadline_until(tasks: Sequence[PeriodicTask], until: int) -> int:
    """Return the last deadline not after `until`, ns. At least one deadline is not after it."""
    return max(
        until - (until - task.deadline) % task.period for task in tasks if task.deadline <= until
    )


def _last_of_interest(tasks: Sequence[PeriodicTask], used: Fraction) -> int:
    """Return the longest interval from 0, ns, that may have more demand than time."""
    longest = max(task.deadline for task in tasks)
    if used == 1:  # the schedule repeats after the hyperperiod
        return math.lcm(*(task.period for task in tasks)) + longest
    slack = sum(((t.period - t.deadline) * t.share for t in tasks), Fraction(0)) / (1 - used)
    return max(longest, math.floor(slack))
