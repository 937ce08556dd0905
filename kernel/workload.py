"""What both machines execute: every draw made, every repeat unrolled, every name resolved.

The scenario language expands to this (`scenarios/`); the machines read nothing else of a scenario.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.scheduling.policy import Policy

CPU = -2
"""A step's place: on a core."""
WAIT = -1
"""A step's place: an I/O wait that never queues. 0 and above: a device of the machine."""


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


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device of the machine: `units` servers with one FIFO queue; None never queues."""

    name: str
    units: int | None = 1


@dataclass(frozen=True, slots=True)
class MemorySpec:
    """Main memory of `size` bytes in fixed partitions (bytes each, from address 0 up)."""

    size: int
    partitions: tuple[int, ...]
    fit: str = "first"  # first | best
    admission: str = "fifo"  # fifo | skip


@dataclass(frozen=True, slots=True)
class SchedulerSpec:
    """Which policy class, with which parameters, under which tie rule."""

    name: str  # as written: rr, or mine.py:Mine
    policy: type[Policy]
    parameters: Mapping[str, Any] = field(default_factory=dict)  # all of them, defaults included
    ties: str = "arrival-first"  # arrival-first | expiry-first

    def build(self) -> Policy:
        """A fresh policy object with its parameters set, not yet set up."""
        policy = self.policy()
        for name, value in self.parameters.items():
            setattr(policy, name, value)
        return policy


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

    @property
    def seed(self) -> int:
        """The scenario's seed; policies that draw get their generator from it."""
        return int(self.source["seed"])
