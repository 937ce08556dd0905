"""Find events that happen at about the same time, so that their order is chance and no decision.

Events that the model puts at one instant come microseconds apart on the real machine, in either
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timeline.comparison.schedule.process_events import ProcessEvent, labels

FURTHEST = 64
"""How many places an event is moved forward at most, past others of the same instant."""


@dataclass(frozen=True, slots=True)
class Window:
    """How close (ns) two events must be for their order to mean nothing.

    On one core it is `close`. On two cores one core may be later than the other, so `lateness`, a
    share of the time since the start, is added. Two events at exactly the same time in a simulated
    run are always close.
    """

    close: int
    lateness: float
    exact: tuple[bool, bool]  # which of the two runs are simulated

    def at_once(
        self, one: tuple[ProcessEvent, ProcessEvent], other: tuple[ProcessEvent, ProcessEvent]
    ) -> bool:
        """Return whether two events happen at about the same time in both runs.

        Each event is given as a pair: in the first and in the second run.
        """
        gaps = [abs(mine.at - yours.at) for mine, yours in zip(one, other, strict=True)]
        if any(exact and gap == 0 for exact, gap in zip(self.exact, gaps, strict=True)):
            return True
        return max(gaps) <= self._allowed(one, other)

    def woken_at_once(
        self, one: tuple[ProcessEvent, ProcessEvent], other: tuple[ProcessEvent, ProcessEvent]
    ) -> bool:
        """Return whether two processes become ready at about the same time in both runs.

        One of them must become ready by the end of an I/O. The order of arrivals and expiries at
        one instant is fixed by a rule; that of the end of an I/O is not.
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
        """Return whether the I/O of a process ended so near to `time` (ns) that chance decides.

        The process may then be ready for the decision at `time` or not.
        """
        return event.woke and abs(event.ready_since - time) <= self.close


def settled(
    first: Sequence[ProcessEvent], second: Sequence[ProcessEvent], window: Window
) -> list[ProcessEvent]:
    """Return the second order, with events at once in both runs put into the order of the first.

    Each event is moved forward past events that happen at once with it, if it comes before them in
    the first run. An event that only the second run has stays in its place.
    """
    partner = dict(zip(labels(first), enumerate(first), strict=True))
    # place in the first run, the event in the first run, the event in the second run
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

    The orders differ at place `at`. There are three explanations. One process may have become ready
    too late for the decision in one of the runs. The two processes may have become ready in another
    order. Or the events themselves may have changed places. The drift is how far the times at which
    the process became ready differ between the runs. For an event that only one run has, the
    lateness is the time since the event before it. None: no lateness explains the difference.
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
    """Return whether the machines chose differently at place `at` because of microseconds only.

    Either both processes became ready at once. Or one of them became ready just when the decision
    was made: in time in one run, and too late in the other.
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
