"""Did both machines take the same decisions? The dispatch order and the completion order compared.

Events that the model puts at one instant arrive microseconds apart in reality, in either order.
Such a *near tie* is no wrong decision, and is told apart from one here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from timeline.comparison.sequences import common_prefix, edits, kendall
from timeline.record.sorted_run import SortedRun
from timeline.record.tracks import slices

SAME = "same"
NEAR_TIES = "same but for things that happen at once"
SAME_ON_CORES = "same on every core"
PARTED = "parted at a near tie"
DIFFERENT = "different"


FURTHEST = 64
"""Most places that an event moves forward past others of the same instant."""


class ProcessEvent(NamedTuple):
    """A dispatch, or a completion, of one run."""

    process: str
    core: int  # -1: none (a program that ends with I/O)
    at: int  # ns
    ready_since: int  # ns
    woke: bool  # it became ready because an I/O completed


@dataclass(frozen=True, slots=True)
class Window:
    """How close (ns) two events must be for their order to mean nothing.

    On one core `close`. On two cores also what the two may have fallen behind each other:
    `lateness`, a share of the time since the start. Exactly at once in a model is always close.
    """

    close: int
    lateness: float
    exact: tuple[bool, bool]  # which of the two runs are simulated

    def at_once(
        self, one: tuple[ProcessEvent, ProcessEvent], other: tuple[ProcessEvent, ProcessEvent]
    ) -> bool:
        """Do these two events (each of both runs) happen at about the same time in both?"""
        gaps = [abs(mine.at - yours.at) for mine, yours in zip(one, other, strict=True)]
        if any(exact and gap == 0 for exact, gap in zip(self.exact, gaps, strict=True)):
            return True
        return max(gaps) <= self._allowed(one, other)

    def woken_at_once(
        self, one: tuple[ProcessEvent, ProcessEvent], other: tuple[ProcessEvent, ProcessEvent]
    ) -> bool:
        """Did the two begin to wait at about the same time in both, one of them after I/O?

        Arrivals and expiries at one instant are ordered by rule; the end of an I/O is not.
        """
        waits = [abs(a.ready_since - b.ready_since) for a, b in zip(one, other, strict=True)]
        woken = all(event.woke for event in one) or all(event.woke for event in other)
        return woken and max(waits) <= self.close

    def _allowed(
        self, one: tuple[ProcessEvent, ProcessEvent], other: tuple[ProcessEvent, ProcessEvent]
    ) -> int:
        together = any(a.core == b.core >= 0 for a, b in zip(one, other, strict=True))
        return self.close if together else self.close + int(self.lateness * one[0].at)

    def just_woken(self, event: ProcessEvent, moment: int) -> bool:
        """Did an I/O completion make it ready so near to `moment` that it might have missed it?"""
        return event.woke and abs(event.ready_since - moment) <= self.close


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """What stands at one place of an order."""

    process: str
    core: int
    at_ns: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two orders differ; None: that run has nothing there any more."""

    index: int  # from 0
    first: OrderEntry | None
    second: OrderEntry | None
    near_tie: bool
    needed_ns: int | None = None
    """The two events change places if they are moved against each other by this time."""
    drift_ns: int = 0
    """The difference between the two runs in when the processes became ready."""


@dataclass(frozen=True, slots=True)
class Order:
    """Two orders of events laid over each other.

    `edits` is the Levenshtein distance over the length (0 same, 1 nothing in common); `edits_cut`:
    the orders are so long that only their beginning was compared. `tau` is Kendall's τ-b.
    """

    outcome: str  # SAME | NEAR_TIES | SAME_ON_CORES | PARTED | DIFFERENT
    first: int  # events
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
        """Nothing is ordered differently for a reason that matters."""
        return self.outcome in (SAME, NEAR_TIES, SAME_ON_CORES)


def dispatches(sorted_run: SortedRun) -> list[ProcessEvent]:
    """All slices in the order in which they began, at one instant by core."""
    names = sorted_run.run.process_names
    return [
        ProcessEvent(names[turn.process], turn.core, turn.start, turn.ready_since, turn.woke)
        for turn in slices(sorted_run.tracks)
    ]


def completions(sorted_run: SortedRun) -> list[ProcessEvent]:
    """The ends of all programs in order, at one instant in file order."""
    events = []
    for row, track in sorted_run.lives:
        if row.completion_ns is not None:
            core = track[-1].core if track else -1
            at = row.completion_ns
            events.append(ProcessEvent(row.name, core, at, at, False))
    return sorted(events, key=lambda event: event.at)


def compare_orders(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], cores: int, window: Window
) -> Order:
    """Lay two orders over each other. Processes decide; cores are counted and shown beside.

    Events that happen at once in both runs are first put into the order of the first run.
    """
    names, given = _names(first), _names(second)
    settled = second if names == given else _settled(first, second, window)
    one, other = _by_core(first), _by_core(second)
    same_on_core = tuple(one[core] == other[core] for core in range(cores))
    alike = all(same_on_core) and one[-1] == other[-1]
    difference = None if names == _names(settled) else _first_difference(first, settled, window)
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
    """τ-b of the moments at which each process comes for the first time in both runs."""
    one, other = _first_times(first), _first_times(second)
    both = [name for name in one if name in other]
    return kendall([one[name] for name in both], [other[name] for name in both])


