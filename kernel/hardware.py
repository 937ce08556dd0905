"""The machine that a scenario describes: devices, main memory, and what takes time on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kernel.dispatch_price import Price


class Region(NamedTuple):
    """`size` bytes of memory from address `base`."""

    base: int
    size: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.base + self.size


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device of the machine: `units` servers with one FIFO queue; None never queues."""

    name: str
    units: int | None = 1


@dataclass(frozen=True, slots=True)
class SwapSpec:
    """Which process is swapped out for one that waits for memory, and what that costs."""

    out: str  # blocked | lowest-priority | longest-resident
    device: int  # of the machine, which does it among its other work
    rate: int  # bytes a second


@dataclass(frozen=True, slots=True)
class MemorySpec:
    """Main memory of `size` bytes, and how it is shared out. Other sizes are bytes each.

    What the scheme does not use is left at its default.
    """

    size: int
    partitions: tuple[int, ...] = ()  # of fixed, from address 0 up
    fit: str = "first"  # of fixed and variable: first | next | best | worst
    admission: str = "fifo"  # fifo | skip
    scheme: str = "fixed"  # fixed | variable | buddy
    holes: tuple[int, ...] = ()  # of variable, at the start; none: one, of all memory
    min_block: int = 0  # of buddy
    queues: str = "single"  # of fixed: single | per-partition
    compaction: str = "never"  # of variable: never | when-needed
    swap: SwapSpec | None = None  # None: a program stays in memory until it ends
    max_resident: int | None = None  # programs admitted and not ended, at most


@dataclass(frozen=True, slots=True)
class Costs:
    """What takes time on the simulated machine, ns each."""

    dispatch: int = 0  # a core is given to a process
    switch: int = 0  # another process ran there last
    migration: int = 0  # the process last ran on another core
    copy_per_mib: int = 0  # a program of so much memory is moved; no core does it
    fork: int = 0  # CPU time that it takes a process to start another one
    spawn: int = 0  # the same, by spawn
    forkserver: int = 0  # the same, by forkserver
    in_virtual_time: bool = False  # the machine decides as if the first three were 0
    price: Price | None = None  # of dispatches there by circumstances, instead of those three

    @property
    def nothing(self) -> bool:
        """All that a core does is free."""
        return not (self.dispatch or self.switch or self.migration)


NO_COSTS = Costs()
"""Everything but the programs takes no time: the ideal machine."""
