"""Which events happen at about the same time, so that their order is chance and no decision.

Events that the model puts at one instant arrive microseconds apart in reality, in either order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timeline.comparison.schedule.process_events import ProcessEvent, labels

FURTHEST = 64
"""Most places that an event moves forward past others of the same instant."""


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
        """Return whether two events (each of both runs) happen at about the same time in both."""
        gaps = [abs(mine.at - yours.at) for mine, yours in zip(one, other, strict=True)]
        if any(exact and gap == 0 for exact, gap in zip(self.exact, gaps, strict=True)):
            return True
        return max(gaps) <= self._allowed(one, other)

    def woken_at_once(
        self, one: tuple[ProcessEvent, ProcessEvent], other: tuple[ProcessEvent, ProcessEvent]
    ) -> bool:
        """Return whether both begin to wait at about the same time in both, one of them after I/O.

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

    def just_woken(self, event: ProcessEvent, time: int) -> bool:
        """Return whether an I/O completed so near to `time` that its process may miss it."""
        return event.woke and abs(event.ready_since - time) <= self.close


def settled(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> list[ProcessEvent]:
    """Return the second order, with what happens at once in both runs in the order of the first.

    Each event goes forward past the events that it happens at once with, if the first run has it
    before them. An event that only the second run has stays in its place.
    """
    partner = dict(zip(labels(first), enumerate(first), strict=True))
    # place in the first run, event of it, own event
    found: list[tuple[int, ProcessEvent, ProcessEvent]] = []
    for label, event in zip(labels(second), second, strict=True):
        place, other = partner.get(label, (-1, event))
        at = len(found)
        while at > len(found) - FURTHEST and at and 0 <= place < found[at - 1][0]:
            _, before_other, before = found[at - 1]
            if not window.at_once((other, event), (before_other, before)):
                break
            at -= 1
        found.insert(at, (place, other, event))
    return [event for _, _, event in found]


def needed_shift(
    at: int, first: Sequence[ProcessEvent], second: Sequence[ProcessEvent]
) -> tuple[int | None, int]:
    """Return the least lateness that explains a difference of two orders, and the drift, both ns.

    The orders differ at place `at`. The drift is by how much what became ready then did so at
    another time. One process may have become ready too late for the decision in one of the runs;
    the two may have become ready in another order; or the events themselves changed places. Of an
    event that only one run has, it is the time from the event before it. None: nothing explains it.
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


def is_near_tie(
    at: int, first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> bool:
    """Return whether the machines chose differently at place `at` for microseconds only.

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
