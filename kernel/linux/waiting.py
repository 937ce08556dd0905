"""Who waits in a fair queue: the one with the earliest deadline of those that are not ahead of V.

Linux keeps a red-black tree by deadline, with the least v of each subtree in its root (pick_eevdf
in kernel/sched/fair.c). Two heaps do the same here: who is ahead of V waits in one by v, the others
in one by deadline. V may also move back: who is found ahead of it at the top of the second goes
back to the first. So a decision costs as much as log n.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from kernel.linux.task import Task

Entry = tuple[int, int, Task]  # its key, its turn, and whose it is; stale unless its task's place

SLACK = 64
"""Stale entries that are kept whatever happens: sweeping them out must be worth it."""


class WaitingTasks:
    """Tasks whose v and deadline do not change while they are here."""

    def __init__(self) -> None:
        self._ahead: list[Entry] = []  # by v
        self._able: list[Entry] = []  # by deadline
        self._count = 0
        self._turns = 0

    def __len__(self) -> int:
        return self._count

    def add(self, task: Task) -> None:
        """Of equal deadlines, behind those that are here."""
        self._turns += 1
        self._count += 1
        entry = task.place = task.v, self._turns, task
        heappush(self._ahead, entry)

    def remove(self, task: Task) -> None:
        """It need not be the first."""
        assert task.place, f"{task} does not wait"
        task.place = None
        self._count -= 1
        if len(self._ahead) + len(self._able) > 2 * self._count + SLACK:
            self._sweep()

    def _sweep(self) -> None:
        for heap in (self._ahead, self._able):
            heap[:] = [entry for entry in heap if entry[2].place is entry]
            heapify(heap)

    def nearest(self) -> int | None:
        """No more than the least v of those that were ahead of V when it was last asked."""
        return self._ahead[0][0] if self._ahead else None

    def first(self, moment: int, weight: int) -> Task | None:
        """The earliest deadline of those whose v is at most V = `moment` / `weight`."""
        ahead, able = self._ahead, self._able
        while ahead and ahead[0][0] * weight <= moment:
            entry = heappop(ahead)
            task = entry[2]
            if task.place is entry:
                entry = task.place = task.deadline, entry[1], task
                heappush(able, entry)
        while able:
            entry = able[0]
            task = entry[2]
            if task.place is entry:
                if task.v * weight <= moment:
                    return task
                back = task.place = task.v, entry[1], task
                heappush(ahead, back)
            heappop(able)
        return None
