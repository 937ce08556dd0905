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

NOT_YET = 1_000_000  # ns that a transfer which is late is said to need still
LATE = 5_000_000  # ns to sleep for it, unless the swapper wakes the supervisor


class AwaitedEvent:
    """One thing that happens at virtual time `at` (ns)."""

    __slots__ = ("at", "cancelled")

    def __init__(self, at: int) -> None:
        self.at = at
        self.cancelled = False  # it will not happen any more

    def to_go(self, now: int) -> int:
        """Return how many ns it is until it happens, as far as `now` (ns of the run) shows.

        0 or less only if it has happened, so long ago.
        """
        raise NotImplementedError

    def nap(self, now: int) -> int:
        """Return how long to sleep until it is worth looking again, ns."""
        return self.to_go(now)

    def happened(self, now: int) -> int:
        """Return when it happened, or will, ns of the run."""
        return now + self.to_go(now)

    def tell(self, system: System) -> None:
        """Put it into the list of the system from which `settle` takes it."""
        raise NotImplementedError


class TimedEvent(AwaitedEvent):
    """An event that happens at `wall`, ns of the run."""

    __slots__ = ("wall",)

    def __init__(self, at: int, wall: int) -> None:
        super().__init__(at)
        self.wall = wall

    def to_go(self, now: int) -> int:
        """Return how many ns it is until `wall`."""
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


class PolicyReview(TimedEvent):
    """The policy looks at the ready queue again, as it has asked."""

    __slots__ = ()

    def tell(self, system: System) -> None:
        """Tell the system that the policy may look again."""
        system.instant.timers.append(None)


class TransferEnd(TimedEvent):
    """A program has been written to the swap device, or read back, and the device has had its time.

    `number` is the swapper's job once that has begun, at the instant after the decision.
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
        self.region = region  # of the scenario's memory: from where, or to where
        self.swapper = swapper
        self.epoch = epoch  # absolute ns of the run's first moment
        self.number = -1

    def to_go(self, now: int) -> int:
        """Return how many ns it is until both the device's time and the swapper's work are over."""
        ended = self.swapper.end_of(self.number)
        if ended is None:
            return max(self.wall - now, NOT_YET)
        return max(self.wall, ended - self.epoch) - now

    def nap(self, now: int) -> int:
        """Return the time until it; if the swapper is late, longer: it wakes the supervisor."""
        late = self.wall <= now and self.swapper.end_of(self.number) is None
        return LATE if late else self.to_go(now)

    def tell(self, system: System) -> None:
        """Tell the system that the program has been written or read back."""
        system.instant.transferred.append((self.transfer, self.place))


class SliceEnd(AwaitedEvent):
    """A worker's slice is over: its burst has ended, or it has had its quantum.

    `target` is the CPU time that the worker will have received by then in virtual time. A slice is
    over when it has received that much, whenever it began and whatever disturbed it; what it got
    too much or too little in one slice is made good in its next. An expiry comes `early` ns before
    that, as carrying it out takes time too. If the burst `ends` with this slice, the worker says so
    and wakes the supervisor: so it is enough to look again after `patience` ns.
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
        """Return how much CPU time is left of the slice, or since when the burst is over, ns."""
        if self.worker.has_finished_burst():
            return min(0, self._finished() - now)
        left = self.target - self.worker.received()
        return max(left, 1) if self.ends else left - self.early

    def nap(self, now: int) -> int:
        """Return how long to sleep, ns: the worker wakes the supervisor when its burst ends."""
        to_go = self.to_go(now)
        return max(to_go, self.patience) if self.ends and to_go > 0 else to_go

    def happened(self, now: int) -> int:
        """Return when the burst ended, or when the slice is used up, ns of the run."""
        if self.worker.has_finished_burst():
            return self._finished()
        return now + self.target - self.worker.received()

    def _finished(self) -> int:
        """Return when its burst ended; at the earliest when the slice began."""
        return max(self.begun, self.worker.finished_at() - self.epoch)

    def tell(self, system: System) -> None:
        """Tell the system that the burst has ended, or that the slice has expired."""
        (system.instant.ended if self.ends else system.instant.expired).append(self.core)
