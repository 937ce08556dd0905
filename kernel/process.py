"""The process control block, the states of a process, and the one function that changes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from kernel.errors import InvariantError

if TYPE_CHECKING:
    from kernel.linux.attributes import Attributes
    from kernel.memory import Region
    from kernel.workload import ProcessSpec


class State(IntEnum):
    """Where a process is in its life. The values are the codes of the record's `state` column."""

    NEW = 0  # arrived, waiting for memory
    READY = 1
    RUNNING = 2
    BLOCKED = 3
    SUSPENDED = 4  # swapped out, or its partition is being moved
    ZOMBIE = 5  # ended, not yet joined
    UNBORN = 6  # not yet arrived; never recorded
    DEAD = 7  # gone; never recorded


UNBORN, NEW, READY, RUNNING, BLOCKED, SUSPENDED, ZOMBIE, DEAD = (
    State.UNBORN,
    State.NEW,
    State.READY,
    State.RUNNING,
    State.BLOCKED,
    State.SUSPENDED,
    State.ZOMBIE,
    State.DEAD,
)


WHYS = (
    "admitted",  # new → ready: a partition was found
    "dispatched",  # ready → running
    "blocked",  # running → blocked
    "expired",  # running → ready: its quantum was up
    "preempted",  # running → ready: a better one came
    "interrupted",  # running → ready: somebody outside the scenario took its core (real only)
    "resumed",  # ready → running: and gave it back (real only); or suspended → what it was
    "yielded",  # running → ready
    "woke",  # blocked → ready
    "ended",  # the program's last step is done
    "killed",  # a signal ended it
    "stopped",  # the run was stopped first
    "continued",  # blocked → blocked: the next wait follows without a core
    "released",  # blocked, or running → ready: a periodic process's next job is due
    "suspended",  # ready, running or blocked → suspended: it is swapped out, or moved in memory
    "reaped",  # zombie → gone: its parent, or the reaper, has waited for it
)
"""Why an interval ended: the words of the record's `why` column, whose codes are their places."""
WHY = {word: code for code, word in enumerate(WHYS)}


def tag(state: int, why: str, core: int = -1, device: int = -1) -> int:
    """All but the times of an interval in one integer, which is what a record keeps of it.

    Tags of one state and reason differ by multiples of ON_CORE and AT_DEVICE.
    """
    return state + WHY[why] * _WHY_STEP + (core + 1) * ON_CORE + (device + 1) * AT_DEVICE


def untag(tag: int) -> tuple[int, int, int, int]:
    """(state, core, device, place in WHYS) of a tag."""
    device, rest = divmod(tag, AT_DEVICE)
    core, rest = divmod(rest, ON_CORE)
    why, state = divmod(rest, _WHY_STEP)
    return state, core - 1, device - 1, why


_WHY_STEP = 1 << 4
ON_CORE = 1 << 10
AT_DEVICE = 1 << 26


class Process:
    """One process, as the kernel sees it. What a policy may read is listed first."""

    __slots__ = (
        "account",
        "arrival",
        "burst",
        "charged_at",
        "core",
        "cores",
        "cpu_used",
        "deadline",
        "durations",
        "exitcode",
        "home",
        "index",
        "job",
        "last_core",
        "late",
        "left",
        "limit",
        "linux",
        "memory",
        "name",
        "nice",
        "period",
        "place",
        "places",
        "priority",
        "program",
        "ready_since",
        "region",
        "relative_deadline",
        "rest",
        "since",
        "state",
        "step",
        "tickets",
        "turn",
        "used_before",
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
        self.period: int | None = spec.period  # ns
        self.relative_deadline: int | None = spec.deadline  # ns
        self.deadline: int | None = None  # ns, that of the current job
        self.cores: tuple[int, ...] | None = spec.cores  # those it may use; None: all
        self.linux: Attributes = spec.linux  # its class there, and that class's parameters

        # for its policy to write; None at first
        self.account: Any = None
        self.place: Any = None  # in its queue, while it is there
        self.turn: int = 0  # of its queue, which counts who becomes ready: equal keys go by it

        # the system's own
        self.program = spec.program
        self.places = spec.program.places
        self.durations = spec.program.durations
        self.step: int = 0  # index into the program
        self.state: State = UNBORN
        self.since: int = spec.arrival  # ns, when it entered `state`
        self.core: int = -1  # where it runs; -1 unless RUNNING
        self.rest: int = 0  # ns that will be left of its burst when the slice it was given is over
        self.charged_at: int = 0  # ns, up to when its running has been put into the books
        self.used_before: int = 0  # ns of CPU received before it was picked
        self.job: int = 0  # the number of the current job, from 0
        self.home: int = -1  # the core in whose queue it is, if each has its own
        self.last_core: int = -1  # where it ran last
        self.region: Region | None = None  # its partition; None also while it is swapped out
        self.limit: int = 0  # bytes of the partition it was given first: its addresses end there
        self.late: bool = False  # while it was suspended its I/O was over, or its next job due
        self.memory: int = spec.memory  # bytes it asked for
        self.exitcode: int = 0  # with which it will end, as far as is known

    @property
    def granted(self) -> int:
        """ns left of the slice it was given."""
        return self.left - self.rest

    @property
    def ran_for(self) -> int:
        """ns it has run since it was picked."""
        return self.cpu_used - self.used_before

    def load(self, region: Region | None) -> None:
        """It has its memory, and so it is decided where its memory steps end it."""
        self.region = region
        if region is not None:
            self.limit = region.size
            if self.program.marks:
                program, self.exitcode = self.program.fate(self.memory, self.limit)
                self.places, self.durations = program.places, program.durations

    def __repr__(self) -> str:
        return f"<{self.name} {self.state.name.lower()} left={self.left}>"


Emit = Callable[[Sequence[int]], None]
"""Takes one closed interval: (process, start, end, tag); where cores `turn`, also two in a row."""


def transition(
    process: Process, leaves: State, enters: State, now: int, tag: int, emit: Emit
) -> None:
    """Change `process.state` at `now` (ns). The one place where it is written, with `exchange`.

    The interval that ends here goes to `emit` with its tag. An empty interval is left out,
    except on a core: a process that was given a core has had a slice, even if all that it did there
    took no time, and even if it lost the core before it could do anything.
    Raises InvariantError unless the process is in the state that it is said to leave.
    """
    if process.state is not leaves:
        raise InvariantError(
            f"{process.name} is {process.state.name}, not {leaves.name}, at {now} ns"
        )
    since = process.since
    if now > since or (now == since and leaves is RUNNING):  # later: its core is being switched
        emit((process.index, since, now, tag))
    process.state = enters
    process.since = now


def exchange(
    leaver: Process, taker: Process, now: int, lost: int, dispatched: int, emit: Emit
) -> None:
    """`taker` gets the core of `leaver`, which is ready: two transitions in one.

    Both have been what they were since before `now`, so two intervals end, the taker's first.
    Raises InvariantError like `transition`.
    """
    if taker.state is not READY or leaver.state is not RUNNING:
        transition(taker, READY, RUNNING, now, dispatched, emit)
        transition(leaver, RUNNING, READY, now, lost, emit)
        return
    emit((taker.index, taker.since, now, dispatched, leaver.index, leaver.since, now, lost))
    taker.state, leaver.state = RUNNING, READY
    taker.since = leaver.since = now
