"""The second part of a verdict: did it take as long, but for the machine's own price and for noise?

Of each difference of times the machine's own price is taken off, which is measured: switches as far
as the machine is calibrated to need them, loading, calls. What is left must be small. If it is
small only without noise (other programs, the hypervisor, dispatches later than calibrated), then
noise hides whether the model was right. If it is large without it, too, nothing explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kernel.process.states import BLOCKED, RUNNING
from timeline.comparison.criteria import (
    HIDDEN,
    SMALL,
    TIMES,
    TOLERANCES,
    UNEXPLAINED,
    Criterion,
    VerdictPart,
)
from timeline.comparison.makespan_causes import (
    COMPACTION,
    GAPS,
    LATE_DISPATCH,
    OUTSIDERS,
    SWITCHING,
    Causes,
)
from timeline.comparison.measures import median
from timeline.comparison.noise import Lateness, Noise
from timeline.comparison.pair import Pair, signed
from timeline.comparison.turnaround_causes import Attribution
from timeline.number_formats import digits, duration, share
from timeline.record.run import ProcessRow, Run
from timeline.record.sorted_run import SortedRun
from timeline.record.stages import Stage, stages


@dataclass(frozen=True, slots=True)
class Judged:
    """One difference of times, with the parts of it that are price and noise (ns)."""

    name: str
    pair: Pair
    price: int = 0
    noise: int = 0

    @property
    def left(self) -> int:
        """The difference without the machine's own price, ns."""
        return (self.pair.difference or 0) - self.price

    @property
    def unexplained(self) -> int:
        """The difference without price and noise, ns."""
        return self.left - self.noise

    def limit(self, part: float, floor: int) -> int:
        """Ns that may be left: a share of the first run's value, or `floor` if that is more."""
        return max(int(part * (self.pair.first or 0)), floor)

    def holds(self, limit: int, more_noise: int = 0) -> bool | None:
        """Is at most `limit` ns left? None: only without noise, of which there may be `more_noise`
        (ns) than what was followed back to this difference.
        """
        if abs(self.left) <= limit:
            return True
        return None if abs(self.unexplained) - more_noise <= limit else False

    def percent(self, ns: int) -> float:
        """`ns`, without its sign, as a percentage of the first run's value."""
        return 100 * abs(ns) / self.pair.first if self.pair.first else 0.0

    def words(self, part: float, floor: int) -> str:
        """The difference, and what of it is left; without a percentage if the floor is judged."""
        if self.pair.difference is None or self.pair.first is None or self.pair.second is None:
            return signed(self.pair)
        by_floor = floor > part * self.pair.first and abs(self.pair.difference) > part * (
            self.pair.first
        )
        whole = _plainly(self.pair) if by_floor else signed(self.pair)
        parts = {"the machine's price": self.price, "noise": self.noise}
        told = [f"{name} {duration(ns)}" for name, ns in parts.items() if abs(ns) > WORTH_TELLING]
        if not told:
            return whole
        left = "unexplained" if abs(self.noise) > WORTH_TELLING else "left"
        return f"{duration(self.unexplained)} {left} of {whole}: {', '.join(told)}"


WORTH_TELLING = 100_000
"""ns: parts of a difference that are smaller are not mentioned."""


def _plainly(pair: Pair) -> str:
    """Say the difference in ns, with both values. A percentage of little says nothing."""
    assert pair.difference is not None and pair.second is not None and pair.first is not None
    sign = "+" if pair.difference > 0 else ""
    values = f"{duration(pair.second)} against {duration(pair.first)}"
    return f"{sign}{duration(pair.difference)} ({values})"


