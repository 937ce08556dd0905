"""Which memory is free, computed from the record alone: what was placed where, and what was freed.

This module knows which places each scheme can have. It knows no fits and no queues, and uses none
of the allocators, so that the laws can check the decisions of the allocators against it. The
measures of fragmentation come from it, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from kernel.hardware import MemorySpec
from kernel.memory.sorted_keys import SortedKeys
from kernel.memory.variable import layout
from timeline.record.run import LEAVES, TAKES, MemoryEvent
from translation import tr

_ADDRESS = 1 << 64  # larger than every address and size


class FreeSpace(ABC):
    """The free memory of one scheme. All sizes and addresses are bytes."""

    def __init__(self, total: int) -> None:
        self.total = self.free = total
        self._taken: dict[int, int] = {}  # size by base
        self._place_of: dict[str, tuple[int, int]] = {}  # base and size, of the programs seen

    def see(self, event: MemoryEvent) -> int | None:
        """Follow an event of the record. Return the size of the hole that a program got.

        A move counts as leaving one place and getting another. Return None if no program got a
        place.
        """
        if event.event in ("moved", *LEAVES):
            place = self._place_of.pop(event.process, (event.base, event.size))
            self.give(*(place if event.event == "moved" else (event.base, event.size)))
        if event.event in ("moved", *TAKES):
            self._place_of[event.process] = event.base, event.size
            return self.take(event.base, event.size)
        return None

    def take(self, base: int, size: int) -> int | None:
        """Take this place. Return the size of its hole; None if there is no such free place."""
        hole = self._take(base, size)
        if hole is not None:
            self.free -= size
            self._taken[base] = size
        return hole

    def give(self, base: int, size: int) -> None:
        """Free a place. It has no effect if the place was not taken."""
        if self._taken.get(base) == size:
            del self._taken[base]
            self.free += size
            self._give(base, size)

    @property
    @abstractmethod
    def largest(self) -> int:
        """The size of the largest hole; 0: nothing is free."""

    @property
    def obtainable(self) -> int:
        """The largest size for which there is a place now, or would be after compaction."""
        return self.largest

    @abstractmethod
    def _take(self, base: int, size: int) -> int | None: ...

    @abstractmethod
    def _give(self, base: int, size: int) -> None: ...


class FreePartitions(FreeSpace):
    """Fixed partitions from address 0 up."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__(sum(sizes))
        self.size_at = dict(zip(accumulate(sizes, initial=0), sizes, strict=False))
        self._free = SortedKeys()
        for base, size in self.size_at.items():
            self._free.add(size * _ADDRESS + base)
        self.is_free = dict.fromkeys(self.size_at, True)

    @property
    def largest(self) -> int:
        """The size of the largest free partition; 0: none is free."""
        return self._free.last() // _ADDRESS if self._free else 0

    def _take(self, base: int, size: int) -> int | None:
        if self.size_at.get(base) != size or not self.is_free[base]:
            return None
        self.is_free[base] = False
        self._free.remove(size * _ADDRESS + base)
        return size

    def _give(self, base: int, size: int) -> None:
        self.is_free[base] = True
        self._free.add(size * _ADDRESS + base)


