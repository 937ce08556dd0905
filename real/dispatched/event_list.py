"""The event list: what is expected to happen in the schedule, in order of virtual time."""

from __future__ import annotations

import heapq
from itertools import count

from real.dispatched.events import AwaitedEvent


class EventList:
    """A heap of events. A cancelled event stays in it until its time, and is then left out."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, AwaitedEvent]] = []
        self._order = count()

    def push(self, event: AwaitedEvent) -> None:
        """Add an event. Events of one time keep the order in which they were added."""
        heapq.heappush(self._heap, (event.at, next(self._order), event))

    @property
    def next_at(self) -> int:
        """Return the earliest virtual time in the list, ns. The list must not be empty."""
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
        """Return the event that really happens first, or has: of `batch` and of all later events.

        `now` is in ns of the run.
        """
        later = [event for _, _, event in self._heap if not event.cancelled]
        return min((*batch, *later), key=lambda event: event.to_go(now))

    def let_pass(self, held: AwaitedEvent, batch: list[AwaitedEvent], now: int) -> int:
        """Move the events of `batch` that have not happened behind `held`, in virtual time.

        `held` has happened and has waited too long for them. Return how many events were moved. All
        events of `batch` are in the list again. `now` is in ns of the run.
        """
        moved = 0
        for event in batch:
            if event.to_go(now) > 0:
                event.at = max(event.at, held.at) - held.to_go(now)
                moved += 1
            self.push(event)
        return moved
