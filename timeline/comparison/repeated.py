"""The same comparison with several real runs: medians, and their confidence intervals.

No two real runs are the same. The interval of a median is that of order statistics. With n runs,
the median lies between the k-th least and the k-th largest value with a probability of at least
95 %. Here k is the largest number for which fewer than k heads in n throws of a coin have a
probability of at most 2.5 %. With fewer than six runs there is no such k, and the least and the
largest value are given instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import comb

from timeline.comparison.criteria import (
    AGREE,
    AGREE_BUT_TIMES,
    DISAGREE,
    INCONCLUSIVE,
    NOT_MEASURED,
)
from timeline.comparison.measures import median
from timeline.comparison.model import Comparison, Repeats, Spread
from translation import mark

LEAST_SURE = 6


def repeats(comparisons: Sequence[Comparison]) -> Repeats:
    """Return the summary of comparisons of one scenario with several real runs, at least one."""
    counts = Counter(each.verdict for each in comparisons)
    found = []
    for what, of in MEASURES.items():
        values = sorted(value for each in comparisons if (value := of(each)) is not None)
        middle = median(values)
        if middle is not None:
            low, high = interval(values)
            found.append(Spread(what, middle, low, high))
    return Repeats(
        len(comparisons),
        _verdict(counts),
        tuple(sorted(counts.items())),
        tuple(found),
        len(comparisons) >= LEAST_SURE,
    )


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the interval of the median of these values, which are sorted."""
    count, k, below = len(values), 0, 0
    while k < count // 2 and (below := below + comb(count, k)) * 40 <= 2**count:
        k += 1
    place = max(0, k - 1)
    return values[place], values[count - 1 - place]


def _verdict(counts: Counter[str]) -> str:
    """Return the verdict of most of the comparisons that agree or disagree."""
    agree, disagree = counts[AGREE] + counts[AGREE_BUT_TIMES], counts[DISAGREE]
    if agree > disagree:
        return AGREE if counts[AGREE] >= counts[AGREE_BUT_TIMES] else AGREE_BUT_TIMES
    if disagree > agree:
        return DISAGREE
    return INCONCLUSIVE if agree or counts[INCONCLUSIVE] else NOT_MEASURED


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / 1e6


def _service(comparison: Comparison) -> float | None:
    known = [row.service.largest_ns for row in comparison.processes if row.service is not None]
    return _ms(max(known, default=None))


def _shares(comparison: Comparison) -> float | None:
    return None if comparison.native is None else 100 * comparison.native.shares.worst


MEASURES: dict[str, Callable[[Comparison], float | None]] = {
    mark("makespan error, %"): lambda c: c.makespan.percent,
    mark("turnaround error, median, %"): lambda c: c.turnaround_errors.median_percent,
    mark("turnaround error, largest, %"): lambda c: c.turnaround_errors.largest_percent,
    mark("share error, largest, points"): _shares,
    mark("service curves, largest, ms"): _service,
    mark("slices edited, %"): lambda c: (
        100 * c.dispatch.edits if c.dispatch.edits is not None else None
    ),
    mark("first dispatches, tau"): lambda c: c.dispatch.tau,
    mark("completions, tau"): lambda c: c.completion.tau,
    mark("others on the cores, %"): lambda c: 100 * c.noise.largest,
}
