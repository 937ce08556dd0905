"""The agenda: all that is due in the books, by book time."""

from __future__ import annotations

import heapq
from itertools import count

from real.dispatched.events import Due


class Agenda:
    """A heap of dues. What is cancelled stays in it until its time comes, and is left out then."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Due]] = []
        self._order = count()

    def push(self, due: Due) -> None:
        """Equal times: the order of the pushes."""
        heapq.heappush(self._heap, (due.book, next(self._order), due))

    @property
    def next_at(self) -> int:
        """The earliest book time, ns. Something must be due."""
        return self._heap[0][0]

    def pop_instant(self) -> list[Due]:
        """All entries of the earliest book time, in the order they were made."""
        batch: list[Due] = []
        while self._heap and (not batch or self._heap[0][0] == batch[0].book):
            due = heapq.heappop(self._heap)[2]
            if not due.cancelled:
                batch.append(due)
        return batch

    def most_overdue(self, batch: list[Due], now: int) -> Due:
        """What has happened first, or will, of `batch` and of all that the books put later."""
        later = [due for _, _, due in self._heap if not due.cancelled]
        return min((*batch, *later), key=lambda due: due.to_go(now))

    def give_way(self, batch: list[Due], held: Due, now: int) -> int:
        """`held` has been held back for too long: what it waits for goes behind it.

        Returns how many of `batch` were moved; all of it is on the agenda again.
        """
        moved = 0
        for due in batch:
            if due.to_go(now) > 0:
                due.book = max(due.book, held.book) - held.to_go(now)
                moved += 1
            self.push(due)
        return moved
