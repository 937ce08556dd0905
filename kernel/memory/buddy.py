"""The buddy system: blocks are powers of two, halved to fit and joined again with their buddies."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.hardware import Region
from kernel.memory.allocator import Allocator
from kernel.memory.sorted_keys import SortedKeys


class BuddySystem(Allocator):
    """Blocks of `min_block` · 2^order bytes, at addresses that are multiples of their size.

    A program gets a block of the smallest size that holds it. If none is free, the lowest
    free block of the next larger size that has one is halved, and its lower half again, until it
    is small enough. A block that is freed is joined with its buddy, the other half of the block
    from which both were cut, if the buddy is free and whole; the joined block likewise with its
    own buddy. The rest of a block is lost while its program is in it: internal fragmentation.
    (Knuth, The Art of Computer Programming, 2.5.)

    `memory` and `min_block` are bytes. Raises ValueError unless both are powers of two and a block
    fits into the memory.
    """

    def __init__(self, memory: int, min_block: int) -> None:
        _check_power_of_two("the memory of a buddy system", memory)
        _check_power_of_two("min_block", min_block)
        if min_block > memory:
            raise ValueError(f"min_block must fit into memory of {memory} bytes (got {min_block})")
        super().__init__([Region(0, memory)])
        self._min_block = min_block
        self._highest = (memory // min_block).bit_length() - 1
        self._free = [SortedKeys() for _ in range(self._highest + 1)]  # addresses, by order
        self._order_at: dict[int, int] = {}  # of the free block at an address
        self._add(0, self._highest)

    @property
    def largest_hole(self) -> int:
        for order in range(self._highest, -1, -1):
            if self._free[order]:
                return self._min_block << order
        return 0

    def holes(self) -> list[Region]:
        return [
            Region(base, self._min_block << order) for base, order in sorted(self._order_at.items())
        ]

    def largest_without(self, leaving: Sequence[Region]) -> int:
        free: list[set[int]] = [set() for _ in range(self._highest + 1)]  # addresses, by order
        for base, size in (*self.holes(), *leaving):
            free[self._order_of(size)].add(base)
        for order in range(self._highest):
            half = self._min_block << order
            free[order + 1] |= {b for b in free[order] if not b & half and b | half in free[order]}
        return max((self._min_block << order for order, at in enumerate(free) if at), default=0)

    def _place(self, size: int) -> Region | None:
        wanted = self._order_of(size)
        for order in range(wanted, self._highest + 1):
            if self._free[order]:
                return self._cut(self._free[order].first(), order, wanted)
        return None

    def _cut(self, base: int, order: int, wanted: int) -> Region:
        """Cut the lowest part off the free block of `order` at `base`; the rest stays free."""
        self._remove(base, order)
        while order > wanted:
            order -= 1
            self._add(base + (self._min_block << order), order)
        return Region(base, self._min_block << wanted)

    def _vacate(self, region: Region) -> None:
        base, order = region.base, self._order_of(region.size)
        while order < self._highest:
            buddy = base ^ self._min_block << order
            if self._order_at.get(buddy) != order:
                break
            self._remove(buddy, order)
            base = min(base, buddy)
            order += 1
        self._add(base, order)

    def _order_of(self, size: int) -> int:
        """Return the least order whose blocks hold `size` bytes."""
        return ((size - 1) // self._min_block).bit_length()

    def _add(self, base: int, order: int) -> None:
        self._order_at[base] = order
        self._free[order].add(base)

    def _remove(self, base: int, order: int) -> None:
        del self._order_at[base]
        self._free[order].remove(base)


def is_power_of_two(size: int) -> bool:
    """Return whether `size` is a power of two."""
    return size > 0 and not size & (size - 1)


def _check_power_of_two(what: str, size: int) -> None:
    if not is_power_of_two(size):
        raise ValueError(f"{what} must be a power of two, like 1MiB or 4096 (got {size})")
