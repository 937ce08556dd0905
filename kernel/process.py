"""The process control block, the states of a process, and the one function that changes them."""

from __future__ import annotations

from enum import IntEnum

from kernel.errors import InvariantError
from kernel.workload import ProcessSpec


class State(IntEnum):
    """Where a process is in its life. The values are the codes of the record's `state` column."""

    NEW = 0  # arrived, waiting for memory
    READY = 1
    RUNNING = 2
    BLOCKED = 3
    SUSPENDED = 4  # swapped out
    ZOMBIE = 5  # ended, not yet joined
    UNBORN = 6  # not yet arrived; never recorded
    DEAD = 7  # gone; never recorded


UNBORN, NEW, READY, RUNNING, BLOCKED, DEAD = (
    State.UNBORN,
    State.NEW,
    State.READY,
    State.RUNNING,
    State.BLOCKED,
    State.DEAD,
)


class Process:
    """One process, as the kernel sees it. What a policy may read is listed first."""

    __slots__ = (
        "admitted",
        "arrival",
        "base",
        "burst",
        "core",
        "cpu_used",
        "first_run",
        "granted",
        "index",
        "last_core",
        "left",
        "name",
        "nice",
        "partition_size",
        "priority",
        "program",
        "ready_since",
        "since",
        "state",
        "step",
        "tickets",
    )

    def __init__(self, spec: ProcessSpec) -> None:
        # for policies to read, for nobody to write after this but the system
        self.name: str = spec.name
        self.index: int = spec.index  # file order
        self.arrival: int = spec.arrival  # ns
        self.priority: int = spec.priority
        self.nice: int = spec.nice
        self.tickets: int = spec.tickets
        self.burst: int = 0  # ns, length of the current or next CPU burst
        self.left: int = 0  # ns of it still to run; up to date whenever a policy is called
        self.ready_since: int = 0  # ns, when it last became ready
        self.cpu_used: int = 0  # ns of CPU received so far

        # the system's own
        self.program = spec.program
        self.step: int = 0  # index into the program
        self.state: State = UNBORN
        self.since: int = spec.arrival  # ns, when it entered `state`
        self.core: int = -1  # where it runs; -1 unless RUNNING
        self.last_core: int = -1  # where it last ran
        self.granted: int = 0  # ns, length of the slice it was given
        self.first_run: int | None = None
        self.admitted: int | None = None
        self.base: int = -1  # of its partition, bytes; -1: none
        self.partition_size: int = 0  # bytes

    def move(self, expected: State, new: State, now: int) -> None:
        """Change state at `now`. The one place where `state` is written.

        Raises InvariantError unless it is in the state it is said to leave.
        """
        if self.state is not expected:
            raise InvariantError(
                f"{self.name} is {self.state.name}, not {expected.name}, at {now} ns"
            )
        self.state = new
        self.since = now

    def __repr__(self) -> str:
        return f"<{self.name} {self.state.name.lower()} left={self.left}>"
