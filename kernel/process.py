"""The process control block, the states of a process, and the one function that changes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from kernel.errors import InvariantError

if TYPE_CHECKING:
    from kernel.memory.fixed import Region
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


WHYS = (
    "admitted",  # new → ready: a partition was found
    "dispatched",  # ready → running
    "blocked",  # running → blocked
    "expired",  # running → ready: its quantum was up
    "preempted",  # running → ready: a better one came
    "interrupted",  # running → ready: somebody outside the scenario took its core (real only)
    "resumed",  # ready → running: and gave it back (real only)
    "yielded",  # running → ready
    "woke",  # blocked → ready
    "ended",  # the program's last step is done
    "killed",  # a signal ended it
    "stopped",  # the run was stopped first
    "continued",  # blocked → blocked: the next wait follows without a core
)
"""Why an interval ended: the words of the record's `why` column, whose codes are their places."""
WHY = {word: code for code, word in enumerate(WHYS)}
ADMITTED, DISPATCHED, BLOCKS, ENDED, CONTINUED = (
    WHY[word] for word in ("admitted", "dispatched", "blocked", "ended", "continued")
)


class Process:
    """One process, as the kernel sees it. What a policy may read is listed first."""

    __slots__ = (
        "arrival",
        "burst",
        "charged_at",
        "core",
        "cpu_used",
        "durations",
        "granted",
        "index",
        "left",
        "memory",
        "name",
        "nice",
        "places",
        "priority",
        "ran_for",
        "ready_since",
        "region",
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
        self.places = spec.program.places
        self.durations = spec.program.durations
        self.step: int = 0  # index into the program
        self.state: State = UNBORN
        self.since: int = spec.arrival  # ns, when it entered `state`
        self.core: int = -1  # where it runs; -1 unless RUNNING
        self.granted: int = 0  # ns left of the slice it was given
        self.charged_at: int = 0  # ns, up to when its running has been put into the books
        self.ran_for: int = 0  # ns it has run since it was picked
        self.region: Region | None = None  # its partition
        self.memory: int = spec.memory  # bytes it asked for

    def __repr__(self) -> str:
        return f"<{self.name} {self.state.name.lower()} left={self.left}>"


Emit = Callable[[Sequence[int]], None]
"""Takes one closed interval: (process, state, start, end, core, device, WHY it ended)."""


def transition(
    process: Process, leaves: State, enters: State, now: int, why: int, device: int, emit: Emit
) -> None:
    """Change `process.state` at `now` (ns). The one place where it is written.

    The interval that ends here goes to `emit`, unless it is empty.
    Raises InvariantError unless the process is in the state that it is said to leave.
    """
    if process.state is not leaves:
        raise InvariantError(
            f"{process.name} is {process.state.name}, not {leaves.name}, at {now} ns"
        )
    since = process.since
    if now > since:
        emit((process.index, leaves, since, now, process.core, device, why))
    process.state = enters
    process.since = now
