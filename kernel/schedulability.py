"""Will every deadline be met? What the classical theory answers for periodic tasks, without a run.

All of it is about one core and jobs that do not block, and about the worst: all tasks released at
once, each job as long as the longest. Whole numbers and fractions only; no answer is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap

from kernel.process.program import CPU, RELEASE, Program
from kernel.units import format_duration
from kernel.workload import Workload

MOST_TERMS = 3_000_000
"""What one analysis may add up, about a second; odd periods can take for ever, so it gives up."""


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """A periodic process as the theory sees it. Times in ns."""

    name: str
    cost: int  # CPU time of its longest job
    period: int
    deadline: int  # after a release

    @property
    def share(self) -> Fraction:
        """Of the core: cost / period."""
        return Fraction(self.cost, self.period)


@dataclass(frozen=True, slots=True)
class Response:
    """The longest that a job of `task` can take from its release to its completion."""

    task: PeriodicTask
    worst: int | None  # ns; None: more than its deadline, or not known
    meets: bool | None  # its deadline; None: that would take too long to find out


class _TooLongError(Exception):
    """The analysis has added up MOST_TERMS terms."""


class _Terms:
    """Counts what an analysis adds up."""

    def __init__(self) -> None:
        self.left = MOST_TERMS

    def take(self, many: int) -> None:
        self.left -= many + 1
        if self.left < 0:
            raise _TooLongError


def tasks_of(workload: Workload) -> list[PeriodicTask]:
    """The periodic processes, in file order."""
    costs: dict[int, int] = {}  # by the identity of programs, which many processes may share
    found = []
    for spec in workload.processes:
        if spec.period is not None:
            if id(spec.program) not in costs:
                costs[id(spec.program)] = _longest_job(spec.program)
            cost, deadline = costs[id(spec.program)], spec.deadline or spec.period
            found.append(PeriodicTask(spec.name, cost, spec.period, deadline))
    return found


def _longest_job(program: Program) -> int:
    longest = job = 0
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == RELEASE:
            longest, job = max(longest, job), 0
        elif place == CPU:
            job += duration
    return max(longest, job)


def utilisation(tasks: Sequence[PeriodicTask]) -> Fraction:
    """The share of one core that the tasks need together. Above 1, no policy helps."""
    return sum((task.share for task in tasks), Fraction(0))


def within_liu_layland(tasks: Sequence[PeriodicTask]) -> bool:
    """U <= n (2^(1/n) - 1): then rate monotonic meets all deadlines that are not before the period.

    Enough, not needed. Liu and Layland, Journal of the ACM 20 (1973) 46-61.
    """
    used, many = utilisation(tasks), len(tasks)
    if many and abs(used - Fraction(bound(many))) > Fraction(1, 10**9):
        return used < bound(many)
    return many == 0 or (used / many + 1) ** many <= 2  # exact, and slow: only where it is close


def bound(many: int) -> float:
    """Liu and Layland's bound for so many tasks, n (2^(1/n) - 1), to about 15 digits."""
    return many * math.expm1(math.log(2) / many)


def by_period(task: PeriodicTask) -> int:
    """The order of rate monotonic: the shortest period first."""
    return task.period


def by_deadline(task: PeriodicTask) -> int:
    """The order of deadline monotonic: the shortest relative deadline first."""
    return task.deadline


