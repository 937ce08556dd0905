"""A run with its rows sorted once, and the tolerances of its machine.

The two machines obey the same laws. They differ only in three tolerances: the shortest gap that a
real worker can see, how long a real dispatch takes, and how far a real burst overshoots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kernel.units import format_duration, ms, us
from timeline.record.intervals import Interval
from timeline.record.run import SIMULATED, ProcessRow, Run
from timeline.record.tracks import by_core, by_process

CPU_SHARE = 0.005
"""A real program's CPU time may differ from its demand by this share of the demand.

If it is more, it may differ by CPU_FLOOR and CPU_PER_SLICE for each slice.
"""
CPU_FLOOR = ms(1)
CPU_PER_SLICE = us(100)
RESOLUTION = us(100)
"""The shortest gap that a real worker sees in its own running, if the record does not say."""
SLACK = ms(1)
"""How long a real dispatch may take, if the record has no bound that the machine measured."""


@dataclass(slots=True)
class SortedRun:
    """A run with its rows sorted once for all laws and for the comparison."""

    run: Run
    tracks: list[list[Interval]] = field(init=False)  # for each process its intervals, by time
    lanes: list[list[Interval]] = field(init=False)  # for each core its running intervals, by time

    threads: frozenset[str] = field(init=False)  # names of the processes that are threads

    def __post_init__(self) -> None:
        self.threads = self.run.threads
        self.tracks = by_process(self.run)
        self.lanes = by_core(self.tracks, len(self.run.cores))

    @property
    def rows_with_tracks(self) -> Iterator[tuple[ProcessRow, list[Interval]]]:
        """Each process's row with its intervals by time."""
        return zip(self.run.processes, self.tracks, strict=True)

    @property
    def simulated(self) -> bool:
        """Whether it is a run of the model."""
        return self.run.backend == SIMULATED

    @property
    def has_lifecycle(self) -> bool:
        """Whether processes may start and end each other."""
        return "life" in self.run.machine

    @property
    def switching_costs(self) -> bool:
        """Whether a modelled switch may take time. A process may lose its core at its end."""
        costs = self.run.machine.get("costs")
        given = costs if self.simulated and isinstance(costs, Mapping) else {}
        return self._priced or any(ns for name, ns in given.items() if name != "copy_per_mib")

    @property
    def _priced(self) -> bool:
        """Whether a modelled dispatch costs the measured price of its circumstances."""
        return self.simulated and "price" in self.run.machine

    @property
    def moving_costs(self) -> bool:
        """Whether a modelled move in memory may take time."""
        costs = self.run.machine.get("costs")
        return self.simulated and isinstance(costs, Mapping) and bool(costs.get("copy_per_mib"))

    @property
    def suspends(self) -> bool:
        """Whether a process may be suspended at the time at which it enters another state."""
        memory = self.run.machine.get("memory")
        return self.moving_costs or (isinstance(memory, Mapping) and "swap" in memory)

    @property
    def resolution(self) -> int:
        """How long (ns) two processes may seem to run on one core at the same time."""
        return 0 if self.simulated else int(self.run.machine.get("resolution_ns", RESOLUTION))

    @property
    def slack(self) -> int:
        """How long (ns) a core may stand idle while a process is ready."""
        exact = (
            self.simulated and "dispatch" not in self.run.machine
        )  # with "dispatch", the model dispatches in virtual time like the real machine
        return 0 if exact else dispatch_slack(self.run)

    def cpu_tolerance(self, row: ProcessRow) -> int:
        """Return how far (ns) a program's CPU time may be from what it asked for."""
        if self.simulated:
            return 0
        return max(int(CPU_SHARE * row.demand_ns), CPU_FLOOR + CPU_PER_SLICE * row.slices)


Breach = tuple[str, int, str | None, int | None]
"""A place where a law is broken: message, time (ns), process or None, core or None."""
Law = Callable[[SortedRun], Iterator[Breach]]


def dispatch_slack(run: Run) -> int:
    """Return how long (ns) a core may be idle beside a ready process, as dispatches take time.

    It is what the machine measured, or SLACK if the record does not say.
    """
    dispatch = run.machine.get("dispatch")
    return int(dispatch.get("slack_ns", SLACK)) if isinstance(dispatch, Mapping) else SLACK


def text_of(ns: int | None) -> str:
    """Return a time (ns) for a message: exact below 1 ms, otherwise rounded to microseconds."""
    if ns is None:
        return "none"
    return format_duration(ns if abs(ns) < ms(1) else round(ns, -3))
