"""The process control block, and the one function that changes a process's state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kernel.errors import InvariantError, PolicyError
from kernel.hardware import Region
from kernel.process.calls import Call
from kernel.process.linux_attributes import Attributes
from kernel.process.program import CPU, RELEASE
from kernel.process.spec import ProcessSpec
from kernel.process.states import READY, RUNNING, UNBORN, State
from translation import tr


class Process:
    """One process, as the kernel sees it. The fields that a policy may read come first."""

    __slots__ = (
        "aborted",
        "aborts",
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
        "releases",
        "rest",
        "since",
        "state",
        "step",
        "tickets",
        "turn",
        "used_before",
    )

    def __init__(self, spec: ProcessSpec) -> None:
        # a policy reads these fields; only the system writes them
        self.name: str = spec.name
        self.index: int = spec.index  # file order
        self.arrival: int = spec.arrival  # ns
        self.priority: int = spec.priority
        self.nice: int = spec.nice
        self.tickets: int = spec.tickets
        self.burst: int = 0  # ns, length of the current or next CPU burst
        self.left: int = 0  # ns of the burst still to run; up to date whenever a policy is called
        self.ready_since: int = 0  # ns, when it last became ready
        self.cpu_used: int = 0  # ns of CPU received so far
        self.period: int | None = spec.period  # ns
        self.releases = spec.releases  # ns from its arrival, in place of a period
        self.relative_deadline: int | None = spec.deadline  # ns
        self.deadline: int | None = None  # ns, that of the current job
        self.cores: tuple[int, ...] | None = spec.cores  # the cores that it may use; None: all
        self.linux: Attributes = spec.linux  # its scheduling class under Linux, with parameters

        # its policy writes these fields
        self.account: Any = None
        self.place: Any = None  # its entry in the policy's queue, while it is there
        self.turn: Any = (
            0  # decides among equal keys: by default counts processes that become ready
        )

        # only the system reads and writes these fields
        self.program = spec.program
        self.places = spec.program.places
        self.durations = spec.program.durations
        self.step: int = 0  # index into the program
        self.state: State = UNBORN
        self.since: int = spec.arrival  # ns, when it entered `state`
        self.core: int = -1  # where it runs; -1 unless RUNNING
        self.rest: int = 0  # ns of its burst that are left when its slice is over
        self.charged_at: int = 0  # ns, up to when its CPU time has been accounted for
        self.used_before: int = 0  # ns of CPU received before it was picked
        self.job: int = 0  # the number of the current job, from 0
        self.aborts: bool = spec.aborts  # a job is dropped at its deadline
        self.aborted: bool = False  # the current job was dropped; perhaps its I/O goes on
        self.home: int = -1  # the core in whose queue it is, if each has its own
        self.last_core: int = -1  # the core on which it ran last
        self.region: Region | None = None  # its partition; None also while it is swapped out
        self.limit: int = 0  # bytes of its first partition: the end of its addresses
        self.late: bool = False  # its wait ended while it was suspended
        self.memory: int = spec.memory  # bytes it asked for
        self.exitcode: int = 0  # the one with which it will end, as far as is known

    def may_use(self, core: int) -> bool:
        """Return whether the process may run on this core."""
        return self.cores is None or core in self.cores

    @property
    def granted(self) -> int:
        """Return the ns that are left of its slice."""
        return self.left - self.rest

    @property
    def ran_for(self) -> int:
        """Return the ns that it has run since it was picked."""
        return self.cpu_used - self.used_before

    def grant(self, asked: int | None) -> int:
        """Grant a slice of `asked` ns (None: the burst), and return its length, ns.

        It is not longer than the burst. Raises PolicyError unless `asked` is a length of a slice.
        """
        left = self.left
        if asked is None:
            length = left
        elif type(asked) is not int or asked < 1:
            raise PolicyError(
                tr(
                    "pick() gave {process} {length!r} ns; a slice is a whole number of ns, "
                    "at least 1, or None",
                    process=self.name,
                    length=asked,
                )
            )
        else:
            length = asked if asked < left else left
        self.rest = left - length
        return length

    def charge(self, used: int, now: int) -> None:
        """Account for `used` ns of CPU time received up to `now`. Nothing else changes it."""
        self.left -= used
        self.cpu_used += used
        self.charged_at = now

    @property
    def call(self) -> Call:
        """Return the call that is its current step."""
        return self.program.calls[self.durations[self.step]]

    @property
    def track(self) -> int:
        """Return the track of the device that its current step asks for."""
        return self.program.tracks.get(self.step, 0)

    @property
    def next_release(self) -> int:
        """Return when the job after the current one is released, ns."""
        return self._release(self.job + 1)

    def begin_job(self) -> None:
        """Go from the wait for a release to the first step of the job that was released."""
        self.step += 1
        self.job += 1
        self.aborted = False
        if self.relative_deadline is not None:
            self.deadline = self._release(self.job) + self.relative_deadline

    @property
    def end_of_job(self) -> int:
        """Return the step behind the current job: its next RELEASE, or the end of the program."""
        for step in range(self.step, len(self.places)):
            if self.places[step] == RELEASE:
                return step
        return len(self.places)

    def cpu_in_job(self, step: int) -> int:
        """Return the CPU time of the current job's steps from `step` on, ns."""
        steps = range(step, self.end_of_job)
        return sum(self.durations[each] for each in steps if self.places[each] == CPU)

    def _release(self, job: int) -> int:
        if self.releases:
            return self.arrival + self.releases[job]
        assert self.period is not None
        return self.arrival + job * self.period

    def load(self, region: Region | None) -> None:
        """Put the program into `region`, whose size decides which memory step ends it."""
        self.region = region
        if region is not None:
            self.limit = region.size
            if self.program.memory_steps:
                program, self.exitcode = self.program.fate(self.memory, self.limit)
                self.places, self.durations = program.places, program.durations

    def __repr__(self) -> str:
        return f"<{self.name} {self.state.name.lower()} left={self.left}>"


Emit = Callable[[Sequence[int]], None]
"""Takes one closed interval, (process, start, end, tag), or two in one row: see `exchange`."""


def transition(
    process: Process, leaves: State, enters: State, now: int, tag: int, emit: Emit
) -> None:
    """Change `process.state` at `now` (ns). Only this function and `exchange` write it.

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
    """Make `taker` run in place of `leaver`, which becomes ready: two transitions in one.

    Both have been in their states since before `now`, so two intervals end, the taker's first.
    Raises InvariantError like `transition`.
    """
    if taker.state is not READY or leaver.state is not RUNNING:
        transition(taker, READY, RUNNING, now, dispatched, emit)
        transition(leaver, RUNNING, READY, now, lost, emit)
        return
    emit((taker.index, taker.since, now, dispatched, leaver.index, leaver.since, now, lost))
    taker.state, leaver.state = RUNNING, READY
    taker.since = leaver.since = now
