"""Group scheduling: on each core a group is an entity in a queue, and has a queue of its own.

How the tree of these queues works, and which parts of the kernel it follows, is in
`kernel/linux/group_tree.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from kernel.linux.clock import Ticks
from kernel.linux.entity import Entity
from kernel.linux.entity_queue import EntityQueue
from kernel.linux.group_tree import GroupQueue, GroupTree, OnAllCores
from kernel.linux.task import Task
from kernel.process.linux_attributes import Group


class GroupedFair:
    """The fair class of one core with groups. The same interface as `Eevdf`."""

    def __init__(
        self,
        root: EntityQueue[Entity],
        ticks: Ticks,
        common: MutableMapping[Group, OnAllCores],
        age: int,
    ) -> None:
        """Begin with the queue `root`, which may have tasks. See `GroupTree`."""
        self.tree = GroupTree(root, ticks, common, age)
        self._running: list[GroupQueue] = []  # groups of the running task, the innermost first

    # -- what all fair classes have ----------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.tree.root)

    @property
    def alone(self) -> bool:
        """Return whether no other task is queued beside the one that runs."""
        return all(len(queue) < 2 for queue in self._running_queues())

    def sums(self) -> tuple[int, int]:
        """Return the sums of the root's queue, see `Eevdf`."""
        return self.tree.root.sums()

    def fork(self, task: Task) -> None:
        """Add a new task, which is owed nothing; its first request is half a slice."""
        group = self.tree.group_of(task.group)
        self.tree.refill_empty(group)
        self.tree.queue(group).fork(task)
        self.tree.has_grown(group)

    def wake(self, task: Task) -> None:
        """Add a task that woke, or came from another core."""
        group = self.tree.group_of(task.group)
        self.tree.refill_empty(group)
        self.tree.queue(group).wake(task)
        self.tree.has_grown(group)

    def sleep(self, task: Task) -> None:
        """Remove a task that blocks. If it is ahead of V it stays, delayed."""
        group = self.tree.group_of(task.group)
        self.tree.queue(group).sleep(task)
        self.tree.has_shrunk(group)

    def leave(self, task: Task, *, moves: bool = False) -> None:
        """Remove a task, and note its lag; `moves`: it keeps its deadline relative to v."""
        group = self.tree.group_of(task.group)
        self.tree.queue(group).leave(task, moves=moves)
        self.tree.has_shrunk(group)

    def give_up(self, task: Task) -> None:
        """Let the running task yield in its own queue."""
        self.tree.queue(self.tree.group_of(task.group)).give_up(task)

    def put_back(self) -> None:
        """Put the running task, and the groups that it is in, back into their queues."""
        for group in self._running:
            group.queue.put_back()
        self.tree.root.put_back()
        self._running = []

    def best(self) -> Task | None:
        """Return the task that runs next. Groups that are to be throttled leave their queues."""
        for each in self._running:
            if each.part is not None and each.part.spent and self.tree.is_queued(each):
                self.tree.throttle(each, self._running)
        while True:
            group: GroupQueue | None = None
            entity = self.tree.root.best()
            while isinstance(entity, GroupQueue):
                group = entity
                before = len(group.queue)
                entity = group.queue.best()
                if entity is not None and len(group.queue) < before:
                    self.tree.adjust(group)
            if entity is not None:
                assert isinstance(entity, Task)
                return entity
            if group is None:
                return None
            self.tree.has_shrunk(group)  # only delayed tasks were in it, and they have left

    def begin(self, task: Task) -> None:
        """Let the task run, protected in the queue of each group that it is in, see `Eevdf`."""
        line = list(self.tree.line(self.tree.group_of(task.group)))
        for group in self._running:
            if group not in line:
                group.queue.put_back()
        entity: Entity = task
        for group in line:
            group.queue.begin(entity)
            entity = group
        self.tree.root.begin(entity)
        self._running = line

    def charge(self, since: int, now: int) -> bool:
        """Charge the running task and its groups. Return whether another task may be next."""
        again = self.tree.root.charge(since, now)
        for group in self._running:
            again |= group.queue.charge(since, now)
            if group.part is not None:
                group.part.charge(now - since, now)
                again |= group.part.spent
        if self._running:
            self.tree.adjust(self._running[0])
        return again

    def looked_at_in(self) -> int | None:
        """Return the ns that the running task may have before the tick at which it is preempted."""
        times = [queue.looked_at_in() for queue in self._running_queues()]
        return min((ns for ns in [*times, *self._left()] if ns is not None), default=None)

    def over_in(self) -> int | None:
        """Return a lower bound of the ns until the running task is preempted between ticks."""
        times = [queue.over_in() for queue in self._running_queues()]
        return min((ns for ns in [*times, *self._left()] if ns is not None), default=None)

    def preempts(self, task: Task) -> bool:
        """Return whether `task`, which just woke, preempts the running task.

        The two entities are compared that lie in one queue and contain the two tasks.
        """
        group = self.tree.group_of(task.group)
        running = self._running_queues()
        waking: Entity = task
        while self.tree.queue(group) not in running:
            assert group is not None
            if group.throttled:
                return False
            waking, group = group, group.parent
        return self.tree.queue(group).preempts(waking, task.kind)

    def catch_up(self, idle_since: int, now: int) -> None:
        """Remove the tasks and groups that left the queues while the core was idle, up to `now`.

        A group that is throttled with nothing but delayed tasks comes back when its pool is filled,
        and leaves then. Times in ns.
        """
        at: int | None = idle_since
        while at is not None and at < now:
            self.tree.now = at
            self.tree.look()
            self.best()
            at = self.tree.fires_at()
        self.tree.now = now

    def _running_queues(self) -> list[EntityQueue[Entity]]:
        return [*(group.queue for group in self._running), self.tree.root]

    def _left(self) -> Iterator[int]:
        """Yield how long each group of the running task may go on, ns."""
        for group in self._running:
            if group.part is not None:
                yield max(0, group.part.left)
