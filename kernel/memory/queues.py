"""One queue per partition: a program waits for the smallest partition that holds it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count

from kernel.hardware import Region
from kernel.memory.fixed import FixedPartitions
from kernel.process.control_block import Process


class PartitionQueues:
    """Admission, with a queue for each of the fixed partitions.

    A program waits for the smallest partition that holds it (equal: the lowest address), and takes
    no other, even if that is free. So internal fragmentation is least, but large partitions are
    unused while small programs wait. (Stallings, Operating Systems, ch. 7, "one process queue per
    partition".)
    """

    def __init__(self, partitions: FixedPartitions) -> None:
        self._partitions = partitions
        self._queues: dict[Region, deque[tuple[int, Process, int]]] = {}
        self._freed: set[Region] = set()  # since the last `admit`
        self._numbers = count()
        self._waiting = 0
        self.movable = True  # as in `Admission`; it has no effect here

    @property
    def anybody_waits(self) -> bool:
        """Return whether a program waits in a queue."""
        return self._waiting > 0

    def request(self, process: Process, size: int) -> Region | None:
        """Return a place of `size` bytes for a program that has arrived; None: it is queued.

        Raises ValueError if no partition holds it.
        """
        home = self._partitions.home(size)
        region = None if self._queues.get(home) else self._partitions.take(home, size)
        if region is None:
            self.join(process, size)
        return region

    def withdraw(self, process: Process) -> None:
        """Remove a process that died in a queue. Its partition is taken, so no other one enters."""
        for queue in self._queues.values():
            for entry in [entry for entry in queue if entry[1] is process]:
                queue.remove(entry)
                self._waiting -= 1

    def join(self, process: Process, size: int) -> None:
        """Queue a program, even if there is a place for it. It enters by `admit`."""
        home = self._partitions.home(size)
        self._queues.setdefault(home, deque()).append((next(self._numbers), process, size))
        self._waiting += 1
        if not self._partitions.is_taken(home):
            self._freed.add(home)

    def release(self, region: Region) -> None:
        """Free the place of a program that has ended. `admit` must follow: one may enter now."""
        self._partitions.free(region)
        self._freed.add(region)

    def admit(self) -> Iterator[tuple[Process, Region]]:
        """Yield the heads of the queues whose partitions are free, the first to arrive first."""
        free = (home for home in self._freed if not self._partitions.is_taken(home))
        homes = [home for home in free if self._queues.get(home)]
        self._freed.clear()
        for home in sorted(homes, key=lambda home: self._queues[home][0]):
            _, process, size = self._queues[home].popleft()
            self._waiting -= 1
            region = self._partitions.take(home, size)
            assert region is not None
            yield process, region

    def in_the_way(self, leaving: Sequence[Region], others: Sequence[Region]) -> list[Region]:
        """Return which of the `others` have a partition that a program waits for."""
        return [region for region in others if self._queues.get(region)]
