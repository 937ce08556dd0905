"""The tasks that wait in a fair queue, and the eligible one with the earliest deadline.

Linux keeps a red-black tree by deadline, with the least v of each subtree in its root (pick_eevdf
in kernel/sched/fair.c). Two heaps do the same here: tasks ahead of V are in one by v, the others in
one by deadline. V may also move back: a task that is found ahead of V at the top of the second heap
goes back to the first. A decision costs O(log n).
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from kernel.linux.entity import Entity

E = TypeVar("E", bound=Entity)

SLACK = 64
"""So many stale entries are kept in any case: removing them must be worth the time."""


class WaitingTasks(Generic[E]):
    """Tasks, or groups of tasks, whose v and deadline do not change while they are here.

    An entry of a heap is (key, turn, task). It is stale unless it is the `place` of its task.
    """

    def __init__(self) -> None:
        self._ahead: list[tuple[int, int, E]] = []  # by v
        self._able: list[tuple[int, int, E]] = []  # by deadline
        self._count = 0
        self._turns = 0
        self.weight = 0  # the sum of all weights
        self.moment = 0  # sum of weight x v
        self.slices: dict[int, int] = {}  # by length of a slice: how many tasks ask for it

    def __len__(self) -> int:
        return self._count

    def add(self, task: E) -> None:
        """Add a task behind the tasks with an equal deadline."""
        self._turns += 1
        self._count += 1
        self.weight += task.weight
        self.moment += task.weight * task.v
        self._count_slice(task)
        entry = task.place = task.v, self._turns, task
        heappush(self._ahead, entry)

    def remove(self, task: E) -> None:
        """Remove a task, which need not be the first."""
        assert task.place, f"{task} does not wait"
        task.place = None
        self._count -= 1
        self.weight -= task.weight
        self.moment -= task.weight * task.v
        self._forget_slice(task)
        if len(self._ahead) + len(self._able) > 2 * self._count + SLACK:
            self._sweep()

    def _count_slice(self, task: E) -> None:
        self.slices[task.slice] = self.slices.get(task.slice, 0) + 1

    def _forget_slice(self, task: E) -> None:
        self.slices[task.slice] -= 1
        if not self.slices[task.slice]:
            del self.slices[task.slice]

    def ask(self, task: E, length: int) -> None:
        """Let a task that is here ask for slices of `length` ns from now on."""
        self._forget_slice(task)
        task.slice = length
        self._count_slice(task)

    def _sweep(self) -> None:
        for heap in (self._ahead, self._able):
            heap[:] = [entry for entry in heap if entry[2].place is entry]
            heapify(heap)

    def nearest(self) -> int | None:
        """Return a lower bound of the v of all tasks that were ahead of V at the last `first`."""
        return self._ahead[0][0] if self._ahead else None

    def first(self, moment: int, weight: int) -> E | None:
        """Return the task with the earliest deadline whose v is at most V = `moment` / `weight`."""
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
