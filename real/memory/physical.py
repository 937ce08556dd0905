"""The real machine's main memory: one memfd, in which the base of a region is an offset.

The MMU works in whole pages. If sizes of the scenario are no multiples of a page, all sizes are
multiplied by the smallest integer that makes them multiples. The record has that factor.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from multiprocessing import reduction
from typing import Any

import psutil

from kernel.errors import UsageError
from kernel.hardware import MemorySpec, Region
from kernel.memory import make_allocator
from kernel.units import format_size
from real.host import syscalls
from translation import tr

MAPPED_BEFOREHAND = 8 << 30  # bytes in all workers: they take 16 MiB of page tables, and 1 s


class PhysicalMemory:
    """The scenario's memory, `scale` times as large, in real pages of its own."""

    def __init__(self, spec: MemorySpec, programs: Sequence[int] = ()) -> None:
        """Reserve the memory. `programs` are the sizes of the programs, bytes of the scenario.

        Raises UsageError if it would take more than three quarters of the free memory.
        """
        self.scale, self.size = scaled(spec, programs)
        free = psutil.virtual_memory().available
        if self.size > free * 3 // 4:
            raise UsageError(self._too_large(free))
        self._reach = self.size + spec.size * self.scale + syscalls.PAGE
        self._fd = os.memfd_create("multiprog-memory", os.MFD_CLOEXEC)
        os.ftruncate(self._fd, self.size)
        os.posix_fallocate(self._fd, 0, self.size)  # so that pages exist before anything is timed
        self.swaps = spec.swap is not None
        self._seen_at: int | None = None  # address at which the supervisor has mapped it
        if spec.compaction != "never":
            self._seen_at = syscalls.map_shared(self._fd, self.size, populate=True)
            syscalls.keep_from_children(self._seen_at, self.size)

    def _too_large(self, free: int) -> str:
        named = {"size": format_size(self.size), "free": format_size(free)}
        if self.scale > 1:
            return tr(
                "the machine's memory of {size} (scaled by {scale} to whole pages) would not leave "
                "a quarter of the {free} free: use less",
                scale=self.scale,
                **named,
            )
        return tr(
            "the machine's memory of {size} would not leave a quarter of the {free} free: use less",
            **named,
        )

    def place(self, region: Region) -> Region:
        """Return where a region of the scenario lies in this memory."""
        return Region(region.base * self.scale, region.size * self.scale)

    def prepare(self, workers: int) -> int:
        """Map the whole memory into the calling worker, inaccessible. Return the address.

        Addresses up to the memory's size behind any base are inaccessible, too. So no access of a
        program outside its partition reaches other memory of its worker. The page tables are made
        now, unless all workers together map more than MAPPED_BEFOREHAND. Then each page is mapped
        when it is first accessed.
        """
        populate = self.size * workers <= MAPPED_BEFOREHAND
        address = syscalls.map_shared(self._fd, self.size, populate, self._reach)
        syscalls.protect(address, self.size, accessible=False)
        return address

    def move(self, source: Region, to: Region) -> None:
        """Copy the bytes of a region, in the supervisor. Both regions are as `place` returns them.

        The two may overlap. The worker of the region must not access it meanwhile.
        """
        assert self._seen_at is not None
        syscalls.move(self._seen_at + source.base, source.size, self._seen_at + to.base)

    def __getstate__(self) -> Any:
        """Return what a spawned worker needs for `prepare`."""
        return reduction.DupFd(self._fd), self.scale, self.size, self._reach

    def __setstate__(self, state: Any) -> None:
        fd, self.scale, self.size, self._reach = state
        self._fd = fd.detach()
        self._seen_at = None

    def fileno(self) -> int:
        """Return the descriptor of the memfd."""
        return self._fd

    def close(self) -> None:
        """Close the memfd. The kernel frees the pages when no worker maps them any more."""
        if self._seen_at is not None:
            syscalls.unmap(self._seen_at, self.size)
        os.close(self._fd)


def scaled(spec: MemorySpec, programs: Sequence[int]) -> tuple[int, int]:
    """Return the factor for the scenario's memory with these programs, and its size here, bytes."""
    scale = syscalls.PAGE // math.gcd(syscalls.PAGE, *_units(spec, programs))
    return scale, _whole_pages(make_allocator(spec).extent * scale)


def _units(spec: MemorySpec, programs: Sequence[int]) -> Sequence[int]:
    """Return sizes (bytes) so that every base and size the scheme can give is a sum of them."""
    if spec.scheme == "fixed":
        return spec.partitions
    if spec.scheme == "buddy":
        return [spec.min_block]
    return [*spec.holes, *programs]  # the space reserved between holes is a multiple of their gcd


def _whole_pages(size: int) -> int:
    return -(-size // syscalls.PAGE) * syscalls.PAGE
