"""Fixed partitions: memory is cut once, and each piece holds one program or none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


class Region(NamedTuple):
    """`size` bytes of memory from address `base`."""

    base: int
    size: int


class FixedPartitions:
    """Partitions from address 0 up, in the order given.

    `fit` "first": the free partition with the lowest address that is large enough; "best": the
    smallest one that is, the lowest address among equals. What a program does not use of its
    partition is lost while it stays: internal fragmentation.
    """

    def __init__(self, sizes: Sequence[int], fit: str = "first") -> None:
        bases = accumulate(sizes, initial=0)
        self._free = [Region(base, size) for base, size in zip(bases, sizes, strict=False)]
        self._best = fit == "best"

    def allocate(self, size: int) -> Region | None:
        """Take a free partition of at least `size` bytes; None if there is none."""
        fitting = [region for region in self._free if region.size >= size]
        if not fitting:
            return None
        chosen = min(fitting, key=_by_size if self._best else _by_address)
        self._free.remove(chosen)
        return chosen

    def free(self, region: Region) -> None:
        """Give a partition back."""
        self._free.append(region)


def _by_address(region: Region) -> tuple[int, int]:
    return region.base, region.size


def _by_size(region: Region) -> tuple[int, int]:
    return region.size, region.base
