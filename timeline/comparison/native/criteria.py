"""Criteria of native runs, which the system schedules: shares, rates, service curves, times."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.comparison.criteria import (
    TIMES,
    TOLERANCES,
    Criterion,
    Tolerances,
    in_sequence,
)
from timeline.comparison.measures import median
from timeline.comparison.native.measure import TICKS_LATE, NativeComparison
from timeline.comparison.pair import Pair, signed
from timeline.number_formats import digits, duration, share
from translation import mark, recorded


def native_times_criteria(
    found: NativeComparison, makespan: Pair, received: Sequence[tuple[str, Pair]], calls: int
) -> tuple[Criterion, ...]:
    """Return the criteria of the times of a native run.

    The system may wake a process that waits for another process some ticks late. The calls of
    processes to each other take `calls` ns, which the model does not know.
    """
    limits, late = TOLERANCES, found.late_ns
    return (
        _time(
            recorded("makespan"), [("", makespan)], limits.makespan, max(calls, late), calls, late
        ),
        _median(found.turnaround_percents, calls, late),
        _time(
            recorded("CPU received"), received, limits.cpu, limits.cpu_floor_ns + calls, calls, 0
        ),
    )


def _time(
    what: str, pairs: Sequence[tuple[str, Pair]], part: float, floor: int, calls: int, late: int
) -> Criterion:
    """Judge the worst pair. It must be within the share `part`, or `floor` ns if that is more."""
    wanted = recorded("within {share}", share=share(part))
    if pairs and pairs[0][0]:
        wanted = recorded("each within {share}", share=share(part))
    if what == "CPU received":
        wanted = recorded("{limit} or {time}", limit=wanted, time=duration(floor - calls))
    wanted = _or_more(wanted, calls, late)
    known = [(name, pair) for name, pair in pairs if pair.difference is not None]
    if not known:
        return Criterion(what, wanted, recorded("none"), True, TIMES)

    def limit(pair: Pair) -> float:
        return max(part * (pair.first or 0), floor)

    name, worst = max(known, key=lambda item: abs(item[1].difference or 0) / (limit(item[1]) or 1))
    holds = abs(worst.difference or 0) <= limit(worst)
    got = signed(worst)
    if name:
        got = recorded("{process} {difference}", process=name, difference=got)
    return Criterion(what, wanted, got, holds, TIMES)


def _or_more(limit: str, calls: int, late: int) -> str:
    """Return a limit with the times (ns) of calls and of late wake-ups that it allows for."""
    if calls:
        limit = recorded("{limit}, or what calls took ({time})", limit=limit, time=duration(calls))
    return recorded("{limit} or {time}", limit=limit, time=duration(late)) if late else limit


def _median(percents: Sequence[float], calls: int, late: int) -> Criterion:
    part, middle = TOLERANCES.free_turnaround_median, median(percents)
    wanted = _or_more(recorded("within {share}", share=share(part)), calls, late)
    got = recorded("none") if middle is None else share(middle / 100)
    holds = middle is None or middle <= 100 * part
    return Criterion(recorded("turnaround, median error"), wanted, got, holds, TIMES)


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
        recorded("share of the CPU"),
        recorded("each within {points} points", points=digits(100 * limit, 2)),
        recorded(
            "at most {points} points apart, over {time}",
            points=digits(100 * worst, 2),
            time=duration(found.shares.until_ns),
        ),
        worst <= limit,
    )


def _rate_criterion(found: NativeComparison, makespan: Pair, limits: Tolerances) -> Criterion:
    second = found.slices_per_s[1]
    least, most = found.predicted_slices_per_s
    least *= found.turns
    off = max(0.0, second - most, least - second)
    span = (makespan.first or 0) / 1e9
    holds = off <= limits.slices * most or off * span <= limits.slices_floor
    wanted = recorded(
        "within {share} or {n} in all", share=share(limits.slices), n=limits.slices_floor
    )
    if found.turns < 1:
        longer = recorded("turns of threads up to {n} ticks longer", n=TICKS_LATE)
        wanted = in_sequence([wanted, longer])
    values = {"rate": digits(second, 4), "least": digits(least, 4), "most": digits(most, 4)}
    if values["least"] == values["most"]:
        got = recorded("{rate} against {most}", rate=values["rate"], most=values["most"])
    else:
        got = recorded("{rate} against {least} to {most}", **values)
    return Criterion(recorded("slices a second"), wanted, got, holds)


def _apart(found: NativeComparison, limits: Tolerances) -> int:
    """Return by how many ns curves and times may differ, whatever the length of the run."""
    return max(limits.service_ticks * found.tick_ns, found.turn_ns)


def _service_criterion(found: NativeComparison, limits: Tolerances) -> Criterion:
    limit = _apart(found, limits)
    known = [(row.service_ns, row.name) for row in found.envelope if row.service_ns is not None]
    what = recorded("service curves")
    wanted = recorded("within {n} ticks, {time}", n=limit // found.tick_ns, time=duration(limit))
    if not known:
        return Criterion(what, wanted, recorded("none"), True)
    worst, name = max(known)
    got = recorded("at most {time} apart, for {process}", time=duration(worst), process=name)
    return Criterion(what, wanted, got, worst <= limit)


def _envelope_criterion(found: NativeComparison, limits: Tolerances) -> Criterion:
    """Judge each turnaround by the range that the model has for the phases of the tick."""
    floor = _apart(found, limits)
    over = [
        (abs(row.outside_ns) / max(limits.turnaround_largest * row.least_ns, floor), row)
        for row in found.envelope
    ]
    what, values = recorded("turnaround, largest error"), {"time": duration(floor)}
    values["share"] = share(limits.turnaround_largest)
    wanted = recorded("each within {share} or {time} of the model", **values)
    if found.phases > 1:
        text = mark("each within {share} or {time} of {n} phases of the tick")
        wanted = recorded(text, n=found.phases, **values)
    if not over:
        return Criterion(what, wanted, recorded("none"), True, TIMES)
    excess, row = max(over, key=lambda pair: pair[0])
    got = recorded("all inside")
    if row.outside_ns:
        outside = duration(abs(row.outside_ns))
        got = recorded("{process} {time} outside", process=row.name, time=outside)
    return Criterion(what, wanted, got, excess <= 1, TIMES)
