"""The events of a dispatched run: what is expected, and how to see that it has really happened.

The schedule says at which virtual time each event happens, as it does in the model. Each event also
knows how to see, on the wall clock or in a worker's cells, whether it has really happened.
"""

from __future__ import annotations

from kernel.hardware import Region
from kernel.memory import Transfer
from kernel.process.control_block import Process
from kernel.system.system import System
from real.dispatched.worker_handle import WorkerHandle
from real.memory.swapper import Swapper

NOT_YET = 1_000_000  # ns that a late transfer still needs at least; how long really is unknown
LATE = 5_000_000  # ns to sleep for a late transfer, unless the swapper wakes the supervisor


class AwaitedEvent:
    """An event that happens at virtual time `at` (ns)."""

    __slots__ = ("at", "cancelled")

    def __init__(self, at: int) -> None:
        self.at = at
        self.cancelled = False  # it will not happen any more

    def to_go(self, now: int) -> int:
        """Return in how many ns the event happens, as far as can be seen at `now` (ns of the run).

        The result is above 0 exactly if the event has not happened yet. Below 0 it says how long
        ago the event happened.
        """
        raise NotImplementedError

    def nap(self, now: int) -> int:
        """Return how long to sleep before the next look at the event, ns."""
        return self.to_go(now)

    def happened(self, now: int) -> int:
        """Return when the event happened, or will happen, ns of the run."""
        return now + self.to_go(now)

    def tell(self, system: System) -> None:
        """Put the event into the list from which `System.settle` takes it."""
        raise NotImplementedError


class TimedEvent(AwaitedEvent):
    """An event that really happens at a known time: at `wall`, ns of the run."""

    __slots__ = ("wall",)

    def __init__(self, at: int, wall: int) -> None:
        super().__init__(at)
        self.wall = wall

    def to_go(self, now: int) -> int:
        """Return in how many ns `wall` is reached."""
        return self.wall - now


class IoCompletion(TimedEvent):
    """A device completes a process's request."""

    __slots__ = ("process",)

    def __init__(self, at: int, wall: int, process: Process) -> None:
        super().__init__(at, wall)
        self.process = process

    def tell(self, system: System) -> None:
        """Tell the system that the I/O of the process is over."""
        system.instant.completed.append(self.process)


class ArrivalEvent(TimedEvent):
    """Processes arrive, as the scenario says."""

    __slots__ = ("processes",)

    def __init__(self, at: int, processes: list[Process]) -> None:
        super().__init__(at, at)
        self.processes = processes

    def tell(self, system: System) -> None:
        """Tell the system that the processes arrive, in file order."""
        system.instant.arrived.extend(self.processes)


class JobRelease(TimedEvent):
    """The next job of a periodic process is released, as the scenario says."""

    __slots__ = ("process",)

    def __init__(self, at: int, process: Process) -> None:
        super().__init__(at, at)
        self.process = process

    def tell(self, system: System) -> None:
        """Tell the system that the next job is released."""
        system.instant.released.append(self.process)


class JobDeadline(TimedEvent):
    """The deadline of a job comes, at which it is dropped if it is not done."""

    __slots__ = ("job", "process")

    def __init__(self, at: int, process: Process) -> None:
        super().__init__(at, at)
        self.process = process
        self.job = process.job

    def tell(self, system: System) -> None:
        """Tell the system that the deadline has come."""
        system.instant.overdue.append((self.process, self.job))


class PolicyReview(TimedEvent):
    """The policy looks at the ready queue again, as it has asked to."""

    __slots__ = ()

    def tell(self, system: System) -> None:
        """Tell the system that the policy is to look again."""
        system.instant.timers.append(None)


class TransferEnd(TimedEvent):
    """A program has been written to the swap device, or read back from it.

    This has happened when the swapper has copied the bytes, and the time that the device takes in
    the schedule is over. `number` is the swapper's job; -1: the job has not been ordered yet.
    """

    __slots__ = ("epoch", "number", "place", "region", "swapper", "transfer")

    def __init__(
        self,
        at: int,
        wall: int,
        transfer: Transfer,
        place: int,
        region: Region,
        swapper: Swapper,
        epoch: int,
    ) -> None:
        super().__init__(at, wall)
        self.transfer = transfer
        self.place = place  # the device
        self.region = region  # of the scenario's memory: written from there, or read back into it
        self.swapper = swapper
        self.epoch = epoch  # absolute ns of the run's first moment
        self.number = -1

    def to_go(self, now: int) -> int:
        """Return in how many ns both the device's time and the swapper's work are over."""
        ended = self.swapper.end_of(self.number)
        if ended is None:
            return max(self.wall - now, NOT_YET)
        return max(self.wall, ended - self.epoch) - now

    def nap(self, now: int) -> int:
        """Return how long to sleep, ns; LATE if the swapper is late, as it wakes the supervisor."""
        late = self.wall <= now and self.swapper.end_of(self.number) is None
        return LATE if late else self.to_go(now)

    def tell(self, system: System) -> None:
        """Tell the system that the program has been written or read back."""
        system.instant.transferred.append((self.transfer, self.place))


class SliceEnd(AwaitedEvent):
    """A worker's slice is over: its burst has ended, or its slice has expired.

    `target` is the CPU time that the worker has received in all, in virtual time, when the slice is
    over. The slice is over when the worker has really received that much, whenever the slice began
    and whatever disturbed it. So what the worker got too much or too little in one slice is made up
    for in the next one. An expiry is taken `early` ns before that, as it takes time to stop the
    worker. If the burst `ends` with this slice, the worker says so itself and wakes the supervisor.
    So it is enough to look again after `patience` ns.
    """

    __slots__ = ("begun", "core", "early", "ends", "epoch", "patience", "target", "worker")

    def __init__(
        self,
        at: int,
        core: int,
        worker: WorkerHandle,
        target: int,
        *,
        ends: bool,
        early: int,
        patience: int,
        begun: int,
        epoch: int,
    ) -> None:
        super().__init__(at)
        self.core = core
        self.worker = worker
        self.target = target
        self.ends = ends
        self.early = early
        self.patience = patience
        self.begun = begun  # ns of the run, when the slice was decided
        self.epoch = epoch  # absolute ns of the run's first moment

    def to_go(self, now: int) -> int:
        """Return how much CPU time the slice has left, ns; 0 or less if it is over."""
        if self.worker.has_finished_burst():
            return min(0, self._finished() - now)
        left = self.target - self.worker.received()
        return max(left, 1) if self.ends else left - self.early

    def nap(self, now: int) -> int:
        """Return how long to sleep, ns; `patience` at least if the worker wakes the supervisor."""
        to_go = self.to_go(now)
        return max(to_go, self.patience) if self.ends and to_go > 0 else to_go

    def happened(self, now: int) -> int:
        """Return when the burst ended, or when the slice will be used up, ns of the run."""
        if self.worker.has_finished_burst():
            return self._finished()
        return now + self.target - self.worker.received()

    def _finished(self) -> int:
        """Return when the burst ended, ns of the run, but not before the slice was decided."""
        return max(self.begun, self.worker.finished_at() - self.epoch)

    def tell(self, system: System) -> None:
        """Tell the system that the burst has ended, or that the slice has expired."""
        (system.instant.ended if self.ends else system.instant.expired).append(self.core)