def response_times(
    tasks: Sequence[PeriodicTask], order: Callable[[PeriodicTask], int]
) -> list[Response]:
    """The worst response of each task under fixed priorities, the first in order first.

    Equal keys: file order. A job's response R is the least R = C + sum of ceil(R / Tj) Cj over the
    tasks before it (Joseph and Pandya, Computer Journal 29 (1986); Audsley et al., Software
    Engineering Journal 8 (1993)); where it passes the period, the later jobs of the busy period
    count as well (Lehoczky, RTSS 1990).
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
    """ns; None: more than the deadline."""
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
    """Whether earliest deadline first meets every deadline. None: takes too long to find out.

    Deadlines at or after the period: U <= 1 (Liu and Layland 1973). Others: no interval from 0 has
    more demand than time (Baruah, Rosier, Howell, Real-Time Systems 2 (1990)), looked at backwards
    from the usual bound, which needs few points (Zhang and Burns, QPA, 2009).
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
    """CPU time, ns, of the jobs that are released and due in [0, until]."""
    return sum(
        ((until - task.deadline) // task.period + 1) * task.cost
        for task in tasks
        if task.deadline <= until
    )


def _deadline_until(tasks: Sequence[PeriodicTask], until: int) -> int:
    """The last deadline that is not after `until`, which the first one is not."""
    return max(
        until - (until - task.deadline) % task.period for task in tasks if task.deadline <= until
    )


def _last_of_interest(tasks: Sequence[PeriodicTask], used: Fraction) -> int:
    """If an interval from 0 has too much demand, one that is not longer than this has, ns."""
    longest = max(task.deadline for task in tasks)
    if used == 1:  # it repeats after the hyperperiod
        return math.lcm(*(task.period for task in tasks)) + longest
    slack = sum(((t.period - t.deadline) * t.share for t in tasks), Fraction(0)) / (1 - used)
    return max(longest, math.floor(slack))


# -- in words -------------------------------------------------------------------------------------

WIDTH = 80
MOST_TASKS = 1000
MOST_ROWS = 20


def describe(workload: Workload) -> list[str]:
    """What is to be said of a scenario's periodic processes before it runs; empty without any.

    Lines of at most 80 columns: the utilisation, then each policy's answer.
    """
    tasks = tasks_of(workload)
    if not tasks:
        return []
    if len(tasks) > MOST_TASKS:
        return [f"{len(tasks)} periodic processes: too many to say whether all deadlines are met"]
    lines = [_of_utilisation(tasks, workload.cores)]
    if not (why_not := _why_not(workload)):
        lines += [*_of_rm(tasks), *_of_dm(tasks), _of_edf(tasks), *_of_limits(workload)]
    else:
        lines.append(f"rm, dm, edf: the classical answers do not apply: {why_not}")
    return [part for line in lines for part in _wrapped(line)]


def _of_utilisation(tasks: Sequence[PeriodicTask], cores: int) -> str:
    used = utilisation(tasks)
    short = f" ({used})" if used.denominator < 10_000 else ""
    many = "1 periodic process" if len(tasks) == 1 else f"{len(tasks)} periodic processes"
    line = f"utilisation: {float(used):.3f}{short} by {many}"
    if used > cores:
        what = "the core" if cores == 1 else f"the {cores} cores"
        line += f"; more than {what}, so no policy meets all deadlines for long"
    return line


def _why_not(workload: Workload) -> str:
    """What the theory assumes and this scenario does not have."""
    if workload.cores > 1:
        return f"they are for one core, not {workload.cores}"
    for spec in workload.processes:
        if spec.period is not None and any(p not in (CPU, RELEASE) for p in spec.program.places):
            does = "makes calls" if spec.program.calls else "does I/O"
            return f"they are for jobs that never block, and {_name(spec.name)} {does}"
    return ""


def _of_rm(tasks: Sequence[PeriodicTask]) -> Iterator[str]:
    used, most = utilisation(tasks), f"{bound(len(tasks)):.3f} (Liu and Layland)"
    if any(task.deadline < task.period for task in tasks):
        yield f"rm: U <= {most} is for deadlines that are the period"
    elif within_liu_layland(tasks):
        yield f"rm: U <= {most}, so every deadline is met"
    elif used <= 1:
        yield f"rm: U > {most}, which leaves it open"
    else:
        yield f"rm: U > {most}"
    yield from _of_responses("rm", response_times(tasks, by_period))


def _of_dm(tasks: Sequence[PeriodicTask]) -> Iterator[str]:
    if sorted(tasks, key=by_period) == sorted(tasks, key=by_deadline):
        yield "dm: the same order as rm, so the same answer"
    else:
        yield from _of_responses("dm", response_times(tasks, by_deadline))


def _of_responses(policy: str, responses: Sequence[Response]) -> Iterator[str]:
    """The answer, then a row per task, those that can miss first if there are too many."""
    missing = [response for response in responses if response.meets is False]
    if missing:
        can = f"{len(missing)} of {len(responses)} can miss deadlines"
    elif all(response.meets for response in responses):
        can = "every deadline is met"
    else:
        can = "not known, it would take too long to work out"
    yield f"{policy}, by response-time analysis: {can}"
    rows = responses if len(responses) <= MOST_ROWS else (missing or responses)[:MOST_ROWS]
    width = max(len(_name(response.task.name)) for response in rows)
    for response in rows:
        yield f"    {_name(response.task.name):{width}}  {_row(response)}"
    if len(rows) < len(responses):
        yield f"    and {len(responses) - len(rows)} more"


def _row(response: Response) -> str:
    deadline = format_duration(response.task.deadline)
    if response.meets is None:
        return f"R ?  D {deadline}"
    if response.worst is None:
        return f"R > D {deadline}"
    return f"R {format_duration(response.worst)} <= D {deadline}"


def _of_edf(tasks: Sequence[PeriodicTask]) -> str:
    meets = meets_all_by_edf(tasks)
    if meets is None:
        return "edf: not known, it would take too long to work out"
    why = "U <= 1" if meets else "U > 1"
    if utilisation(tasks) <= 1 and any(task.deadline < task.period for task in tasks):
        why = "by processor demand"
    return f"edf: {why}: {'every deadline is met' if meets else 'deadlines can be missed'}"


def _of_limits(workload: Workload) -> Iterator[str]:
    """Where the scenario is not quite what the theory speaks of."""
    periodic = [spec for spec in workload.processes if spec.period is not None]
    if len({spec.arrival for spec in periodic}) > 1:
        yield "(for the worst case, in which all arrive at once; here they do not)"
    if any(spec.deadline and spec.period is None for spec in workload.processes):
        yield "(without the processes that have a deadline and no period)"
    if not workload.costs.nothing:
        yield "(without machine.costs)"


def _name(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:21]}..."


def _wrapped(line: str) -> list[str]:
    return wrap(line, WIDTH, subsequent_indent="  ") if len(line) > WIDTH else [line]
