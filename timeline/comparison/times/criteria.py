"""The second part of a verdict: the criteria of the times, less the machine's price and noise.

The machine's measured price is subtracted from each difference of times: switches (as far as the
machine is calibrated to need them), loading, and calls. What is left must be small. If it is small
only after noise is subtracted too, then noise hides whether the model was right. Noise is what
other programs and the hypervisor took, and dispatches later than calibrated. If what is left is
large even without noise, it is unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from timeline.comparison.causes.noise import Lateness, Noise
from timeline.comparison.criteria import (
    HIDDEN,
    SMALL,
    TIMES,
    TOLERANCES,
    UNEXPLAINED,
    Criterion,
    VerdictPart,
    in_sequence,
)
from timeline.comparison.measures import median
from timeline.comparison.pair import Pair
from timeline.comparison.times.bursts_and_waits import burst_criteria, cut_off, wait_criteria
from timeline.comparison.times.difference import TimeDifference, limit_words
from timeline.number_formats import digits, duration, share
from timeline.record.sorted_run import SortedRun
from translation import mark, recorded


def times_criteria(
    sorted_runs: tuple[SortedRun, SortedRun],
    makespan: TimeDifference | None,
    judged: Sequence[TimeDifference],
    received: Sequence[tuple[str, Pair]],
    *,
    calls: int,
    noise: Noise,
    decided_alike: bool,
) -> tuple[Criterion, ...]:
    """Return the criteria of all differences that must be small.

    `makespan` is None if a deadlock ended a run. `calls` (ns) is how long the calls of processes to
    each other took. The model does not know it, so each time may be off by it. If the schedules
    differ (not `decided_alike`), turnarounds and makespan differ for that reason, and are never
    unexplained.
    """
    lost = sum(
        Lateness(sorted_run).noise_ns for sorted_run in sorted_runs if not sorted_run.simulated
    )
    more = lost if decided_alike else _ANY
    found = [] if makespan is None else [_makespan(makespan, calls, more)]
    found += [_median(judged, calls, more), _worst(judged, calls, more)]
    found.append(_received(sorted_runs, received, calls, more))
    found += burst_criteria(sorted_runs, calls)
    found += wait_criteria(
        sorted_runs, lost + TOLERANCES.woken_late_ns * (noise.largest > TOLERANCES.noise)
    )
    if noise.slowness is not None:
        found.append(_dispatches(noise))
    return tuple(found)


_ANY = 10**18


def times_part(
    criteria: Sequence[Criterion], noise: Noise, small: str, *, decided_alike: bool
) -> VerdictPart:
    """Return the verdict on the times; `small` says in words how far they are apart.

    `decided_alike`: the schedules are the same.
    """
    mine = [criterion for criterion in criteria if criterion.part == TIMES]
    for verdict, holds in ((UNEXPLAINED, False), (HIDDEN, None)):
        wrong = [c for c in mine if c.holds is holds]
        if wrong:
            reason = recorded("{what}: {got}", what=wrong[0].what, got=wrong[0].got)
            if verdict == UNEXPLAINED:
                return VerdictPart(verdict, reason)
            why = recorded("the scheduling decisions differ")
            if decided_alike:
                why = noise.words(most=1)
            return VerdictPart(verdict, in_sequence([why, reason]))
    return VerdictPart(SMALL, small)


def _makespan(judged: TimeDifference, calls: int, more: int) -> Criterion:
    part, floor = TOLERANCES.makespan, TOLERANCES.time_floor_ns
    holds = judged.holds(judged.limit(part, floor + calls), more)
    got = judged.words(part, floor)
    return Criterion(recorded("makespan"), limit_words(part, floor, calls), got, holds, TIMES)


def _median(judged: Sequence[TimeDifference], calls: int, more: int) -> Criterion:
    """Judge the median error of turnaround, without sign."""
    part, floor = TOLERANCES.turnaround_median, TOLERANCES.time_floor_ns
    known = [each for each in judged if each.pair.percent is not None]
    holds: bool | None = False
    for count in (_left, _unexplained(0), _unexplained(more)):
        middle = median([_counted(each, count(each), floor + calls) for each in known])
        if middle is None or middle <= 100 * part:
            holds = True if count is _left else None
            break
    said = median([each.percent(each.left) for each in known])
    got = recorded("none") if said is None else share(said / 100)
    if holds and said is not None and said > 100 * part:
        got = recorded("an error below {time} counts as none", time=duration(floor + calls))
    what = recorded("turnaround, median error")
    return Criterion(what, limit_words(part, floor, calls), got, holds, TIMES)


def _left(judged: TimeDifference) -> int:
    return judged.left


def _unexplained(more: int) -> Callable[[TimeDifference], int]:
    return lambda judged: max(0, abs(judged.unexplained) - more)


def _counted(judged: TimeDifference, ns: int, floor: int) -> float:
    return 0.0 if abs(ns) <= floor else judged.percent(ns)


def _worst(judged: Sequence[TimeDifference], calls: int, more: int) -> Criterion:
    """Judge the process whose turnaround error is largest in proportion to its limit."""
    part, floor = TOLERANCES.turnaround_largest, TOLERANCES.turnaround_floor_ns
    what, wanted = recorded("turnaround, largest error"), limit_words(part, floor, calls, each=True)
    known = [each for each in judged if each.pair.difference is not None]
    if not known:
        return Criterion(what, wanted, recorded("none"), True, TIMES)

    def excess(each: TimeDifference) -> tuple[float, float]:
        limit = each.limit(part, floor + calls)
        rest = max(0, abs(each.unexplained) - more) / limit
        return (rest if rest > 1 else 0), abs(each.left) / limit

    worst = max(known, key=excess)
    holds = worst.holds(worst.limit(part, floor + calls), more)
    got = recorded(
        "{process} {difference}", process=worst.name, difference=worst.words(part, floor)
    )
    return Criterion(what, wanted, got, holds, TIMES)


def _received(
    sorted_runs: tuple[SortedRun, SortedRun],
    received: Sequence[tuple[str, Pair]],
    calls: int,
    more: int,
) -> Criterion:
    """Judge CPU time. Noise can change it only for a program that was cut off, by a signal."""
    part, floor = TOLERANCES.cpu, TOLERANCES.cpu_floor_ns
    what, wanted = recorded("CPU received"), limit_words(part, floor, calls, each=True)
    killed = cut_off(sorted_runs)
    judged = [TimeDifference(name, pair) for name, pair in received if pair.difference is not None]
    if not judged:
        return Criterion(what, wanted, recorded("none"), True, TIMES)
    worst = max(
        judged,
        key=lambda each: (
            each.name not in killed and abs(each.left) > each.limit(part, floor + calls),
            abs(each.left) / each.limit(part, floor + calls),
        ),
    )
    noise = more if worst.name in killed else 0
    holds = worst.holds(worst.limit(part, floor + calls), noise)
    got = recorded(
        "{process} {difference}", process=worst.name, difference=worst.words(part, floor)
    )
    return Criterion(what, wanted, got, holds, TIMES)


def _dispatches(noise: Noise) -> Criterion:
    """Judge the median dead time by what the machine needs. If it is slow, noise is the reason."""
    text = mark("the median is at most {n} times 0.1 ms (assumed)")
    if noise.calibrated:
        text = mark("the median is at most {n} times the calibrated value of this machine")
    wanted = recorded(text, n=digits(TOLERANCES.slow_dispatch, 2))
    got = recorded("{n} times", n=digits(noise.slowness or 0.0, 2))
    what = recorded("dead time of dispatches")
    return Criterion(what, wanted, got, None if noise.slow else True, TIMES)
