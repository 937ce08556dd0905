"""Compare the dispatch order and the completion order of two runs.

Events that the model puts at one instant come microseconds apart on the real machine, in either
order. Such a *near tie* is not a wrong decision, and is distinguished from one here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from timeline.comparison.schedule.near_ties import Window, is_near_tie, needed_shift, settled
from timeline.comparison.schedule.process_events import ProcessEvent, labels
from timeline.comparison.schedule.sequences import common_prefix, edits, kendall
from translation import mark

SAME = mark("same")
NEAR_TIES = mark("same but for things that happen at once")
SAME_ON_CORES = mark("same on every core")
PARTED = mark("parted at a near tie")
DIFFERENT = mark("different")


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """The event at one place of an order."""

    process: str
    core: int
    at_ns: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two orders differ.

    `first` or `second` is None if that run has no more events there.
    """

    index: int  # from 0
    first: OrderEntry | None
    second: OrderEntry | None
    near_tie: bool
    needed_ns: int | None = None
    """The events change places if one is moved by this time against the other. None: never."""
    drift_ns: int = 0
    """How far the times at which the process became ready differ between the two runs."""


@dataclass(frozen=True, slots=True)
class Order:
    """The comparison of two orders of events.

    `edits` is the Levenshtein distance divided by the length (0: the same, 1: nothing in common).
    `edits_cut`: the orders are so long that only their beginning was compared. `tau` is Kendall's
    τ-b of the times of each process's first event.
    """

    outcome: str  # SAME | NEAR_TIES | SAME_ON_CORES | PARTED | DIFFERENT
    first: int  # number of events
    second: int
    first_difference: Difference | None
    edits: float
    edits_cut: bool
    tau: float | None
    same_on_core: tuple[bool, ...]
    moved: int  # events on another core than in the first run
    first_moved: Difference | None

    @property
    def same(self) -> bool:
        """Whether the orders are the same, apart from near ties and the order between cores."""
        return self.outcome in (SAME, NEAR_TIES, SAME_ON_CORES)


def compare_orders(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], cores: int, window: Window
) -> Order:
    """Return the comparison of two orders of events, by the names of the processes.

    Events that happen at once in both runs are put into the order of the first run before. Events
    on another core than in the first run are counted, but do not make the orders different.
    """
    names, given = _names(first), _names(second)
    in_first = second if names == given else settled(first, second, window)
    one, other = _by_core(first), _by_core(second)
    same_on_core = tuple(one[core] == other[core] for core in range(cores))
    alike = all(same_on_core) and one[-1] == other[-1]
    difference = None if names == _names(in_first) else _first_difference(first, in_first, window)
    changed = edits(names, given)
    moved = [pair for pair in _partners(first, second) if pair[0].core != pair[1].core]
    return Order(
        outcome=_outcome(names == given, alike, difference),
        first=len(first),
        second=len(second),
        first_difference=difference,
        edits=changed.share,
        edits_cut=changed.cut,
        tau=first_times_tau(first, second),
        same_on_core=same_on_core,
        moved=len(moved),
        first_moved=_moved_at(first, moved[0]) if moved else None,
    )


def _outcome(equal: bool, alike_on_cores: bool, difference: Difference | None) -> str:
    if equal:
        return SAME
    if difference is None:
        return NEAR_TIES
    if alike_on_cores:
        return SAME_ON_CORES
    return PARTED if difference.near_tie else DIFFERENT


def _names(events: Iterable[ProcessEvent]) -> list[str]:
    return [event.process for event in events]


def first_times_tau(first: Sequence[ProcessEvent], second: Sequence[ProcessEvent]) -> float | None:
    """Return Kendall's τ-b of the times of each process's first event in the two runs."""
    one, other = _first_times(first), _first_times(second)
    both = [name for name in one if name in other]
    return kendall([one[name] for name in both], [other[name] for name in both])


def _first_times(events: Iterable[ProcessEvent]) -> dict[str, int]:
    times: dict[str, int] = {}
    for event in events:
        times.setdefault(event.process, event.at)
    return times


def _by_core(events: Iterable[ProcessEvent]) -> dict[int, list[str]]:
    """Return for each core the processes of its events, in order."""
    found: dict[int, list[str]] = defaultdict(list)
    for event in events:
        found[event.core].append(event.process)
    return found


def _partners(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent]
) -> list[tuple[ProcessEvent, ProcessEvent]]:
    """Return pairs of a process's k-th event in both runs, in the order of the first run."""
    of_second = dict(zip(labels(second), second, strict=True))
    labelled = zip(labels(first), first, strict=True)
    return [(event, of_second[label]) for label, event in labelled if label in of_second]


def _first_difference(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> Difference:
    at = common_prefix(_names(first), _names(second))
    mine = first[at] if at < len(first) else None
    yours = second[at] if at < len(second) else None
    near = mine is not None and yours is not None
    near = near and is_near_tie(at, first, second, window)
    needed, drift = needed_shift(at, first, second)
    return Difference(at, _turn(mine), _turn(yours), near, needed, drift)


def _turn(event: ProcessEvent | None) -> OrderEntry | None:
    return None if event is None else OrderEntry(event.process, event.core, event.at)


def _moved_at(first: Sequence[ProcessEvent], pair: tuple[ProcessEvent, ProcessEvent]) -> Difference:
    return Difference(first.index(pair[0]), _turn(pair[0]), _turn(pair[1]), False)