def turnarounds(
    pairs: Sequence[tuple[str, Pair]], attributions: Sequence[Attribution]
) -> list[Judged]:
    """Return the turnaround of each process, with the parts of its difference by price and noise.

    A difference with unknown causes has no such parts.
    """
    known = {row.name: row for row in attributions}
    found = []
    for name, pair in pairs:
        row = known.get(name)
        if pair.difference is None or row is None:
            found.append(Judged(name, pair))
            continue
        price = row.switching_ns + row.loading_ns
        found.append(Judged(name, pair, price, row.late_ns + row.foreign_ns + row.stolen_ns))
    return found


def whole(first: Run, second: Run, causes: Causes, judged: Sequence[Judged]) -> Judged:
    """The makespan: as the turnaround of the process that ends last, if that is the same in both
    runs; else by where the time of the core went that was busy last.
    """
    pair = Pair.of(first.makespan_ns, second.makespan_ns)
    last = _last(first), _last(second)
    mine = next((each for each in judged if each.name == last[1]), None)
    if last[0] == last[1] and mine is not None and mine.pair.difference == pair.difference:
        return Judged("", pair, mine.price, mine.noise)
    parts = {part.name: part.ns for part in causes.parts}
    price = parts.get(SWITCHING, 0) + parts.get(COMPACTION, 0)
    noise = sum(parts.get(name, 0) for name in (LATE_DISPATCH, OUTSIDERS, GAPS))
    return Judged("", pair, price, noise)


def _last(run: Run) -> str | None:
    ended = [row for row in run.processes if row.completion_ns is not None]
    return max(ended, key=lambda row: row.completion_ns or 0).name if ended else None


def times_criteria(
    sorted_runs: tuple[SortedRun, SortedRun],
    makespan: Judged | None,
    judged: Sequence[Judged],
    received: Sequence[tuple[str, Pair]],
    *,
    calls: int,
    noise: Noise,
    decided_alike: bool,
) -> tuple[Criterion, ...]:
    """All that must be small. `makespan` is None of runs without an end. `calls` (ns) is what the
    calls of processes to each other took: the model does not know it, any time may be off by it.

    Where not the same was decided (`decided_alike`), turnarounds and makespan differ because of
    that, and are judged no more.
    """
    lost = sum(
        Lateness(sorted_run).noise_ns for sorted_run in sorted_runs if not sorted_run.simulated
    )
    more = lost if decided_alike else _ANY
    found = [] if makespan is None else [_makespan(makespan, calls, more)]
    found += [_median(judged, calls, more), _worst(judged, calls, more)]
    found.append(_received(sorted_runs, received, calls, more))
    found += _bursts(sorted_runs, calls)
    found += _waits(
        sorted_runs, lost + TOLERANCES.woken_late_ns * (noise.largest > TOLERANCES.noise)
    )
    if noise.slowness is not None:
        found.append(_dispatches(noise))
    return tuple(found)


_ANY = 10**18


def times_part(
    criteria: Sequence[Criterion], noise: Noise, small: str, *, decided_alike: bool
) -> VerdictPart:
    """The part's verdict; `small` says in words how far the times are apart.

    Where not the same was decided, no more is judged than CPU time.
    """
    mine = [criterion for criterion in criteria if criterion.part == TIMES]
    for verdict, holds in ((UNEXPLAINED, False), (HIDDEN, None)):
        wrong = [c for c in mine if c.holds is holds]
        if wrong:
            reason = f"{wrong[0].what}: {wrong[0].got}"
            if verdict == UNEXPLAINED:
                return VerdictPart(verdict, reason)
            why = noise.words(most=1) if decided_alike else "not the same was decided"
            return VerdictPart(verdict, f"{why}; {reason}")
    return VerdictPart(SMALL, small)


def _wanted(part: float, floor: int, calls: int, each: bool = False) -> str:
    limit = f"{'each ' if each else ''}within {share(part)} or {duration(floor)}"
    return f"{limit}, or what calls took ({duration(calls)})" if calls else limit


def _makespan(judged: Judged, calls: int, more: int) -> Criterion:
    part, floor = TOLERANCES.makespan, TOLERANCES.time_floor_ns
    holds = judged.holds(judged.limit(part, floor + calls), more)
    got = judged.words(part, floor)
    return Criterion("makespan", _wanted(part, floor, calls), got, holds, TIMES)


