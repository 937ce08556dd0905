"""What both machines execute: every draw made, every repeat unrolled, every name resolved.

The scenario language expands to this (`scenarios/`); the machines read nothing else of a scenario.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.scheduling.guarded import Guarded
from kernel.scheduling.policy import Policy

CPU = -2
"""A step's place: on a core."""
WAIT = -1
"""A step's place: an I/O wait that never queues. 0 and above: a device of the machine."""
RELEASE = -3
"""A step's place: the wait for the release of a periodic process's next job. Its duration is 0."""


@dataclass(frozen=True, slots=True)
class Program:
    """Steps in order: step i takes `durations[i]` ns (at least 1) at `places[i]`.

    Neighbouring CPU steps are one burst and already merged, so no two CPU steps are adjacent.
    """

    places: array[int]
    durations: array[int]

    @classmethod
    def of(cls, steps: Sequence[tuple[int, int]]) -> Program:
        """From (place, ns) pairs; neighbouring CPU steps are merged into one burst."""
        places, durations = array("h"), array("q")
        for place, duration in steps:
            if place == CPU and places and places[-1] == CPU:
                durations[-1] += duration
            else:
                places.append(place)
                durations.append(duration)
        return cls(places, durations)

    @property
    def demand(self) -> int:
        """CPU time it needs in all, ns."""
        return sum(d for p, d in zip(self.places, self.durations, strict=True) if p == CPU)


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process of the workload. `index` is its place in the file, and its identity."""

    index: int
    name: str
    arrival: int  # ns
    program: Program
    memory: int = 0  # bytes requested; 0: it needs no partition
    priority: int = 0
    nice: int = 0
    tickets: int = 100
    cores: tuple[int, ...] | None = None  # those it may use; None: all
    period: int | None = None  # ns from release to release; the program has a RELEASE between jobs
    deadline: int | None = None  # ns from a release (or its arrival) to the deadline


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device of the machine: `units` servers with one FIFO queue; None never queues."""

    name: str
    units: int | None = 1


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


@dataclass(frozen=True, slots=True)
class Costs:
    """What takes time on the simulated machine, ns each."""

    dispatch: int = 0  # a core is given to a process
    switch: int = 0  # another process ran there last
    migration: int = 0  # the process last ran on another core
    copy_per_mib: int = 0  # a program of so much memory is moved; no core does it

    @property
    def nothing(self) -> bool:
        """All that a core does is free."""
        return not (self.dispatch or self.switch or self.migration)


@dataclass(frozen=True, slots=True)
class SchedulerSpec:
    """Which policy class, with which parameters, under which rule for ties, in which queues."""

    name: str  # as written: rr, or mine.py:Mine
    policy: type[Policy]
    parameters: Mapping[str, Any] = field(default_factory=dict)  # all of them, defaults included
    ties: str = "arrival-first"  # arrival-first | expiry-first
    queues: str = "global"  # global | per-core
    balance: str = "none"  # none | steal | push, between queues per core
    own: bool = False  # somebody's own policy: it is held to the rules

    def build(self) -> Policy:
        """A fresh policy object with its parameters set, not yet set up."""
        policy = self.policy()
        for name, value in self.parameters.items():
            setattr(policy, name, value)
        return Guarded(policy) if self.own else policy


@dataclass(frozen=True, slots=True)
class Workload:
    """A whole scenario, concrete. `source` is the run document's `scenario` object."""

    source: Mapping[str, Any]  # title, about, file, text, overrides, sha256, seed
    cores: int
    devices: tuple[DeviceSpec, ...]
    memory: MemorySpec | None  # None: memory is not modelled and everything fits
    scheduler: SchedulerSpec
    processes: tuple[ProcessSpec, ...]  # in file order
    expect: Mapping[str, Any] | None = None  # see timeline.expect
    time_unit: int = 1_000_000  # ns
    start_method: str = "fork"
    costs: Costs = Costs()  # of the simulated machine

    @property
    def seed(self) -> int:
        """The scenario's seed; policies that draw get their generator from it."""
        return int(self.source["seed"])
