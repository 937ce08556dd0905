"""The event list: what the schedule expects to happen, by virtual time."""

from __future__ import annotations

import heapq
from itertools import count

from real.dispatched.events import AwaitedEvent


class EventList:
    """A heap of events. A cancelled event stays in it until its time, and is left out then."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, AwaitedEvent]] = []
        self._order = count()

    def push(self, event: AwaitedEvent) -> None:
        """Add an event. Events of one time keep the order in which they were added."""
        heapq.heappush(self._heap, (event.at, next(self._order), event))

    @property
    def next_at(self) -> int:
        """Return the earliest virtual time in the list, ns. It must not be empty."""
        return self._heap[0][0]

    def pop_instant(self) -> list[AwaitedEvent]:
        """Remove and return all events of the earliest virtual time, in the order of `push`."""
        batch: list[AwaitedEvent] = []
        while self._heap and (not batch or self._heap[0][0] == batch[0].at):
            event = heapq.heappop(self._heap)[2]
            if not event.cancelled:
                batch.append(event)
        return batch

    def most_overdue(self, batch: list[AwaitedEvent], now: int) -> AwaitedEvent:
        """Return what has really happened first, or will: of `batch` and of all later events."""
        later = [event for _, _, event in self._heap if not event.cancelled]
        return min((*batch, *later), key=lambda event: event.to_go(now))

    def let_pass(self, held: AwaitedEvent, batch: list[AwaitedEvent], now: int) -> int:
        """Put the events of `batch` for which `held` has waited too long behind it.

        Return how many were moved. All of `batch` is in the list again.
        """
        moved = 0
        for event in batch:
            if event.to_go(now) > 0:
                event.at = max(event.at, held.at) - held.to_go(now)
                moved += 1
            self.push(event)
        return moved
