"""The programs that wait for memory, computed from the record alone.

The laws use it to find a program that waits although there is a place for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from typing import Any

from kernel.memory.sorted_keys import SortedKeys
from timeline.memory.free_space import FreePartitions, FreeSpace
from timeline.record.run import TAKES, MemoryEvent

_PLACES = 1 << 40  # larger than every position in a queue


class AdmissionQueue(ABC):
    """The waiting programs with the bytes that they ask for, in the order in which they came."""

    def __init__(self, free_space: FreeSpace) -> None:
        self.free_space = free_space
        self.waiting: dict[str, int] = {}

    def join(self, name: str, size: int) -> None:
        """Add a program that begins to wait."""
        self.waiting[name] = size

    def leave(self, name: str) -> None:
        """Remove a program that no longer waits. It has no effect if the program did not wait."""
        self.waiting.pop(name, None)

    @abstractmethod
    def neglected(self) -> str | None:
        """Return a program that waits and could have a place now, or None."""


class FifoQueue(AdmissionQueue):
    """The head of the queue blocks the programs behind it."""

    def neglected(self) -> str | None:
        """Return the head, if there is a place for it."""
        name, size = next(iter(self.waiting.items()), ("", 0))
        return name if name and size <= self.free_space.obtainable else None


class SkippingQueue(AdmissionQueue):
    """A program that fits may go before others. If any program fits, the smallest does."""

    def __init__(self, free_space: FreeSpace) -> None:
        super().__init__(free_space)
        self._names: list[str] = []  # of all programs that ever waited
        self._sizes = SortedKeys()
        self._key_of: dict[str, int] = {}

    def join(self, name: str, size: int) -> None:
        """Add a program that begins to wait."""
        super().join(name, size)
        self._key_of[name] = size * _PLACES + len(self._names)
        self._sizes.add(self._key_of[name])
        self._names.append(name)

    def leave(self, name: str) -> None:
        """Remove a program that no longer waits."""
        super().leave(name)
        key = self._key_of.pop(name, None)
        if key is not None:
            self._sizes.remove(key)

    def neglected(self) -> str | None:
        """Return the smallest program, if there is a place for it."""
        if not self._sizes:
            return None
        size, place = divmod(self._sizes.first(), _PLACES)
        return self._names[place] if size <= self.free_space.obtainable else None


class QueuePerPartition(AdmissionQueue):
    """A program waits for the smallest partition that holds it.

    If several have that size, it is the one at the lowest address.
    """

    def __init__(self, free_space: FreePartitions) -> None:
        super().__init__(free_space)
        self._partitions = free_space
        self._by_size = sorted((size, base) for base, size in free_space.size_at.items())
        self._of: dict[
            int, dict[str, int]
        ] = {}  # programs that wait for the partition at an address

    def join(self, name: str, size: int) -> None:
        """Add a program to the queue of its partition."""
        super().join(name, size)
        if size <= self._by_size[-1][0]:  # otherwise the record does not tell its size
            self._of.setdefault(self._home(size), {})[name] = size

    def leave(self, name: str) -> None:
        """Remove a program from the queue of its partition."""
        size = self.waiting.get(name)
        if size is not None and size <= self._by_size[-1][0]:
            del self._of[self._home(size)][name]
        super().leave(name)

    def _home(self, size: int) -> int:
        return self._by_size[bisect_left(self._by_size, (size, 0))][1]

    def neglected(self) -> str | None:
        """Return the head of a queue whose partition is free, or None."""
        free = self._partitions.is_free
        return next(
            (next(iter(queue)) for base, queue in self._of.items() if queue and free[base]), None
        )


class BoundedAdmission:
    """An admission queue, and the programs that may not join it yet.

    They are held because as many programs have been let in as `max_resident` allows (`most`).
    """

    def __init__(self, queue: AdmissionQueue, most: int | None) -> None:
        self.queue = queue
        self._most = most
        self._inside: set[str] = set()  # let in and not ended, or in the queue for the first time
        self._held: deque[tuple[str, int]] = deque()

    def see(self, event: MemoryEvent, asked: int, limit: int) -> None:
        """Follow an event of a program that asked for `asked` bytes and was given `limit` bytes."""
        name = event.process
        if event.event == "waits" and name in self._inside:
            self.queue.join(name, limit)
        elif event.event == "waits" and len(self._inside) == self._most:
            self._held.append((name, asked))
        elif event.event == "waits":
            self._inside.add(name)
            self.queue.join(name, asked)
        elif event.event in TAKES:
            self._inside.add(name)
            self.queue.leave(name)
        elif event.event in ("freed", "withdrawn"):
            self.queue.leave(name)
            if name not in self._inside:
                self._held = deque(entry for entry in self._held if entry[0] != name)
                return
            self._inside.discard(name)
            if self._held:
                name, asked = self._held.popleft()
                self._inside.add(name)
                self.queue.join(name, asked)


def admission_queue_of(memory: Mapping[str, Any], free_space: FreeSpace) -> AdmissionQueue:
    """Return an empty queue for `free_space`, with the admission rule of `machine.memory`."""
    if isinstance(free_space, FreePartitions) and memory.get("queues") == "per-partition":
        return QueuePerPartition(free_space)
    return SkippingQueue(free_space) if memory.get("admission") == "skip" else FifoQueue(free_space)
