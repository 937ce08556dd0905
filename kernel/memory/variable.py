"""Variable partitions: each program gets exactly the size that it asks for, cut from a hole."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from kernel.errors import InvariantError
from kernel.hardware import Region
from kernel.memory.allocator import Allocator, check_sizes
from kernel.memory.fits import make_fit
from kernel.units import LARGEST

PAGE = 4096
"""Bytes. Reserved memory between initial holes is a page, or less: see `layout`."""


class VariablePartitions(Allocator):
    """Partitions of the size asked for, at the lowest address of the hole that `fit` chooses.

    `holes` are the sizes of the holes at the start; a single one is the whole memory. Several holes
    lie in the given order from address 0 up, with reserved memory between each two: holes on both
    sides of it never become one. A partition that is freed becomes one hole with the holes that
    touch it. A hole that is too small for every program is unused until then: external
    fragmentation. Next fit searches behind the placement, or with `next_from` "hole" behind the
    hole from which it was cut. Raises ValueError for sizes below 1 and for an unknown fit.
    """

    def __init__(
        self, holes: Sequence[int], fit: str = "first", next_from: str = "placement"
    ) -> None:
        self._behind_hole = next_from == "hole"
        self._stretches = layout(holes)
        super().__init__(self._stretches)
        self._fit = make_fit(fit)
        self._size_at: dict[int, int] = {}  # of the hole that begins at an address
        self._base_of: dict[int, int] = {}  # of the hole that ends before an address
        for stretch in self._stretches:
            self._open(*stretch)

    @property
    def largest_hole(self) -> int:
        return self._fit.largest

    def holes(self) -> list[Region]:
        return [Region(base, size) for base, size in sorted(self._size_at.items())]

    def largest_without(self, leaving: Sequence[Region]) -> int:
        largest = size = end = 0
        for region in sorted([*self.holes(), *leaving]):
            size = region.size + (size if region.base == end else 0)
            end = region.end
            largest = max(largest, size)
        return largest

    def could_hold(self, size: int) -> bool:
        """Return whether there would be a hole of `size` bytes after compaction."""
        if size > self.free_bytes:
            return False
        return size <= self.largest_compacted()

    def largest_compacted(self, leaving: Sequence[Region] = ()) -> int:
        """Return the largest hole after compaction, if these allocated regions were free, bytes."""
        if len(self._stretches) == 1:
            return self.free_bytes + sum(region.size for region in leaving)
        free = [0] * len(self._stretches)
        for base, size in (*self._size_at.items(), *leaving):
            free[bisect_right(self._stretches, Region(base, LARGEST)) - 1] += size
        return max(free)

    def below(self, region: Region) -> int | None:
        """Return where the hole begins that touches a region from below; None if there is none."""
        return self._base_of.get(region.base)

    def moves(self) -> list[tuple[Region, int]]:
        """Return the moves of a compaction in their order: the region, and its new address.

        Each region slides down to the region below it, or to the start of its stretch of memory;
        it never crosses reserved memory. In this order no move overwrites a region that is still
        to be moved. A region may overlap its own new place.
        """
        moves, stretches, to = [], iter(self._stretches), 0
        stretch = Region(0, 0)
        for region in self.allocated():
            while region.base >= stretch.end:
                stretch = next(stretches)
                to = stretch.base
            if region.base > to:
                moves.append((region, to))
            to += region.size
        return moves

    def move(self, region: Region, to: int) -> Region:
        """Move a region down to `to`, the start of the hole that touches it. Return its new place.

        The machine copies the bytes. Raises InvariantError if it is not allocated or no
        such hole begins at `to`.
        """
        if region not in self._taken or self._size_at.get(to) != region.base - to:
            raise InvariantError(f"{region} cannot be moved down to {to}")
        asked = self._taken.pop(region)
        self._vacate(region)
        moved = self._cut(to, region.size)
        self._taken[moved] = asked
        return moved

    def _place(self, size: int) -> Region | None:
        base = self._fit.find(size)
        if base is None:
            return None
        self._fit.last_end = base + (self._size_at[base] if self._behind_hole else size)
        return self._cut(base, size)

    def _vacate(self, region: Region) -> None:
        base, size = region
        below = self._base_of.get(base)
        if region.end in self._size_at:
            size += self._close(region.end)
        if below is not None:
            base = below
            size += self._close(below)
        self._open(base, size)

    def _cut(self, base: int, size: int) -> Region:
        """Cut the lowest `size` bytes off the hole at `base`; the rest remains a hole."""
        hole = self._close(base)
        if hole > size:
            self._open(base + size, hole - size)
        return Region(base, size)

    def _open(self, base: int, size: int) -> None:
        self._size_at[base] = size
        self._base_of[base + size] = base
        self._fit.add(base, size)

    def _close(self, base: int) -> int:
        """Remove a hole, and return its size."""
        size = self._size_at.pop(base)
        del self._base_of[base + size]
        self._fit.remove(base, size)
        return size


def layout(holes: Sequence[int]) -> list[Region]:
    """Return the regions of initial holes of these sizes (bytes).

    Between each two are reserved bytes, as many as the greatest common divisor of a page and all
    sizes. That is a page if all sizes are whole pages, and it keeps their alignment.
    """
    check_sizes("holes", holes)
    gap = math.gcd(PAGE, *holes)
    regions: list[Region] = []
    for size in holes:
        regions.append(Region(regions[-1].end + gap if regions else 0, size))
    return regions
