"""The event list: what the schedule expects to happen, by virtual time."""

from __future__ import annotations

import heapq
from itertools import count

from real.dispatched.events import AwaitedEvent


class EventList:
    """A heap of dues. What is cancelled stays in it until its time comes, and is left out then."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, AwaitedEvent]] = []
        self._order = count()

    def push(self, event: AwaitedEvent) -> None:
        """Equal times: the order of the pushes."""
        heapq.heappush(self._heap, (event.book, next(self._order), event))

    @property
    def next_at(self) -> int:
        """The earliest book time, ns. Something must be expected."""
        return self._heap[0][0]

    def pop_instant(self) -> list[AwaitedEvent]:
        """All entries of the earliest book time, in the order they were made."""
        batch: list[AwaitedEvent] = []
        while self._heap and (not batch or self._heap[0][0] == batch[0].book):
            event = heapq.heappop(self._heap)[2]
            if not event.cancelled:
                batch.append(event)
        return batch

    def most_overdue(self, batch: list[AwaitedEvent], now: int) -> AwaitedEvent:
        """What has happened first, or will, of `batch` and of all that the books put later."""
        later = [event for _, _, event in self._heap if not event.cancelled]
        return min((*batch, *later), key=lambda event: event.to_go(now))

    def give_way(self, batch: list[AwaitedEvent], held: AwaitedEvent, now: int) -> int:
        """`held` has been held back for too long: what it waits for goes behind it.

        Returns how many of `batch` were moved; all of it is on the event list again.
        """
        moved = 0
        for event in batch:
            if event.to_go(now) > 0:
                event.book = max(event.book, held.book) - held.to_go(now)
                moved += 1
            self.push(event)
        return moved
