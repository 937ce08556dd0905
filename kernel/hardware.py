"""The machine that a scenario describes: devices, main memory, and costs."""

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
        """Return the first address behind the region."""
        return self.base + self.size


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device of the machine: `units` servers with one queue; None: no request waits."""

    name: str
    units: int | None = 1
    queue: str = "fifo"  # fifo | priority | sstf
    head: int = 0  # the track at which the head of a device with sstf is at first
    changes: tuple[tuple[int, int], ...] = ()  # (ns, servers from then on), by time


@dataclass(frozen=True, slots=True)
class SwapSpec:
    """Which process is swapped out for one that waits for memory, by which device, how fast."""

    out: str  # blocked | lowest-priority | longest-resident
    device: int  # the index of the device, which also serves I/O
    rate: int  # bytes a second


@dataclass(frozen=True, slots=True)
class MemorySpec:
    """Main memory of `size` bytes, and its scheme. All sizes are in bytes.

    Fields that the scheme does not use have their defaults.
    """

    size: int
    partitions: tuple[int, ...] = ()  # of fixed, from address 0 up
    fit: str = "first"  # of fixed and variable: first | next | best | worst
    admission: str = "fifo"  # fifo | skip
    scheme: str = "fixed"  # fixed | variable | buddy
    holes: tuple[int, ...] = ()  # of variable, at the start; empty: one hole of all memory
    min_block: int = 0  # of buddy
    queues: str = "single"  # of fixed: single | per-partition
    compaction: str = "never"  # of variable: never | when-needed
    swap: SwapSpec | None = None  # None: a program stays in memory until it ends
    max_resident: int | None = None  # programs admitted and not ended, at most
    next_from: str = "placement"  # of variable with next fit: placement | hole
    on_full: str = "queue"  # queue | refuse: what happens to a program that finds no place


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of the simulated machine, ns each."""

    dispatch: int = 0  # a core is given to a process
    switch: int = 0  # another process ran there last
    migration: int = 0  # the process last ran on another core
    copy_per_mib: int = 0  # to move a program, for each MiB of its memory; needs no core
    fork: int = 0  # CPU time that it takes a process to start another one
    spawn: int = 0  # the same, by spawn
    forkserver: int = 0  # the same, by forkserver
    in_virtual_time: bool = False  # the machine decides as if the first three were 0
    price: Price | None = None  # by circumstances, in place of the first three
    switch_at: str = "coming"  # coming | leaving | half: when `switch` is charged

    @property
    def leaving(self) -> int:
        """Return the part of `switch` that is charged when a process leaves its core, ns."""
        return {"coming": 0, "half": self.switch // 2}.get(self.switch_at, self.switch)

    @property
    def nothing(self) -> bool:
        """Return whether dispatches, switches and migrations take no time."""
        return not (self.dispatch or self.switch or self.migration)


NO_COSTS = Costs()
"""The ideal machine: nothing but the programs takes time."""