def _median(judged: Sequence[Judged], calls: int, more: int) -> Criterion:
    """The median error of turnaround, without sign."""
    part, floor = TOLERANCES.turnaround_median, TOLERANCES.time_floor_ns
    known = [each for each in judged if each.pair.percent is not None]
    holds: bool | None = False
    for count in (_left, _unexplained(0), _unexplained(more)):
        middle = median([_counted(each, count(each), floor + calls) for each in known])
        if middle is None or middle <= 100 * part:
            holds = True if count is _left else None
            break
    said = median([each.percent(each.left) for each in known])
    got = "none" if said is None else share(said / 100)
    if holds and said is not None and said > 100 * part:
        got = f"each error below {duration(floor + calls)} counts as none"
    what = "turnaround, median error"
    return Criterion(what, _wanted(part, floor, calls), got, holds, TIMES)


def _left(judged: Judged) -> int:
    return judged.left


def _unexplained(more: int) -> Callable[[Judged], int]:
    return lambda judged: max(0, abs(judged.unexplained) - more)


def _counted(judged: Judged, ns: int, floor: int) -> float:
    return 0.0 if abs(ns) <= floor else judged.percent(ns)


def _worst(judged: Sequence[Judged], calls: int, more: int) -> Criterion:
    """The process that is furthest from what it may be off by."""
    part, floor = TOLERANCES.turnaround_largest, TOLERANCES.turnaround_floor_ns
    what, wanted = "turnaround, largest error", _wanted(part, floor, calls, each=True)
    known = [each for each in judged if each.pair.difference is not None]
    if not known:
        return Criterion(what, wanted, "none", True, TIMES)

    def excess(each: Judged) -> tuple[float, float]:
        limit = each.limit(part, floor + calls)
        rest = max(0, abs(each.unexplained) - more) / limit
        return (rest if rest > 1 else 0), abs(each.left) / limit

    worst = max(known, key=excess)
    holds = worst.holds(worst.limit(part, floor + calls), more)
    return Criterion(what, wanted, f"{worst.name} {worst.words(part, floor)}", holds, TIMES)


def _received(
    sorted_runs: tuple[SortedRun, SortedRun],
    received: Sequence[tuple[str, Pair]],
    calls: int,
    more: int,
) -> Criterion:
    """Judge CPU time. Noise takes it only from a program that a signal ended in the middle."""
    part, floor = TOLERANCES.cpu, TOLERANCES.cpu_floor_ns
    what, wanted = "CPU received", _wanted(part, floor, calls, each=True)
    killed = _cut_off(sorted_runs)
    judged = [Judged(name, pair) for name, pair in received if pair.difference is not None]
    if not judged:
        return Criterion(what, wanted, "none", True, TIMES)
    worst = max(
        judged,
        key=lambda each: (
            each.name not in killed and abs(each.left) > each.limit(part, floor + calls),
            abs(each.left) / each.limit(part, floor + calls),
        ),
    )
    noise = more if worst.name in killed else 0
    holds = worst.holds(worst.limit(part, floor + calls), noise)
    return Criterion(what, wanted, f"{worst.name} {worst.words(part, floor)}", holds, TIMES)


def _cut_off(sorted_runs: tuple[SortedRun, SortedRun]) -> set[str]:
    """Processes that did not end of themselves, in either run."""
    return {
        row.name
        for sorted_run in sorted_runs
        for row in sorted_run.run.processes
        if not _of_itself(row)
    }


def _of_itself(row: ProcessRow) -> bool:
    return row.completion_ns is not None and (row.exitcode or 0) >= 0


Piece = tuple[str, int, int, int]
"""A burst or a wait: its process, ns in the first run, ns in the second, ns that it may be off."""


