"""Compute the price of dispatches (kernel/dispatch_price.py) from their dead times in real runs.

`calibrate` runs small workloads and computes a price from their records
(real/price_measurement.py). The record of a real run has the price of its machine under
`machine.price`, and the model can be charged with it (sim/virtual_time_costs.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kernel.dispatch_price import MIB, Circumstances, DispatchKind, Price, place
from kernel.process.states import RUNNING
from kernel.units import ms, us
from timeline.comparison.causes.dispatched import dispatched, dispatcher_fact
from timeline.record.run import ProcessRow
from timeline.record.sorted_run import SortedRun
from timeline.record.stages import stages

GRID = (
    *(DispatchKind(True, 0, 0, length) for length in (0, 1, ms(25), ms(60))),
    *(DispatchKind(True, 0, idle, 0) for idle in (ms(1), ms(20))),
    *(DispatchKind(False, 0, 0, length) for length in (0, ms(25))),
    *(DispatchKind(False, ms(50), 0, length) for length in (0, ms(25), ms(60))),
    *(DispatchKind(False, 0, idle, 0) for idle in (ms(1), ms(20))),
    *(DispatchKind(True, 0, 0, length, home=True) for length in (0, 1, ms(25))),
    *(DispatchKind(False, 0, 0, length, home=True) for length in (0, ms(25))),
    DispatchKind(False, ms(50), 0, ms(25), home=True),
    DispatchKind(True, 0, ms(1), 0, home=True),
    DispatchKind(False, 0, ms(1), 0, home=True),
)
"""The kinds of circumstances that are distinguished, if there are enough dispatches of each."""
ENOUGH = 6
"""Least number of dispatches of a kind. If there are fewer, the kind before takes them."""
LONG = ms(20)
"""Least CPU time, ns, of a process from which the overshoot of slices is measured."""
MOST_OVERSHOOT = 10_000
"""Largest overshoot in ppm. A larger overshoot comes from other programs, and is no price."""
AT_ONCE = ms(1)
"""Times that are closer than this (ns) in a real record may be one instant of virtual time."""
SPREAD = us(20)
"""ns added to both times of a ratio, as a ratio of very short times means nothing."""


def fitted(sorted_runs: Iterable[SortedRun]) -> Price:
    """Return the price that was measured in real runs of one machine."""
    sorted_runs = list(sorted_runs)
    samples = [sample for sorted_run in sorted_runs for sample in dispatched(sorted_run)]
    plain = [(s.circumstances, s.dead_ns or 0) for s in samples if not s.circumstances.loads]
    kinds = _with_most(_kinds(plain), plain)
    longer = overshoot_ppm(sorted_runs)
    price = Price(
        kinds,
        hidden_ns=max(
            0, _middle([ns for sorted_run in sorted_runs for ns in _hidden(sorted_run, longer)])
        ),
        overshoot_ppm=longer,
        beside_ns=_beside(sorted_runs),
        shared=any(
            dispatcher_fact(each.run, "supervisor_core") is not None for each in sorted_runs
        ),
    )
    loaded = [
        (s.circumstances.loads, (s.dead_ns or 0) - price.charge(replace(s.circumstances, loads=0)))
        for s in samples
        if s.circumstances.loads
    ]
    base, per_mib = _line(loaded)
    return replace(price, loading_ns=base, loading_per_mib_ns=per_mib)


def factor(price: Price, sorted_runs: Iterable[SortedRun]) -> float:
    """Return the median ratio of dead times in these runs to those of `price`."""
    ratios = sorted(
        ((each.dead_ns or 0) + SPREAD) / (price.middle(each.circumstances) + SPREAD)
        for sorted_run in sorted_runs
        for each in dispatched(sorted_run)
    )
    return ratios[len(ratios) // 2] if ratios else 1.0


Sample = tuple[Circumstances, int]


def _kinds(samples: list[Sample]) -> tuple[DispatchKind, ...]:
    """Return the kinds of the grid with their times. A rare kind is merged into one before it."""
    kinds, of_kind = list(GRID), [[] for _ in GRID]  # type: tuple[list[DispatchKind], list[list[Sample]]]
    for sample in samples:
        of_kind[place(GRID, sample[0])].append(sample)
    for at in reversed(range(len(kinds))):
        rare = of_kind[at]
        if len(rare) >= ENOUGH or not _can_do_without(tuple(kinds[:at]), kinds[at]):
            continue
        del kinds[at], of_kind[at]
        for sample in rare:
            of_kind[place(tuple(kinds[:at]), sample[0])].append(sample)
    return tuple(_filled(kind, rows) for kind, rows in zip(kinds, of_kind, strict=True))


def _can_do_without(before: tuple[DispatchKind, ...], kind: DispatchKind) -> bool:
    return any(other.first == kind.first for other in before)


def _filled(kind: DispatchKind, samples: list[Sample]) -> DispatchKind:
    times = sorted(ns for _, ns in samples)
    p10, p50, p90, p99 = quantiles(times)
    return replace(
        kind,
        count=len(times),
        mean_ns=trimmed_mean(times),
        p10_ns=p10,
        p50_ns=p50,
        p90_ns=p90,
        p99_ns=p99,
    )


def _with_most(kinds: tuple[DispatchKind, ...], samples: list[Sample]) -> tuple[DispatchKind, ...]:
    """Return the kinds with their 99 % quantiles, which are computed from all kinds together.

    A single kind has too few dispatches for it.
    """
    ratios = sorted((ns + SPREAD) / (kinds[place(kinds, c)].p50_ns + SPREAD) for c, ns in samples)
    if not ratios:
        return kinds
    ratio = ratios[min(len(ratios) - 1, len(ratios) * 99 // 100)]
    return tuple(
        replace(kind, p99_ns=max(kind.p90_ns, round((kind.p50_ns + SPREAD) * ratio) - SPREAD))
        for kind in kinds
    )


def _hidden(sorted_run: SortedRun, longer: int) -> Iterator[int]:
    """Yield for each preempted process the CPU time that it received before it saw itself run.

    It is in ns for each preemption. Slices are assumed to take `longer` ppm more time than the CPU
    time that is received in them.
    """
    for row, took in _with_times(sorted_run):
        if row.preemptions:
            yield (row.cpu_ns + row.cpu_ns * longer // 1_000_000 - took) // row.preemptions


def _with_times(sorted_run: SortedRun) -> Iterator[tuple[ProcessRow, int]]:
    """Yield processes with exit code 0, and how long (ns) their slices took, with holes."""
    for row, life in zip(sorted_run.run.processes, stages(sorted_run), strict=True):
        if row.exitcode == 0:
            yield row, sum(each.end - each.start for each in life if each.state == RUNNING)


def overshoot_ppm(sorted_runs: Iterable[SortedRun]) -> int:
    """Return how much longer (ppm) slices took in these runs than the CPU time received in them.

    It is the median over processes that were not preempted, so that rare long interruptions do not
    count.
    """
    found = []
    for sorted_run in sorted_runs:
        for row, took in _with_times(sorted_run):
            if not row.preemptions and row.cpu_ns >= LONG:
                found.append(max(0, took - row.cpu_ns) * 1_000_000 // row.cpu_ns)
    return min(_middle(found), MOST_OVERSHOOT)


def _beside(sorted_runs: Iterable[SortedRun]) -> int:
    """Return the ns that the dispatcher takes of a running slice for each decision about others."""
    return trimmed_mean(ns for sorted_run in sorted_runs for ns in _taken(sorted_run))


def _taken(sorted_run: SortedRun) -> Iterator[int]:
    decisions, home = _decisions(sorted_run), dispatcher_fact(sorted_run.run, "supervisor_core")
    holes = [row for row in sorted_run.run.overheads if row.why == "dispatcher"]
    for stage in (stage for life in stages(sorted_run) for stage in life if stage.state == RUNNING):
        if home not in (None, stage.core):
            continue
        for time in decisions:
            if stage.start + AT_ONCE < time < stage.end - AT_ONCE:
                yield sum(
                    row.end_ns - row.start_ns
                    for row in holes
                    if row.core == stage.core and abs(row.start_ns - time) < AT_ONCE
                )


def _decisions(sorted_run: SortedRun) -> list[int]:
    """Return the times (ns) of decisions: when a slice or a wait ended, or a process arrived.

    The events of one instant of virtual time really happen at several close times. They count as
    one decision.
    """
    times = {row.arrival_ns for row in sorted_run.run.processes}
    times |= {stage.end for life in stages(sorted_run) for stage in life}
    found: list[int] = []
    for time in sorted(times):
        if not found or time - found[-1] > AT_ONCE:
            found.append(time)
    return found


def _line(points: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the ns for 0 bytes and the ns for each MiB, fitted to points (bytes, ns).

    The line goes through the medians of the smallest and of the largest size.
    """
    by_size: dict[int, list[int]] = {}
    for size, ns in points:
        by_size.setdefault(size, []).append(ns)
    if not by_size:
        return 0, 0
    small, large = min(by_size), max(by_size)
    low, high = _middle(by_size[small]), _middle(by_size[large])
    slope = max(0, high - low) * MIB // (large - small) if large > small else 0
    return max(0, low - slope * small // MIB), slope


def _middle(times: list[int]) -> int:
    return sorted(times)[len(times) // 2] if times else 0


def trimmed_mean(times: Iterable[int]) -> int:
    """Return the mean of the middle half of `times`, ns.

    So the rare long times that other programs cause do not count.
    """
    ordered = sorted(times)
    cut = len(ordered) // 4
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept) // len(kept) if kept else 0


def quantiles(times: Iterable[int]) -> tuple[int, int, int, int]:
    """Return the 10 %, 50 %, 90 % and 99 % quantiles of `times`, ns; 0 if there are none."""
    ordered = sorted(times)
    if not ordered:
        return 0, 0, 0, 0
    last = len(ordered) - 1
    p10, p50, p90, p99 = (ordered[min(last, len(ordered) * at // 100)] for at in (10, 50, 90, 99))
    return p10, p50, p90, p99
