"""Criteria of native runs, which the system schedules: shares, rates, service curves, times."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.comparison.criteria import TIMES, TOLERANCES, Criterion, Tolerances
from timeline.comparison.measures import median
from timeline.comparison.native.measure import TICKS_LATE, NativeComparison
from timeline.comparison.pair import Pair, signed
from timeline.number_formats import digits, duration, share


def native_times_criteria(
    found: NativeComparison, makespan: Pair, received: Sequence[tuple[str, Pair]], calls: int
) -> tuple[Criterion, ...]:
    """Return the criteria of the times of a native run.

    The system may wake a process that waits for another process some ticks late. The calls of
    processes to each other take `calls` ns, which the model does not know.
    """
    limits, late = TOLERANCES, found.late_ns
    return (
        _time("makespan", [("", makespan)], limits.makespan, max(calls, late), calls, late),
        _median(found.turnaround_percents, calls, late),
        _time("CPU received", received, limits.cpu, limits.cpu_floor_ns + calls, calls, 0),
    )


def _time(
    what: str, pairs: Sequence[tuple[str, Pair]], part: float, floor: int, calls: int, late: int
) -> Criterion:
    """Judge the worst pair. It must be within the share `part`, or `floor` ns if that is more."""
    wanted = f"{'each ' if pairs and pairs[0][0] else ''}within {share(part)}"
    if what == "CPU received":
        wanted += f" or {duration(floor - calls)}"
    if calls:
        wanted += f", or what calls took ({duration(calls)})"
    if late:
        wanted += f" or {duration(late)}"
    known = [(name, pair) for name, pair in pairs if pair.difference is not None]
    if not known:
        return Criterion(what, wanted, "none", True, TIMES)

    def limit(pair: Pair) -> float:
        return max(part * (pair.first or 0), floor)

    name, worst = max(known, key=lambda item: abs(item[1].difference or 0) / (limit(item[1]) or 1))
    holds = abs(worst.difference or 0) <= limit(worst)
    return Criterion(what, wanted, f"{name} {signed(worst)}".strip(), holds, TIMES)


def _median(percents: Sequence[float], calls: int, late: int) -> Criterion:
    part, middle = TOLERANCES.free_turnaround_median, median(percents)
    wanted = f"within {share(part)}"
    if calls:
        wanted += f", or what calls took ({duration(calls)})"
    if late:
        wanted += f" or {duration(late)}"
    got = "none" if middle is None else share(middle / 100)
    holds = middle is None or middle <= 100 * part
    return Criterion("turnaround, median error", wanted, got, holds, TIMES)


def native_criteria(
    found: NativeComparison, makespan: Pair, limits: Tolerances
) -> tuple[Criterion, ...]:
    """Return the criteria that replace the order of slices."""
    return (
        _share_criterion(found, limits),
        _rate_criterion(found, makespan, limits),
        _service_criterion(found, limits),
        _envelope_criterion(found, limits),
    )


def _share_criterion(found: NativeComparison, limits: Tolerances) -> Criterion:
    least = max(2 * found.tick_ns, found.turn_ns) / (found.shares.until_ns or 1)
    limit, worst = min(1.0, max(limits.share, least)), found.shares.worst
    return Criterion(
        "share of the CPU",
        f"each within {digits(100 * limit, 2)} points",
        f"at most {digits(100 * worst, 2)} points apart, over {duration(found.shares.until_ns)}",
        worst <= limit,
    )


def _rate_criterion(found: NativeComparison, makespan: Pair, limits: Tolerances) -> Criterion:
    second = found.slices_per_s[1]
    least, most = found.predicted_slices_per_s
    least *= found.turns
    off = max(0.0, second - most, least - second)
    span = (makespan.first or 0) / 1e9
    holds = off <= limits.slices * most or off * span <= limits.slices_floor
    wanted = f"within {share(limits.slices)} or {limits.slices_floor} in all"
    predicted = " to ".join(dict.fromkeys((digits(least, 4), digits(most, 4))))
    if found.turns < 1:
        wanted += f"; turns of threads up to {TICKS_LATE} ticks longer"
    got = f"{digits(second, 4)} against {predicted}"
    return Criterion("slices a second", wanted, got, holds)


def _apart(found: NativeComparison, limits: Tolerances) -> int:
    """Return by how many ns curves and times may differ, whatever the length of the run."""
    return max(limits.service_ticks * found.tick_ns, found.turn_ns)


def _service_criterion(found: NativeComparison, limits: Tolerances) -> Criterion:
    limit = _apart(found, limits)
    known = [(row.service_ns, row.name) for row in found.envelope if row.service_ns is not None]
    wanted = f"within {limit // found.tick_ns} ticks, {duration(limit)}"
    if not known:
        return Criterion("service curves", wanted, "none", True)
    worst, name = max(known)
    got = f"at most {duration(worst)} apart, for {name}"
    return Criterion("service curves", wanted, got, worst <= limit)


def _envelope_criterion(found: NativeComparison, limits: Tolerances) -> Criterion:
    """Judge each turnaround by the range that the model has for the phases of the tick."""
    floor = _apart(found, limits)
    over = [
        (abs(row.outside_ns) / max(limits.turnaround_largest * row.least_ns, floor), row)
        for row in found.envelope
    ]
    phases = f"{found.phases} phases of the tick" if found.phases > 1 else "the model"
    wanted = f"each within {share(limits.turnaround_largest)} or {duration(floor)} of {phases}"
    if not over:
        return Criterion("turnaround, largest error", wanted, "none", True, TIMES)
    excess, row = max(over, key=lambda pair: pair[0])
    got = f"{row.name} {duration(abs(row.outside_ns))} outside" if row.outside_ns else "all inside"
    return Criterion("turnaround, largest error", wanted, got, excess <= 1, TIMES)
