"""What both machines execute: every draw made, every repeat unrolled, every name resolved.

The scenario language expands to this (`scenarios/`); the machines read nothing else of a scenario.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel import watched
from kernel.life.acts import ACT, Act, Kinship, LifeRules
from kernel.linux.attributes import ORDINARY, Attributes
from kernel.marks import ALLOC, EXITCODES, FREE, TOUCH, Mark, effects
from kernel.price import Price
from kernel.scheduling.guarded import Guarded
from kernel.scheduling.policy import Policy

CPU = -2
"""A step's place: on a core."""
WAIT = -1
"""A step's place: an I/O wait that never queues. 0 and above: a device of the machine."""
RELEASE = -3
"""A step's place: the wait for the release of a periodic process's next job. Its duration is 0."""
MEMORY_STEPS = frozenset({ALLOC, FREE, TOUCH})


NOT_STARTED = Kinship()
"""Of a program of the file that starts nobody."""


@dataclass(frozen=True, slots=True)
class Program:
    """Steps in order: step i takes `durations[i]` ns (at least 1) at `places[i]`.

    Neighbouring CPU steps are one burst and already merged, so no two CPU steps are adjacent.
    `marks` are the memory steps, in order; each stands in a CPU burst. A step at the place ACT
    takes no time: it is `acts[duration]`, and the program is on a core before it.
    """

    places: array[int]
    durations: array[int]
    marks: tuple[Mark, ...] = ()
    acts: tuple[Act, ...] = ()

    @classmethod
    def of(cls, steps: Iterable[tuple[int, int]], acts: tuple[Act, ...] = ()) -> Program:
        """From (place, ns) pairs; neighbouring CPU steps are merged into one burst.

        A memory step is (its kind, its amount) and belongs to the burst before it, else to the one
        behind it. It needs a core: where there is no burst on either side, it gets one of 0 ns.
        """
        places, durations = array("h"), array("q")
        marks: list[Mark] = []
        waiting: list[tuple[int, int]] = []  # memory steps that are not behind a CPU step

        def settle(place: int | None) -> None:
            """What waits belongs to the burst that begins now, or that is made for it."""
            marks.extend(Mark(len(places), 0, *step) for step in waiting)
            waiting.clear()
            if place != CPU:
                places.append(CPU)
                durations.append(0)

        for place, amount in steps:
            in_burst = bool(places) and places[-1] == CPU
            if place in MEMORY_STEPS:
                if in_burst:
                    marks.append(Mark(len(places) - 1, durations[-1], place, amount))
                else:
                    waiting.append((place, amount))
                continue
            if place == CPU and in_burst:
                durations[-1] += amount
                continue
            if waiting:
                settle(place)
            if place == ACT and not (places and places[-1] in (CPU, ACT)):
                places.append(CPU)
                durations.append(0)
            places.append(place)
            durations.append(amount)
        if waiting:
            settle(None)
        return cls(places, durations, tuple(marks), acts)

    def fate(self, loaded: int, limit: int) -> tuple[Program, int]:
        """What of it is executed in a region of `limit` bytes, and with which code it ends.

        `loaded` is the size of the program itself. A mark that ends it cuts it: its burst has had
        the time up to there. The marks that are left are those that succeed.
        """
        if not self.marks:
            return self, 0
        *done, last = effects(self.marks, loaded, limit)
        code = EXITCODES.get(last.event, 0)
        if not code:
            return self, 0
        step, offset = last.mark.step, last.mark.offset
        places, durations = self.places[: step + 1], self.durations[: step + 1]
        durations[step] = offset
        return Program(places, durations, tuple(effect.mark for effect in done)), code

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
    linux: Attributes = ORDINARY  # what it tells Linux's scheduler of itself
    kin: Kinship = NOT_STARTED


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device of the machine: `units` servers with one FIFO queue; None never queues."""

    name: str
    units: int | None = 1


@dataclass(frozen=True, slots=True)
class SwapSpec:
    """Whom to swap out for who waits for memory, and what it costs."""

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
    swap: SwapSpec | None = None  # None: who is in memory stays there
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
    booked: bool = False  # they are those of a machine that decides as if the first three were 0
    price: Price | None = None  # of dispatches there by circumstances, instead of those three

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
    patience: int = 10_000_000_000  # ns that an own policy may take for one answer
    dispatch: str = "ours"  # ours | none: real processes are left to the operating system

    def build(self) -> Policy:
        """A fresh policy object with its parameters set, not yet set up."""
        if not self.own:
            return self._made()
        watched.call(self.name, self.patience)
        with watched.asking("__init__"):
            return Guarded(self._made())

    def _made(self) -> Policy:
        policy = self.policy()
        for name, value in self.parameters.items():
            setattr(policy, name, value)
        return policy


@dataclass(frozen=True, slots=True)
class Drawn:
    """Processes that are made one by one as they arrive, and not beforehand."""

    many: int
    make: Callable[[], Iterator[ProcessSpec]]  # in the order of `Workload.arriving`


@dataclass(frozen=True, slots=True)
class Workload:
    """A whole scenario, concrete. `source` is the run document's `scenario` object.

    With `life` some processes start, or wait for, others; those that are started have a parent.
    Where all are `drawn` on arrival, `processes` is empty.
    """

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
    life: LifeRules | None = None
    drawn: Drawn | None = None

    def arriving(self) -> Iterator[ProcessSpec]:
        """Those that nobody starts, in the order of arrival; at one time in file order."""
        if self.drawn is not None:
            return self.drawn.make()
        return iter(sorted(self._unstarted(), key=lambda spec: (spec.arrival, spec.index)))

    @property
    def arrivals(self) -> int:
        """How many those are."""
        return self.drawn.many if self.drawn is not None else len(self._unstarted())

    def _unstarted(self) -> list[ProcessSpec]:
        return [spec for spec in self.processes if spec.kin.parent < 0]

    @property
    def seed(self) -> int:
        """The scenario's seed; policies that draw get their generator from it."""
        return int(self.source["seed"])
