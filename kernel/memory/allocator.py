"""The base of all memory schemes: regions, and which of them are allocated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from kernel.errors import InvariantError
from kernel.hardware import Region
from kernel.units import LARGEST


class Allocator(ABC):
    """A memory scheme. All sizes and addresses are bytes.

    `total` is the size of the memory that it allocates, and `extent` the address behind its last
    byte. There is external fragmentation if `free_bytes` is more than `largest_hole`. Internal
    fragmentation is `wasted_bytes`: allocated, but not asked for.
    """

    def __init__(self, free: Sequence[Region]) -> None:
        """`free` is all memory that can be allocated, in the order of its addresses."""
        self.total = self.free_bytes = sum(region.size for region in free)
        self.wasted_bytes = 0
        self.extent = free[-1].end
        if self.extent > LARGEST:
            raise ValueError(f"memory must be at most {LARGEST} bytes (got {self.extent})")
        self.largest_program = max(region.size for region in free)  # that can ever be placed
        self._taken: dict[Region, int] = {}  # allocated regions: bytes asked for

    @property
    @abstractmethod
    def largest_hole(self) -> int:
        """Return the size of the largest free region, 0 if nothing is free."""

    @abstractmethod
    def holes(self) -> list[Region]:
        """Return the free regions in the order of their addresses."""

    @abstractmethod
    def largest_without(self, leaving: Sequence[Region]) -> int:
        """Return what `largest_hole` would be if these allocated regions were free."""

    def allocated(self) -> list[Region]:
        """Return the allocated regions in the order of their addresses."""
        return sorted(self._taken)

    def allocate(self, size: int) -> Region | None:
        """Return a place for a program of `size` bytes; None if there is none now.

        Raises ValueError for a size below 1.
        """
        if size < 1:
            raise ValueError(f"a program needs at least 1 byte of memory (got {size})")
        region = self._place(size)
        return None if region is None else self._book(region, size)

    def free(self, region: Region) -> None:
        """Free a region that `allocate` returned. Raises InvariantError if it is not allocated."""
        asked = self._taken.pop(region, None)
        if asked is None:
            raise InvariantError(f"{region} is freed, but it is not allocated")
        self.free_bytes += region.size
        self.wasted_bytes -= region.size - asked
        self._vacate(region)

    def _book(self, region: Region, asked: int) -> Region:
        self._taken[region] = asked
        self.free_bytes -= region.size
        self.wasted_bytes += region.size - asked
        return region

    @abstractmethod
    def _place(self, size: int) -> Region | None:
        """Take a free region for `size` bytes, and return it; None if there is none."""

    @abstractmethod
    def _vacate(self, region: Region) -> None:
        """Put a region back among the free ones."""


def check_sizes(what: str, sizes: Sequence[int]) -> None:
    """Raise ValueError unless there is at least one size, and all are at least 1 byte."""
    if not sizes or min(sizes) < 1:
        got = ", ".join(map(str, sizes)) or "none"
        raise ValueError(f"{what} must be one or more sizes of at least 1 byte (got {got})")
