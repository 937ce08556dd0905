"""The groups of one core as a tree of queues: they are queued, throttled, and taken out again.

The fair class of a core is a tree of EEVDF queues. The choice begins in the root's queue; as long
as it falls on a group, it goes on in the queue of that group. What a task runs is charged to it and
to each group that it is in. A group's entity asks for slices of the shortest length that any task
in it asks for. Its weight is `cpu.weight` (100 weighs as much as a process of nice 0), and with
several cores the share of it that the group's load on this core has in its load on all cores.

After kernel/sched/fair.c, 6.12 to 6.18: `enqueue_task_fair`, `dequeue_entities`, `pick_task_fair`,
`calc_group_shares`, and `throttle_cfs_rq`. Loads are the weights in the queues, not the averages of
PELT.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence

from kernel.linux.bandwidth import Part, Pool, pool_of
from kernel.linux.clock import Ticks
from kernel.linux.entity import Entity
from kernel.linux.entity_queue import EntityQueue
from kernel.linux.task import UNIT, Task
from kernel.process.linux_attributes import Group

LEAST_SHARES = 2
"""The least weight of a group on a core."""


def shares_of(group: Group) -> int:
    """Return the weight of a group on the scale of nice values (sched_weight_from_cgroup)."""
    return max(LEAST_SHARES, (group.weight * 1024 + 50) // 100)


class OnAllCores:
    """What the cores know together of a group: its load on each of them, and its pool."""

    def __init__(self, group: Group, elapsed: int) -> None:
        self.pool: Pool | None = pool_of(group, elapsed)
        self.load = 0  # the sum of the weights in the group's queues of all cores


class GroupQueue(Entity):
    """A group on one core."""

    __slots__ = ("load", "on_all_cores", "parent", "part", "queue", "shares")

    def __init__(
        self, group: Group, parent: GroupQueue | None, ticks: Ticks, on_all_cores: OnAllCores
    ) -> None:
        self.shares = shares_of(group)
        super().__init__("other", self.shares, UNIT // self.shares, 0)
        self.parent = parent
        self.queue: EntityQueue[Entity] = EntityQueue(ticks)
        self.on_all_cores = on_all_cores
        pool = on_all_cores.pool
        self.part = None if pool is None else Part(pool)
        self.load = 0  # the weights in the queue, as far as they are counted in `on_all_cores`

    @property
    def throttled(self) -> bool:
        """Return whether the group itself, not one above it, waits for its pool to be filled."""
        return self.part is not None and self.part.filled_at is not None

    def weight_now(self) -> int:
        """Count the load of the queue, and return the weight that the group has on this core."""
        load = self.queue.sums()[1]
        self.on_all_cores.load += load - self.load
        self.load = load
        if not load:
            return self.weight
        return max(LEAST_SHARES, self.shares * load // self.on_all_cores.load)


class GroupTree:
    """The queue of the root and those of the groups. `now`, ns, is set before each call."""

    def __init__(
        self,
        root: EntityQueue[Entity],
        ticks: Ticks,
        common: MutableMapping[Group, OnAllCores],
        age: int,
    ) -> None:
        """Begin with the queue `root`, which may have tasks.

        `common` is shared by all cores. `age`: so many eighths of each period are over at 0 ns.
        """
        self.root, self._ticks, self._common, self._age = root, ticks, common, age
        self._groups: dict[Group, GroupQueue] = {}
        self.now = 0

    def group_of(self, group: Group | None) -> GroupQueue | None:
        """Return a group on this core; it is made when it is first asked for."""
        if group is None:
            return None
        found = self._groups.get(group)
        if found is None:
            everywhere = self._common.setdefault(group, OnAllCores(group, self._age))
            found = GroupQueue(group, self.group_of(group.parent), self._ticks, everywhere)
            self._groups[group] = found
        return found

    def line(self, group: GroupQueue | None) -> Iterator[GroupQueue]:
        """Yield the group and the groups around it, the innermost first."""
        while group is not None:
            yield group
            group = group.parent

    def queue(self, group: GroupQueue | None) -> EntityQueue[Entity]:
        """Return the queue of a group; None: of the root."""
        return self.root if group is None else group.queue

    def is_queued(self, group: GroupQueue) -> bool:
        """Return whether the group is in its parent's queue, running or delayed perhaps."""
        return group.place is not None or self.queue(group.parent).current is group

    def is_throttled(self, task: Task) -> bool:
        """Return whether a group of the task, which is ready, waits for its pool to be filled."""
        return any(group.throttled for group in self.line(self.group_of(task.group)))

    def load_of(self, task: Task) -> int:
        """Return the part of the root's load that a task is (task_h_load)."""
        load = task.weight
        for group in self.line(self.group_of(task.group)):
            load = load * group.weight // max(1, group.queue.sums()[1])
        return max(1, load)

    def average_for(self, task: Task) -> int:
        """Return V of the queue that the task is in."""
        return self.queue(self.group_of(task.group)).average

    def refill_empty(self, group: GroupQueue | None) -> None:
        """Let the throttled groups on the way come back whose time came when they were empty."""
        for each in self.line(group):
            if each.part is not None and not len(each.queue):
                each.part.refill(self.now)

    def has_grown(self, group: GroupQueue | None) -> None:
        """Queue a group, and those around it, as something was queued in it."""
        for each in self.line(group):
            self._adjust_one(each)
            if each.throttled:
                return
            if self.is_queued(each) and not each.delayed:
                continue
            if each.part is not None and not each.delayed:
                each.part.charge(0, self.now)
                if each.part.spent:
                    each.part.throttle(self.now)
                    return
            self.queue(each.parent).wake(each)

    def has_shrunk(self, group: GroupQueue | None) -> None:
        """Take a group out of its parent's queue if its own is empty, and so on."""
        for each in self.line(group):
            self._adjust_one(each)
            if len(each.queue):
                continue
            if each.part is not None and not each.throttled:
                each.part.rest(self.now)
            if self.is_queued(each) and not each.delayed:
                self.queue(each.parent).sleep(each)

    def throttle(self, group: GroupQueue, running: Sequence[GroupQueue]) -> None:
        """Take a group whose part is used up out of its parent's queue.

        `running`: the groups of the running task, of which it is one, the innermost first.
        """
        assert group.part is not None
        group.part.throttle(self.now)
        for each in running[: running.index(group) + 1]:
            each.queue.put_back()
        self.queue(group.parent).leave(group)
        self.has_shrunk(group.parent)

    def adjust(self, group: GroupQueue) -> None:
        """Give a group, and those around it, slices and weights by what is in their queues."""
        for each in self.line(group):
            self._adjust_one(each)

    def _adjust_one(self, group: GroupQueue) -> None:
        """Give a group the slice and the weight that follow from what is in its queue."""
        parent, queued = self.queue(group.parent), self.is_queued(group)
        weight = group.weight_now()
        if weight != group.weight:
            if queued:
                parent.reweigh(group, weight, UNIT // weight)
            else:
                group.lag = group.lag * group.weight // weight
                group.weight, group.pace = weight, UNIT // weight
        if len(group.queue):
            length = group.queue.least_slice()
            if queued:
                parent.ask(group, length)
            else:
                group.slice = length

    def fires_at(self) -> int | None:
        """Return when the pool of a throttled group is filled that has something to run, ns."""
        parts = (group.part for group in self._groups.values() if len(group.queue))
        times = (part.filled_at for part in parts if part is not None)
        return min((at for at in times if at is not None), default=None)

    def look(self) -> bool:
        """Queue the groups whose pools have been filled. Return whether there were any.

        At one instant the group comes first that had a process on this core first.
        """
        found = False
        for group in self._groups.values():
            if group.part is not None and len(group.queue) and group.part.refill(self.now):
                found = True
                self.has_grown(group)
        return found
