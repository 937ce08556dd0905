"""A run: everything that a machine recorded, with the field names of the JSON run document.

`timeline.files.document` writes it to JSON and reads it from JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

from kernel.process.waits_for import WaitsFor
from kernel.scheduling.explain import Decision
from timeline.record.intervals import Intervals
from translation import recorded

SIMULATED = "simulated"
REAL = "real"


@dataclass(slots=True)
class CoreRow:
    """What one core did during the run, ns. The three times add up to the makespan."""

    core: int
    busy_ns: int = 0
    idle_ns: int = 0
    overhead_ns: int = 0


@dataclass(slots=True)
class Allocation:
    """The first place of a program, in bytes of the scenario (not scaled to a real machine)."""

    base: int
    size: int
    requested: int


class DroppedPart(TypedDict, total=False):
    """What only a job has that was dropped at its deadline."""

    dropped_ns: int  # the CPU time that it had not had


class Job(DroppedPart):
    """One job of a process with deadlines. Times in ns; `completion_ns` None: not completed."""

    release_ns: int
    deadline_ns: int
    completion_ns: int | None


@dataclass(slots=True)
class ProcessRow:
    """One process: its times, durations and counts. All times are ns from the start of the run.

    None means that it never happened: a program without CPU steps never runs, and a program does
    not complete if the run is stopped before.
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
    suspended_ns: int = 0  # while its partition was moved or swapped out


@dataclass(slots=True)
class Averages:
    """Means over the processes that have the value, rounded half up to whole ns."""

    turnaround_ns: int | None
    response_ns: int | None
    waiting_ns: int | None
    throughput_per_s: float
    cpu_utilization: float  # busy core time over makespan x cores, 0 to 1


class Overhead(NamedTuple):
    """A stretch in which the core belonged to no process of the run, and why."""

    core: int
    start_ns: int
    end_ns: int
    why: str


TAKES = ("placed", "swapped-in")
"""Memory events by which a program gets a place."""
LEAVES = ("freed", "swapped-out")
"""Memory events by which a program loses its place."""
PARTITION_EVENTS = (*TAKES, "moved", *LEAVES, "waits", "withdrawn")
"""Memory events that concern a whole partition. The others are memory steps of a program."""


class MemoryEvent(NamedTuple):
    """A change of memory, or a memory step of a program. Base and size in bytes.

    A program is `placed`, `moved` (to this base) or `freed`. A program that begins to wait for
    memory has the event `waits`, with base and size -1. A program that is `swapped-out` has left
    this place, until it is `swapped-in`, perhaps at another place. A program that died while it was
    swapped out or waited is `withdrawn`.

    A memory step is `alloc`, `free` or `touch` of these bytes. Three events are failed memory
    steps, which end the program. `refused`: it asked for more than it can have. `misfreed`: it has
    not allocated as much as it frees. In both, base is the end of what the program holds. `fault`:
    the address is not in its partition.
    """

    at_ns: int
    event: str
    process: str
    base: int
    size: int


class LifecycleEvent(NamedTuple):
    """A process is born, exited, reaped or adopted, inherits a priority or has its own restored.

    `by` names what did it: a process, the scenario, the supervisor or a fork server.
    """

    at_ns: int
    event: str
    process: str
    by: str


class Observation(NamedTuple):
    """What a process printed or observed, or what was observed of it, at a time."""

    at_ns: int
    process: str
    name: str
    value: Any


class Divergence(NamedTuple):
    """A real process did other than the rules said. The run ends there.

    `rules` and `reality` say what the process does in its `call`, like "waits" and "came back".
    """

    at_ns: int
    process: str
    call: str
    rules: str
    reality: str

    @property
    def sentence(self) -> str:
        """What happened, in one sentence without its full stop."""
        return recorded(
            "by the rules {process} {rules} in {call}, but on the real machine it {reality}",
            process=self.process,
            rules=recorded(self.rules),
            call=self.call,
            reality=recorded(self.reality),
        )


@dataclass(slots=True)
class Expectation:
    """One line of the scenario's `expect`, and whether it holds.

    `holds` is None if noise in a real run hides whether it holds.
    """

    what: str
    wanted: Any
    got: Any
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one scenario on one machine. Processes are in file order, cores by number.

    It is made once (`timeline.record.assembly`) and is not changed after that.
    """

    backend: str  # SIMULATED | REAL
    scenario: Mapping[str, Any]  # title, about, file, text, overrides, sha256, seed
    scheduler: Mapping[str, Any]  # policy, its parameters, ties, queues, balance
    machine: Mapping[str, Any]  # cores, memory, devices, costs; facts about the real machine
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
    stopped: str | None = None  # why the run was stopped before its programs ended
    stuck: list[str] = field(default_factory=list)  # processes that wait for ever: a deadlock
    deadlock: list[WaitsFor] = field(default_factory=list)  # who waits for whom, of the stuck
    divergences: list[Divergence] = field(default_factory=list)  # of a real run from the rules

    @property
    def device_names(self) -> list[str]:
        """The names of the machine's devices. An interval's device is an index into them."""
        return list(self.machine["devices"])

    @property
    def threads(self) -> frozenset[str]:
        """The names of the processes that are threads of other processes."""
        life = self.machine.get("life")
        return frozenset(life.get("threads", ())) if isinstance(life, Mapping) else frozenset()

    @property
    def process_names(self) -> list[str]:
        """The names of the processes. An interval's process is an index into them."""
        return [row.name for row in self.processes]
