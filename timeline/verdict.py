"""Do two runs agree? Fixed tolerances, one criterion at a time, and a sentence that says it.

The tolerances are constants, fixed before any run, and part of every result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from kernel.units import format_size, ms
from timeline.dispatch import PARTED, Order, Turn
from timeline.run import MemoryEvent

MODEL_NAME = "the model"
REAL_NAME = "the real machine"

AGREE = "agree"
DISAGREE = "disagree"
INCONCLUSIVE = "inconclusive"
NOT_MEASURED = "not-measured"


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What two runs that agree may differ by. Shares are of the first run's value."""

    makespan: float = 0.02
    turnaround_median: float = 0.02
    turnaround_largest: float = 0.05  # of each process, or the next if that is more
    turnaround_floor_ns: int = ms(2)
    cpu: float = 0.01  # of each process, or the next if that is more
    cpu_floor_ns: int = ms(1)
    noise: float = 0.01  # share of core time that the hypervisor or outsiders may take
    near_tie_ns: int = ms(1)  # or the real machine's dispatch slack if that is more
    near_tie_most_ns: int = ms(5)  # but never more than this
    # of runs that are left to the machine's own scheduler
    free_turnaround_median: float = 0.03
    share: float = 0.02  # of a core, or two ticks if that is more
    slices: float = 0.05  # in a second, or so many in all
    slices_floor: int = 8
    service_ticks: int = 4  # and what others may take of a core
    broken: float = 0.05  # interruptions by outsiders for each slice


TOLERANCES = Tolerances()