def _bursts(sorted_runs: tuple[SortedRun, SortedRun], calls: int) -> Iterator[Criterion]:
    """Judge the CPU time from one wait to the next. Noise lies in gaps, and does not change it."""
    part, floor = TOLERANCES.burst, TOLERANCES.burst_floor_ns + calls
    pieces: list[Piece] = []
    for name, mine, yours, unseen in _lives(sorted_runs):
        bursts = _runs(mine), _runs(yours)
        if len(bursts[0]) == len(bursts[1]) > 1:
            pieces += [(name, *pair, unseen) for pair in zip(*bursts, strict=True)]
    if pieces:
        yield _pieces("CPU of each burst", pieces, part, floor, 0)


def _waits(sorted_runs: tuple[SortedRun, SortedRun], more: int) -> Iterator[Criterion]:
    """How long devices served, of which the scenario says how long it takes.

    A supervisor that does not get a processor notices late that a wait begins or ends: by as much
    as `more` ns of noise.
    """
    part, floor = TOLERANCES.wait, TOLERANCES.wait_floor_ns
    pieces: list[Piece] = []
    living = any(sorted_run.living for sorted_run in sorted_runs)
    for name, mine, yours, _ in _lives(sorted_runs):
        waits = _served(mine, living), _served(yours, living)
        if len(waits[0]) == len(waits[1]):
            pieces += [(name, *pair, 0) for pair in zip(*waits, strict=True)]
    if pieces:
        yield _pieces("time at devices", pieces, part, floor, more)


def _pieces(what: str, pieces: Sequence[Piece], part: float, floor: int, more: int) -> Criterion:
    judged = [(Judged(name, Pair.of(one, other)), extra) for name, one, other, extra in pieces]
    worst, extra = max(
        judged, key=lambda item: abs(item[0].left) / (item[0].limit(part, floor) + item[1])
    )
    limit = worst.limit(part, floor) + extra
    holds = worst.holds(limit, more)
    got = f"{worst.name} {worst.words(part, floor + extra)}"
    return Criterion(what, _wanted(part, floor, 0, each=True), got, holds, TIMES)


def _lives(
    sorted_runs: tuple[SortedRun, SortedRun],
) -> Iterator[tuple[str, list[Stage], list[Stage], int]]:
    """Of each process that ended of itself: its stages in both runs, and by how much (ns) its CPU
    time in the second is not what it was seen to run: it does not see the shortest gaps, nor what
    it receives within the longer ones.
    """
    cut_off = _cut_off(sorted_runs)
    rows = zip(sorted_runs[1].run.processes, *map(stages, sorted_runs), strict=True)
    for row, mine, yours in rows:
        if row.name not in cut_off:
            ran = sum(stage.ran for stage in yours if stage.state == RUNNING)
            yield row.name, mine, yours, abs(ran - row.cpu_ns)


def _runs(life: Sequence[Stage]) -> list[int]:
    """CPU time (ns) of each burst of a process, however many slices it took."""
    return [
        sum(stage.ran for stage in group)
        for running, group in groupby(life, lambda stage: stage.state == RUNNING)
        if running
    ]


def _served(life: Sequence[Stage], living: bool) -> list[int]:
    """Ns of each wait for a device, without its place in the queue. In a family, a wait without a
    device is for another process.
    """
    return [
        stage.end - stage.since
        for stage in life
        if stage.state == BLOCKED and stage.why != "released" and (stage.device >= 0 or not living)
    ]


def _dispatches(noise: Noise) -> Criterion:
    """Judge the median dead time against what the machine needs. Late dispatches are noise."""
    known = "what this machine was calibrated to need" if noise.calibrated else "0.1 ms (assumed)"
    wanted = f"half within {digits(TOLERANCES.slow_dispatch, 2)} times {known}"
    got = f"{digits(noise.slowness or 0.0, 2)} times"
    return Criterion("dead time of dispatches", wanted, got, None if noise.slow else True, TIMES)
