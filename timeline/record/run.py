"""A run: everything that a machine recorded, with the field names of the JSON run document.

`timeline.files.document` writes it to and reads it from JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

from kernel.scheduling.explain import Decision
from timeline.record.intervals import Intervals

SIMULATED = "simulated"
REAL = "real"


@dataclass(slots=True)
class CoreRow:
    """What one core did over the run, ns; the three add up to the makespan."""

    core: int
    busy_ns: int = 0
    idle_ns: int = 0
    overhead_ns: int = 0


@dataclass(slots=True)
class Allocation:
    """Where a program lay: bytes of the (unscaled) scenario."""

    base: int
    size: int
    requested: int


class Job(TypedDict):
    """One job of a process with deadlines, ns. `completion_ns` None: it was not completed."""

    release_ns: int
    deadline_ns: int
    completion_ns: int | None


@dataclass(slots=True)
class ProcessRow:
    """One process: when, how long, how often. All times ns from the start of the run.

    None: it never happened (a program without CPU steps never runs; a stopped run completes
    nothing).
    """

    name: str
    pid: int | None
    parent: str | None
    arrival_ns: int
    admitted_ns: int | None
    first_run_ns: int | None
    completion_ns: int | None
    turnaround_ns: int | None
    response_ns: int | None
    waiting_ns: int
    blocked_ns: int
    cpu_ns: int
    demand_ns: int
    slices: int
    preemptions: int
    migrations: int
    exitcode: int | None
    affinity: list[int] | None = None  # the cores it may use; None: all
    memory: Allocation | None = None
    jobs: list[Job] | None = None  # of a process with a deadline
    suspended_ns: int = 0  # while its partition was moved


@dataclass(slots=True)
class Averages:
    """Means over the processes that have the value, rounded half up to whole ns."""

    turnaround_ns: int | None
    response_ns: int | None
    waiting_ns: int | None
    throughput_per_s: float
    cpu_utilization: float  # busy core time over makespan x cores, 0 to 1


class Overhead(NamedTuple):
    """A stretch in which no process had the core, but a switch or a dispatch."""

    core: int
    start_ns: int
    end_ns: int
    why: str


TAKES = ("placed", "swapped-in")
"""Memory events by which a program gets a place."""
LEAVES = ("freed", "swapped-out")
"""Memory events by which it loses it."""
PARTITION_EVENTS = (*TAKES, "moved", *LEAVES, "waits", "withdrawn")
"""Events by which memory changes hands; the others are a program's own."""


class MemoryEvent(NamedTuple):
    """Memory changed: a program is `placed`, `moved` (to this base) or `freed`, or begins to wait.

    The event is then `waits`, and base and size are -1. A program that is `swapped-out` has left
    this place, until it is `swapped-in`, perhaps elsewhere. One that died while it was out, or
    waited, is `withdrawn`.

    Or a program did a memory step, at these bytes of memory: `alloc`, `free` or `touch`. These end
    it: `refused`, it cannot have so much; `misfreed`, it has not allocated so much (both with base
    behind all that it holds); `fault`, the address is not its own.
    """

    at_ns: int
    event: str
    process: str
    base: int
    size: int


class LifecycleEvent(NamedTuple):
    """A process is born | exited | reaped | adopted.

    `by` is a process, the scenario or the supervisor.
    """

    at_ns: int
    event: str
    process: str
    by: str


class Observation(NamedTuple):
    """What a process, or the system about a process, said at a time."""

    at_ns: int
    process: str
    name: str
    value: Any


@dataclass(slots=True)
class Expectation:
    """One line of the scenario's `expect`, and whether it came out.

    `holds` is None where noise in a real run hides whether it did.
    """

    what: str
    wanted: Any
    got: Any
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one scenario on one machine. Processes are in file order, cores by index.

    It is made once (`timeline.record.assembly`), and is not changed after that.
    """

    backend: str  # SIMULATED | REAL
    scenario: Mapping[str, Any]  # title, about, file, text, overrides, sha256, seed
    scheduler: Mapping[str, Any]  # policy, its parameters, ties, queues, balance
    machine: Mapping[str, Any]  # cores, memory, devices, costs, and what the real one is
    makespan_ns: int
    cores: list[CoreRow]
    processes: list[ProcessRow]
    averages: Averages
    intervals: Intervals
    overheads: list[Overhead] = field(default_factory=list)
    memory_events: list[MemoryEvent] = field(default_factory=list)
    lifecycle: list[LifecycleEvent] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    decisions: Sequence[Decision] | None = None  # with --explain
    stopped: str | None = None  # why the run ended before its programs did
    stuck: list[str] = field(default_factory=list)  # processes that wait for ever: a deadlock

    @property
    def device_names(self) -> list[str]:
        """The machine's devices; an interval's device is an index into this."""
        return list(self.machine["devices"])

    @property
    def threads(self) -> frozenset[str]:
        """The processes that are threads of others."""
        life = self.machine.get("life")
        return frozenset(life.get("threads", ())) if isinstance(life, Mapping) else frozenset()

    @property
    def process_names(self) -> list[str]:
        """An interval's process is an index into this."""
        return [row.name for row in self.processes]