def promise(*, free: bool) -> str:
    """What agreement will mean, to be told before a run. `free`: nobody of ours dispatches."""
    limits = TOLERANCES
    whole = f"makespan within {share(limits.makespan)}, CPU received within {share(limits.cpu)}"
    if free:
        return (
            f"agree will mean: shares within {digits(100 * limits.share, 2)} points, slices a "
            f"second within {share(limits.slices)}, service curves within {limits.service_ticks} "
            f"ticks, median turnaround within {share(limits.free_turnaround_median)}, {whole}"
        )
    return (
        "agree will mean: the same order of dispatches and completions, median turnaround within "
        f"{share(limits.turnaround_median)}, each within {share(limits.turnaround_largest)}, "
        f"{whole}"
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """One number of both runs. `difference` is second less first; `percent` of the first."""

    first: int | None
    second: int | None
    difference: int | None
    percent: float | None

    @classmethod
    def of(cls, first: int | None, second: int | None) -> Pair:
        """None-safe: what one run does not have has no difference."""
        if first is None or second is None:
            return cls(first, second, None, None)
        difference = second - first
        if first:
            return cls(first, second, difference, 100 * difference / first)
        return cls(first, second, difference, None if difference else 0.0)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of agreement. `holds` None: chance decided it, see `got`."""

    what: str
    wanted: str
    got: str
    holds: bool | None


def order_criterion(what: str, unit: str, order: Order, names: tuple[str, str]) -> Criterion:
    """Same order, near ties aside."""
    wanted = "the same, near ties aside"
    if order.same:
        return Criterion(what, wanted, order.outcome, True)
    assert order.first_difference is not None
    first, second = order.first_difference.first, order.first_difference.second
    got = f"{unit} {order.first_difference.index + 1} "
    if first and second:
        got += f"is {_whose(first, names[0])} but {_whose(second, names[1])}"
    elif first or second:
        got += f"is {_whose(first, names[0])}{_whose(second, names[1])} only"
    if order.outcome == PARTED:
        return Criterion(what, wanted, f"{got}, which is a near tie", None)
    return Criterion(what, wanted, got, False)


def _whose(turn: Turn | None, run: str) -> str:
    if turn is None:
        return ""
    return f"{turn.process}'s {'on' if run == REAL_NAME else 'in'} {run}"


def placements_criterion(
    first: Sequence[MemoryEvent], second: Sequence[MemoryEvent], names: tuple[str, str]
) -> Criterion:
    """Everybody gets the same places in memory, in the same order, moves and swaps included."""
    events = {each.event for each in (*first, *second)}
    others = [word for event, word in _OTHERS.items() if event in events]
    what = " and ".join(["placements", *others]) + " in memory"
    wanted, unit = "the same in the same order", "change" if others else "placement"
    for at, (mine, yours) in enumerate(zip_longest(first, second)):
        if mine is None or yours is None or mine[1:] != yours[1:]:  # but for the time
            both = f"{_where(mine)} in {names[0]}, {_where(yours)} in {names[1]}"
            return Criterion(what, wanted, f"{unit} {at + 1} is {both}", False)
    return Criterion(what, wanted, f"all {len(first)} the same", True)


_OTHERS = {"moved": "moves", "swapped-out": "swaps"}
_WORDS = {"placed": "at", "moved": "moved to", "swapped-in": "back at", "swapped-out": "out of"}


def _where(event: MemoryEvent | None) -> str:
    if event is None:
        return "none"
    return f"{event.process} {_WORDS[event.event]} {size_words(event.base)}"


def makespan_criterion(makespan: Pair, calls: int = 0, late: int = 0) -> Criterion:
    """The whole run took as long, but for the ns that calls between processes took, and those by
    which the system wakes later who waits for another."""
    wanted = f"within {share(TOLERANCES.makespan)}"
    if calls:
        wanted += f", or what calls took ({duration(calls)})"
    if late:
        wanted += f" or {duration(late)}"
    holds = _within(makespan, TOLERANCES.makespan, max(calls, late))
    return Criterion("makespan", wanted, signed(makespan), holds)


def median_criterion(
    percents: Sequence[float],
    limit: float | None = None,
    late: int = 0,
    *,
    calls: int = 0,
    judged: Sequence[float] | None = None,
) -> Criterion:
    """The middle one of the turnaround errors, signs dropped (percent); `calls`, `late`: see above.

    `judged` are the errors without those that calls may have made, if that is not the same.
    """
    middle, counts = median(percents), median(percents if judged is None else judged)
    limit = TOLERANCES.turnaround_median if limit is None else limit
    holds = counts is None or counts <= 100 * limit
    wanted = f"within {share(limit)}"
    if calls:
        wanted += f", or what calls took ({duration(calls)})"
    if late:
        wanted += f" or {duration(late)}"
    got = "none" if middle is None else share(middle / 100)
    return Criterion("turnaround, median error", wanted, got, holds)


def worst_criterion(
    what: str, pairs: Sequence[tuple[str, Pair]], tolerance: float, floor_ns: int
) -> Criterion:
    """Every process within a share of its own value, or `floor_ns` if that is more."""
    wanted = f"each within {share(tolerance)} or {duration(floor_ns)}"
    known = [(name, pair) for name, pair in pairs if pair.difference is not None]
    if not known:
        return Criterion(what, wanted, "none", True)
    name, worst = max(known, key=lambda item: _excess(item[1], tolerance, floor_ns))
    holds = _within(worst, tolerance, floor_ns)
    return Criterion(what, wanted, f"{name} {signed(worst)}", holds)


def _excess(pair: Pair, tolerance: float, floor_ns: int) -> float:
    return abs(pair.difference or 0) / max(tolerance * (pair.first or 0), floor_ns)


def _within(pair: Pair, tolerance: float, floor_ns: int) -> bool:
    if pair.difference is None:
        return pair.first is pair.second
    return abs(pair.difference) <= max(tolerance * (pair.first or 0), floor_ns)


def decide(
    criteria: Sequence[Criterion],
    *,
    lawful: bool,
    complete: bool,
    doubtful: bool,
) -> str:
    """The verdict. A broken law outweighs everything, a stopped run everything but that.

    `doubtful`: so much came from outside that a difference may come from there, too.
    """
    if not lawful:
        return DISAGREE
    if not complete:
        return NOT_MEASURED
    failed = [criterion for criterion in criteria if criterion.holds is False]
    undecided = [criterion for criterion in criteria if criterion.holds is None]
    if not failed:
        return AGREE
    if undecided or doubtful:
        return INCONCLUSIVE
    return DISAGREE


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two in the middle."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def duration(ns: int) -> str:
    """A time for people: about four digits. 603.3 ms, 1.25 s, 65 µs."""
    for unit, scale in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000)):
        if abs(ns) >= scale:
            return f"{digits(ns / scale, 4)} {unit}"
    return f"{ns} ns" if ns else "0 ms"


def size_words(size: int) -> str:
    """A size or an address for people, as a scenario would write it; 0 has no unit."""
    return format_size(size) if size else "0"


def share(value: float) -> str:
    """A share as a percentage: 0.25 %, 3 %, 180 %."""
    return f"{digits(100 * value, 2)} %"


def digits(value: float, count: int) -> str:
    """A number with so many digits that say something, and never with a power of ten."""
    if abs(value) >= 10**count - 0.5:
        return f"{value:.0f}"
    return f"{Decimal(f'{value:.{count}g}'):f}"


def signed(pair: Pair) -> str:
    """The difference of a pair, with both values."""
    if pair.difference is None or pair.first is None or pair.second is None:
        return "not measured"
    values = f"{duration(pair.second)} against {duration(pair.first)}"
    if pair.percent is None:
        return values
    return f"{pair.percent:+.2f} % ({values})" if pair.difference else f"0 % ({values})"