def _first_times(events: Iterable[ProcessEvent]) -> dict[str, int]:
    times: dict[str, int] = {}
    for event in events:
        times.setdefault(event.process, event.at)
    return times


def _by_core(events: Iterable[ProcessEvent]) -> dict[int, list[str]]:
    """Return the processes that were dispatched on each core, in order."""
    found: dict[int, list[str]] = defaultdict(list)
    for event in events:
        found[event.core].append(event.process)
    return found


def _labels(events: Iterable[ProcessEvent]) -> list[Hashable]:
    """(process, its nth event): what stays the same when events change places."""
    turns: dict[str, count[int]] = {}
    return [(event.process, next(turns.setdefault(event.process, count()))) for event in events]


def _partners(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent]
) -> list[tuple[ProcessEvent, ProcessEvent]]:
    """Each process's nth event of one run with its nth of the other, in the order of the first."""
    of_second = dict(zip(_labels(second), second, strict=True))
    labelled = zip(_labels(first), first, strict=True)
    return [(event, of_second[label]) for label, event in labelled if label in of_second]


def _settled(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> list[ProcessEvent]:
    """The second order, with what happens at once in both runs in the order of the first.

    Each event goes forward past those that it happens at once with, if the first run has it before
    them. What only the second run has stays in its place.
    """
    partner = dict(zip(_labels(first), enumerate(first), strict=True))
    settled: list[
        tuple[int, ProcessEvent, ProcessEvent]
    ] = []  # place in the first run, event of it, own event
    for label, event in zip(_labels(second), second, strict=True):
        place, other = partner.get(label, (-1, event))
        at = len(settled)
        while at > len(settled) - FURTHEST and at and 0 <= place < settled[at - 1][0]:
            _, before_other, before = settled[at - 1]
            if not window.at_once((other, event), (before_other, before)):
                break
            at -= 1
        settled.insert(at, (place, other, event))
    return [event for _, _, event in settled]


def _first_difference(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> Difference:
    at = common_prefix(_names(first), _names(second))
    mine = first[at] if at < len(first) else None
    yours = second[at] if at < len(second) else None
    near = mine is not None and yours is not None
    near = near and _is_near_tie(at, first, second, window)
    needed, drift = needed_shift(at, first, second)
    return Difference(at, _turn(mine), _turn(yours), near, needed, drift)


def needed_shift(
    at: int, first: Sequence[ProcessEvent], second: Sequence[ProcessEvent]
) -> tuple[int | None, int]:
    """The least lateness (ns) that explains why two orders differ at place `at`, and by how much
    what became ready then did so at another time (ns).

    One process may have become ready too late for the decision in one of the runs; the two may
    have become ready in another order; or the events themselves changed places. Of an event that
    only one run has, it is the time from the event before it. None: nothing explains it.
    """
    mine = first[at] if at < len(first) else None
    yours = second[at] if at < len(second) else None
    if mine is None or yours is None:
        events, extra = (first, mine) if mine else (second, yours)
        return (extra.at - events[at - 1].at if extra and at else None), 0
    mine_there = _next_of(mine.process, second, at)
    yours_there = _next_of(yours.process, first, at)
    shifts = [(abs(yours.at - mine.at), 0)] if None in (mine_there, yours_there) else []
    late = _drift(mine, mine_there), _drift(yours, yours_there)
    if mine_there and mine_there.ready_since > yours.at:  # ready too late for the decision
        shift = mine.at - mine.ready_since + mine_there.ready_since - yours.at
        shifts.append((shift, late[0]))
    if yours_there and yours_there.ready_since > mine.at:
        shift = yours.at - yours.ready_since + yours_there.ready_since - mine.at
        shifts.append((shift, late[1]))
    if mine_there and yours_there:
        before = yours_there.ready_since - mine.ready_since
        after = mine_there.ready_since - yours.ready_since
        if min(before, after) >= 0 < before + after:
            shifts.append((before + after, max(late)))
        shifts.append((yours_there.at - mine.at + mine_there.at - yours.at, 0))
    return min(shifts, key=max)


def _drift(event: ProcessEvent, there: ProcessEvent | None) -> int:
    return abs(there.ready_since - event.ready_since) if there else 0


def _is_near_tie(
    at: int, first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> bool:
    """Could the two machines have chosen differently at place `at` by microseconds only?

    Either both processes were woken at once, or one of them was woken just when the decision was
    taken: in one run it came in time, in the other it missed it.
    """
    mine, yours = first[at], second[at]
    mine_there = _next_of(mine.process, second, at)
    yours_there = _next_of(yours.process, first, at)
    if mine_there and window.just_woken(mine, mine.at) and window.just_woken(mine_there, yours.at):
        return True
    if yours_there is None:
        return False
    if window.just_woken(yours, yours.at) and window.just_woken(yours_there, mine.at):
        return True
    if mine_there is None:
        return False
    return window.woken_at_once((mine, mine_there), (yours_there, yours))


def _next_of(process: str, events: Sequence[ProcessEvent], at: int) -> ProcessEvent | None:
    return next((events[i] for i in range(at, len(events)) if events[i].process == process), None)


def _turn(event: ProcessEvent | None) -> OrderEntry | None:
    return None if event is None else OrderEntry(event.process, event.core, event.at)


def _moved_at(first: Sequence[ProcessEvent], pair: tuple[ProcessEvent, ProcessEvent]) -> Difference:
    return Difference(first.index(pair[0]), _turn(pair[0]), _turn(pair[1]), False)
