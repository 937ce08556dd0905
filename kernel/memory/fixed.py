"""Fixed partitions: memory is divided once, and each partition holds one program or none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from kernel.hardware import Region
from kernel.memory.allocator import Allocator, check_sizes
from kernel.memory.fits import make_fit


class FixedPartitions(Allocator):
    """Partitions from address 0 up, in the given order: `sizes` in bytes, equal or not.

    `fit` "first": the free partition with the lowest address that is large enough; "next": the
    same, searched from the end of the partition taken last; "best": the smallest that is large
    enough; "worst": the largest; the lowest address among equals. The part of a partition that its
    program does not use is lost while the program is in it: internal fragmentation. Raises
    ValueError for sizes below 1.
    """

    def __init__(self, sizes: Sequence[int], fit: str = "first") -> None:
        check_sizes("partitions", sizes)
        bases = accumulate(sizes, initial=0)
        self._partitions = [Region(base, size) for base, size in zip(bases, sizes, strict=False)]
        super().__init__(self._partitions)
        self._by_size = sorted((size, base) for base, size in self._partitions)
        self._size_at = dict(self._partitions)
        self._fit = make_fit(fit)
        for partition in self._partitions:
            self._fit.add(*partition)

    @property
    def largest_hole(self) -> int:
        return self._fit.largest

    def holes(self) -> list[Region]:
        return [partition for partition in self._partitions if partition not in self._taken]

    def largest_without(self, leaving: Sequence[Region]) -> int:
        return max(self.largest_hole, *(region.size for region in leaving), 0)

    def home(self, size: int) -> Region:
        """Return the smallest partition that holds `size` bytes, free or not; equal: the lowest.

        Raises ValueError if none does.
        """
        at = bisect_left(self._by_size, (size, 0))
        if at == len(self._by_size):
            raise ValueError(f"no partition holds {size} bytes (largest: {self.largest_program})")
        best, base = self._by_size[at]
        return Region(base, best)

    def is_taken(self, partition: Region) -> bool:
        """Return whether a program is in the partition."""
        return partition in self._taken

    def take(self, partition: Region, size: int) -> Region | None:
        """Take this partition for a program of `size` bytes, and return it; None if it is taken."""
        if partition in self._taken:
            return None
        self._fit.remove(*partition)
        return self._book(partition, size)

    def _place(self, size: int) -> Region | None:
        base = self._fit.find(size)
        if base is None:
            return None
        partition = Region(base, self._size_at[base])
        self._fit.remove(*partition)
        self._fit.last_end = partition.end
        return partition

    def _vacate(self, region: Region) -> None:
        self._fit.add(*region)
