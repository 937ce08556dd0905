"""What will happen next on the real machine, in book time, and how to tell that it has.

The books know when everything happens: they are the model's. Each entry also knows how to see, on
the wall clock or in a worker's cells, whether it has really happened.
"""

from __future__ import annotations

from kernel.hardware import Region
from kernel.memory import Transfer
from kernel.process.control_block import Process
from kernel.system.system import System
from real.dispatched.pool import WorkerHandle
from real.memory.swapper import Swapper

NOT_YET = 1_000_000  # ns that a transfer which is late is said to have to go
LATE = 5_000_000  # ns to sleep for it, unless the bell wakes the supervisor


class AwaitedEvent:
    """One thing that will happen at `book` (ns)."""

    __slots__ = ("book", "cancelled")

    def __init__(self, book: int) -> None:
        self.book = book
        self.cancelled = False  # nobody wants it any more

    def to_go(self, now: int) -> int:
        """Ns until it happens, as far as can be foreseen at `now` (ns of the run).

        0 or less only if it has happened, so long ago.
        """
        raise NotImplementedError

    def nap(self, now: int) -> int:
        """How long to sleep until it is worth looking again, ns."""
        return self.to_go(now)

    def happened(self, now: int) -> int:
        """When it happened, or will, ns of the run."""
        return now + self.to_go(now)

    def tell(self, system: System) -> None:
        """Put it into the list that `settle` takes it from."""
        raise NotImplementedError


class TimedEvent(AwaitedEvent):
    """Happens at `wall`, ns of the run."""

    __slots__ = ("wall",)

    def __init__(self, book: int, wall: int) -> None:
        super().__init__(book)
        self.wall = wall

    def to_go(self, now: int) -> int:
        return self.wall - now


class IoCompletion(TimedEvent):
    """A device completes a process's request."""

    __slots__ = ("process",)

    def __init__(self, book: int, wall: int, process: Process) -> None:
        super().__init__(book, wall)
        self.process = process

    def tell(self, system: System) -> None:
        system.instant.completed.append(self.process)


class ArrivalEvent(TimedEvent):
    """Processes arrive, as scheduled."""

    __slots__ = ("processes",)

    def __init__(self, book: int, processes: list[Process]) -> None:
        super().__init__(book, book)
        self.processes = processes

    def tell(self, system: System) -> None:
        system.instant.arrived.extend(self.processes)


class JobRelease(TimedEvent):
    """The next job of a periodic process begins, as scheduled."""

    __slots__ = ("process",)

    def __init__(self, book: int, process: Process) -> None:
        super().__init__(book, book)
        self.process = process

    def tell(self, system: System) -> None:
        system.instant.released.append(self.process)


class PolicyReview(TimedEvent):
    """The policy wants to look again."""

    __slots__ = ()

    def tell(self, system: System) -> None:
        system.instant.timers.append(None)


class TransferEnd(TimedEvent):
    """A program has been written to the swap device, or read back, and the device has had its time.

    `number` is the swapper's job once that has begun, at the instant after the decision.
    """

    __slots__ = ("epoch", "number", "place", "region", "swapper", "transfer")

    def __init__(
        self,
        book: int,
        wall: int,
        transfer: Transfer,
        place: int,
        region: Region,
        swapper: Swapper,
        epoch: int,
    ) -> None:
        super().__init__(book, wall)
        self.transfer = transfer
        self.place = place  # the device
        self.region = region  # of the scenario's memory: from where, or to where
        self.swapper = swapper
        self.epoch = epoch  # absolute ns of the run's first moment
        self.number = -1

    def to_go(self, now: int) -> int:
        ended = self.swapper.end_of(self.number)
        if ended is None:
            return max(self.wall - now, NOT_YET)
        return max(self.wall, ended - self.epoch) - now

    def nap(self, now: int) -> int:
        """Who is late rings."""
        late = self.wall <= now and self.swapper.end_of(self.number) is None
        return LATE if late else self.to_go(now)

    def tell(self, system: System) -> None:
        system.instant.transferred.append((self.transfer, self.place))


class SliceEnd(AwaitedEvent):
    """A worker's slice is over: its burst has ended, or it has had its quantum.

    `target` is the CPU time it will have received in all by then, in the books. A slice is over
    when it has received that much, whenever it began and whoever disturbed it; what it got too
    much or too little in one slice is made good in its next. An expiry comes `early` ns before
    that, as carrying it out takes time too. If the burst `ends` with this slice, the worker's own
    word counts, and that has a bell: so look again after `patience` ns.
    """

    __slots__ = ("begun", "core", "early", "ends", "epoch", "patience", "target", "worker")

    def __init__(
        self,
        book: int,
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
        super().__init__(book)
        self.core = core
        self.worker = worker
        self.target = target
        self.ends = ends
        self.early = early
        self.patience = patience
        self.begun = begun  # ns of the run, when the slice was decided
        self.epoch = epoch  # absolute ns of the run's first moment

    def to_go(self, now: int) -> int:
        if self.worker.has_finished_burst():
            return min(0, self._finished() - now)
        left = self.target - self.worker.received()
        return max(left, 1) if self.ends else left - self.early

    def nap(self, now: int) -> int:
        to_go = self.to_go(now)
        return max(to_go, self.patience) if self.ends and to_go > 0 else to_go

    def happened(self, now: int) -> int:
        if self.worker.has_finished_burst():
            return self._finished()
        return now + self.target - self.worker.received()

    def _finished(self) -> int:
        """When its burst ended; not before the slice, in which it may have had nothing to do."""
        return max(self.begun, self.worker.finished_at() - self.epoch)

    def tell(self, system: System) -> None:
        (system.instant.ended if self.ends else system.instant.expired).append(self.core)