class FreeHoles(FreeSpace):
    """Holes that are split and merged again, but never across the reserved memory between them.

    `compacts`: programs may be moved together, but only within one of the initial holes.
    """

    def __init__(self, holes: Sequence[int], *, compacts: bool = False) -> None:
        super().__init__(sum(holes))
        self._compacts = compacts
        self._stretches = [stretch.base for stretch in layout(holes)]
        self._free_in = list(holes)  # bytes
        self._bases = SortedKeys()  # negative, so that the hole below an address is found
        self._sizes = SortedKeys()
        self._size_at: dict[int, int] = {}
        self._base_of: dict[int, int] = {}  # by the end of a hole, its base
        for hole in layout(holes):
            self._open(*hole)

    @property
    def largest(self) -> int:
        """The size of the largest hole; 0: nothing is free."""
        return self._sizes.last() // _ADDRESS if self._sizes else 0

    @property
    def obtainable(self) -> int:
        """The largest size for which there is a place now, or would be after compaction."""
        return max(self._free_in) if self._compacts else self.largest

    def _stretch(self, base: int) -> int:
        """Return the number of the initial hole in which an address lies."""
        return bisect_right(self._stretches, base) - 1

    def _take(self, base: int, size: int) -> int | None:
        key = self._bases.at_least(-base)
        if key is None or base + size > -key + self._size_at[-key] or size < 1:
            return None
        start, hole = -key, self._close(-key)
        self._free_in[self._stretch(base)] -= size
        self._open(start, base - start)
        self._open(base + size, start + hole - base - size)
        return hole

    def _give(self, base: int, size: int) -> None:
        self._free_in[self._stretch(base)] += size
        below = self._base_of.get(base)
        if base + size in self._size_at:
            size += self._close(base + size)
        if below is not None:
            base, size = below, size + self._close(below)
        self._open(base, size)

    def _open(self, base: int, size: int) -> None:
        if size:
            self._size_at[base], self._base_of[base + size] = size, base
            self._bases.add(-base)
            self._sizes.add(size * _ADDRESS + base)

    def _close(self, base: int) -> int:
        size = self._size_at.pop(base)
        del self._base_of[base + size]
        self._bases.remove(-base)
        self._sizes.remove(size * _ADDRESS + base)
        return size


class FreeBlocks(FreeSpace):
    """Blocks of the buddy system: powers of two at multiples of their size."""

    def __init__(self, total: int, least: int) -> None:
        super().__init__(total)
        self._least = least
        self._size_at = {0: total}
        self._count = {total: 1}  # of the free blocks, by size

    @property
    def largest(self) -> int:
        """The size of the largest free block; 0: none is free."""
        return max((size for size, count in self._count.items() if count), default=0)

    def _take(self, base: int, size: int) -> int | None:
        if size < self._least or size & (size - 1) or base % size:
            return None
        block = size
        while block <= self.total and self._size_at.get(base - base % block) != block:
            block *= 2
        if block > self.total:
            return None
        self._remove(base - base % block)
        while block > size:
            block //= 2
            self._add((base - base % block) ^ block, block)
        return size

    def _give(self, base: int, size: int) -> None:
        while size < self.total and self._size_at.get(base ^ size) == size:
            self._remove(base ^ size)
            base, size = min(base, base ^ size), 2 * size
        self._add(base, size)

    def _add(self, base: int, size: int) -> None:
        self._size_at[base] = size
        self._count[size] = self._count.get(size, 0) + 1

    def _remove(self, base: int) -> None:
        self._count[self._size_at.pop(base)] -= 1


def free_space_of(memory: Mapping[str, Any] | None) -> FreeSpace | None:
    """Return the memory of `machine.memory`, all of it free; None if its layout is not recorded.

    Raises ValueError if a size is below 1.
    """
    about = memory or {}
    sizes = [*about.get("partitions", ()), *about.get("holes", ()), about.get("min_block", 1)]
    if min(sizes) < 1 or about.get("size", 1) < 1:
        raise ValueError(tr("{key} has a size below 1", key="machine.memory"))
    if about.get("partitions"):
        return FreePartitions(about["partitions"])
    if about.get("scheme") == "variable":
        compacts = about.get("compaction") == "when-needed"
        return FreeHoles(about.get("holes") or [about["size"]], compacts=compacts)
    if about.get("scheme") == "buddy":
        return FreeBlocks(about["size"], about["min_block"])
    return None


def memory_spec(memory: Mapping[str, Any] | None) -> MemorySpec | None:
    """Return the scheme of `machine.memory` as the allocators take it.

    Return None if its layout is not recorded, as `free_space_of` does.
    """
    about = memory or {}
    if free_space_of(about) is None:
        return None
    return MemorySpec(
        about.get("size", 0),
        tuple(about.get("partitions", ())),
        about.get("fit", "first"),
        about.get("admission", "fifo"),
        about.get("scheme", "fixed"),
        tuple(about.get("holes", ())),
        about.get("min_block", 0),
        about.get("queues", "single"),
        about.get("compaction", "never"),
        next_from=about.get("next_from", "placement"),
    )
