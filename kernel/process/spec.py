"""A process as the scenario describes it: its program, its arrival and its attributes."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.process.calls import Kinship
from kernel.process.linux_attributes import ORDINARY, Attributes
from kernel.process.program import Program

NOT_STARTED = Kinship()
"""The kinship of a program of the file that starts no other process."""


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
    cores: tuple[int, ...] | None = None  # the cores that it may use; None: all
    period: int | None = None  # ns from release to release; the program has a RELEASE between jobs
    deadline: int | None = None  # ns from a release (or its arrival) to the deadline
    linux: Attributes = ORDINARY  # for Linux's scheduler
    kinship: Kinship = NOT_STARTED
    releases: tuple[int, ...] = ()  # ns from its arrival, in place of a period; the first is 0
    aborts: bool = False  # a job that is not completed by its deadline is dropped then

    def release(self, job: int) -> int:
        """Return when a job is released, ns; jobs count from 0."""
        if self.releases:
            return self.arrival + self.releases[job]
        return self.arrival + job * (self.period or 0)
