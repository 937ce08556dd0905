"""What will happen next on the real machine, in book time, and how to tell that it has.

The books know when everything is due: they are the model's. Each entry also knows how to see, on
the wall clock or in a worker's cells, whether it has really happened.
"""

from __future__ import annotations

from kernel.process import Process
from kernel.system import System
from real.crew import Worker


class Due:
    """One thing that will happen at `book` (ns). `overdue(now)` is how long ago it could have."""

    __slots__ = ("book", "cancelled")

    def __init__(self, book: int) -> None:
        self.book = book
        self.cancelled = False  # nobody wants it any more

    def overdue(self, now: int) -> int:
        """ns since it has happened, as of `now` (ns of the run); negative: so long to go."""
        raise NotImplementedError

    def happened(self, now: int) -> int:
        """When it happened, ns of the run, as of `now`."""
        return now - self.overdue(now)

    def tell(self, system: System) -> None:
        """Put it into the list that `settle` takes it from."""
        raise NotImplementedError


class _Timed(Due):
    """Happens at `wall`, ns of the run."""

    __slots__ = ("wall",)

    def __init__(self, book: int, wall: int) -> None:
        super().__init__(book)
        self.wall = wall

    def overdue(self, now: int) -> int:
        return now - self.wall


class IoDue(_Timed):
    """A device completes a process's request."""

    __slots__ = ("process",)

    def __init__(self, book: int, wall: int, process: Process) -> None:
        super().__init__(book, wall)
        self.process = process

    def tell(self, system: System) -> None:
        system.completed.append(self.process)


class ArrivalDue(_Timed):
    """Processes arrive, as scheduled."""

    __slots__ = ("processes",)

    def __init__(self, book: int, processes: list[Process]) -> None:
        super().__init__(book, book)
        self.processes = processes

    def tell(self, system: System) -> None:
        system.arrived.extend(self.processes)


class ReviewDue(_Timed):
    """The policy wants to look again."""

    __slots__ = ()

    def tell(self, system: System) -> None:
        system.review_due = True


class SliceDue(Due):
    """A worker's slice is over: its burst has ended, or it has had its quantum.

    `target` is the CPU time it will have received in all by then, in the books. A slice is over
    when it has received that much, whenever it began and whoever disturbed it; what it got too
    much or too little in one slice is made good in its next. What follows may be begun `early` ns
    before that, as it takes time too. If the burst `ends` with this slice, it is carried out on
    the worker's own word only; with `early` 0 it is not begun before either.
    """

    __slots__ = ("begun", "core", "early", "ends", "epoch", "patience", "target", "worker")

    def __init__(
        self,
        book: int,
        core: int,
        worker: Worker,
        target: int,
        *,
        ends: bool,
        early: int,
        begun: int,
        patience: int,
        epoch: int,
    ) -> None:
        super().__init__(book)
        self.core = core
        self.worker = worker
        self.target = target
        self.ends = ends
        self.early = early
        self.begun = begun  # ns of the run, when the slice was decided
        self.patience = patience  # ns, how long to wait for the word of one about to finish
        self.epoch = epoch  # absolute ns of the run's first moment

    def overdue(self, now: int) -> int:
        if self.worker.has_finished_burst():
            return max(0, now - self._finished())
        to_go = self.target - self.worker.received()
        if self.ends and not self.early:
            return -max(to_go, self.patience)
        return self.early - to_go

    def happened(self, now: int) -> int:
        if self.worker.has_finished_burst():
            return self._finished()
        return now + self.target - self.worker.received()

    def _finished(self) -> int:
        """When its burst ended; not before the slice, in which it may have had nothing to do."""
        return max(self.begun, self.worker.finished_at() - self.epoch)

    def tell(self, system: System) -> None:
        (system.ended if self.ends else system.expired).append(self.core)
