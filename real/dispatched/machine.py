"""The real machine: it makes the system's decisions true with signals, in the order of the books.

The supervisor runs the same books as the model, and lets them advance only as fast as the real
processes do. What comes next in virtual time must really have happened (a worker says that its
burst is done, has received its quantum, the clock has reached an arrival) before the system hears
of it. So policies see the times and ties of the model, and the record has the times measured.

Things happen in reality in a slightly different order than in the books: what has happened is held
back until what the books put before it has happened too, for at most `LAG`. Then the books give
way: what is late gets the time of the clock, and that is counted as a correction.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from kernel.hardware import Region
from kernel.memory import Transfer
from kernel.process.control_block import Process
from kernel.process.program import CPU
from kernel.process.states import NEW, untag
from kernel.system.system import System
from kernel.workload import Workload
from real.cells import LOG
from real.dispatched.event_list import EventList
from real.dispatched.events import (
    ArrivalEvent,
    AwaitedEvent,
    IoCompletion,
    JobRelease,
    PolicyReview,
    SliceEnd,
    TransferEnd,
)
from real.dispatched.journal import Dispatch, Journal
from real.dispatched.live_view import LiveView
from real.dispatched.pool import Pool, WorkerHandle
from real.dispatched.waiting import Stopped, SupervisorWaiting
from real.host import probe
from real.host.cpus import Cpus
from timeline.record.intervals import NO_DEVICE
from timeline.record.live import LiveUpdate
from timeline.record.run import MemoryEvent

EARLY = 20_000, 400_000  # ns that a slice is cut short, with a core to spare or without
FORESIGHT = 100_000, 0  # ns before an instant at which to decide what follows from it
PATIENCE = 150_000, 5_000_000  # ns to wait for one about to finish; it rings if nobody polls
LAG = 10_000_000  # ns that anything may be held back to keep the order of the books
SLACK = 2_000_000  # ns without a deadline that make room for a chore
HEAD_START = 2_000_000  # ns between the last preparation and the start of the run
LOG_BOUND = 20_000_000  # running intervals recorded in one run: a third of a gigabyte
PROGRESS_EVERY = 100_000_000  # ns

Watcher = Callable[[Callable[[], LiveUpdate]], None]
"""Is given a look at the run now and then, which it need not take."""


class RealMachine:
    """The supervisor's state. `journal` is what it leaves."""

    lag = LAG
    """ns that anything may be held back here."""

    def __init__(
        self,
        workload: Workload,
        pool: Pool,
        cpus: Cpus,
        progress: Callable[[int], None],
        *,
        explain: bool = False,
        watcher: Watcher | None = None,
    ) -> None:
        self.journal = Journal.of(len(workload.processes))
        self.journal.early = self._early = EARLY[not cpus.spare]
        self._foresight = FORESIGHT[not cpus.spare]
        self._closed: list[Sequence[int]] = []  # intervals of the books, closed at this instant
        self._served: list[IoCompletion | TransferEnd] = []  # started at this instant
        self._transfers: list[TransferEnd] = []  # those of them that swap
        self._returned: list[TransferEnd] = []  # who has been swapped in
        self._admitted: list[tuple[Process, Region | None]] = []
        self._memory: list[tuple[str, str, Region]] = []  # waits, placed, moved, freed; who; where
        self._finished: list[Process] = []
        self._done: list[Process] = []  # a job with a deadline
        self.system = self._make_system(workload, explain)
        self.epoch = 0  # absolute ns of the run's first moment
        self._watcher = watcher
        self._live_view = LiveView(self.system, self.journal, self.arrival)
        self._pool = pool
        self._cpus = cpus
        self._progress = progress
        self._patience = PATIENCE[not cpus.spare]
        self._events = EventList()
        self._slices: list[SliceEnd | None] = [None] * workload.cores
        self._on_core: list[WorkerHandle | None] = [None] * workload.cores
        self._starting: list[tuple[int, WorkerHandle]] = []  # decided at this instant: core, who
        self._halting: list[WorkerHandle] = []
        self._leaving: list[
            WorkerHandle
        ] = []  # ended; their partitions have not been used again yet
        self._moving: list[tuple[int, Region, Region]] = []  # process, from, to
        self._loading: dict[int, Region] = {}  # by process
        self._releasing: list[WorkerHandle] = []
        self._chores: deque[Callable[[], None]] = deque()
        self._arrivals = deque(
            list(group)
            for _, group in groupby(
                [self.system.processes[spec.index] for spec in workload.arriving()],
                key=lambda p: p.arrival,
            )
        )
        self._book = 0  # ns, the books' now
        self._wall = 0  # ns, when this instant really was
        self._review: PolicyReview | None = None  # the one that the policy still wants
        self._told_progress = 0

    def _make_system(self, workload: Workload, explain: bool) -> System:
        return System(workload, self, self._closed.append, explain=explain)

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        worker = self._pool.workers[process.index]
        self._await_slice(worker, core, length, process.cpu_used, ends=length == process.left)
        if self._on_core[core] is not worker:
            self._on_core[core] = worker
            self._starting.append((core, worker))

    def _await_slice(
        self, worker: WorkerHandle, core: int, length: int, used: int, *, ends: bool
    ) -> None:
        """It has `core` for `length` ns, and has `used` so much CPU time before, ns."""
        event = SliceEnd(
            self._book + length,
            core,
            worker,
            used + length,
            ends=ends,
            early=self._early,
            patience=self._patience,
            begun=self._wall,
            epoch=self.epoch,
        )
        self._cancel_slice(core)
        self._slices[core] = event
        self._events.push(event)

    def stop(self, process: Process, core: int) -> None:
        worker = self._pool.workers[process.index]
        self._halting.append(worker)
        if self._on_core[core] is worker:
            self._on_core[core] = None
            self._cancel_slice(core)

    def _cancel_slice(self, core: int) -> None:
        event = self._slices[core]
        if event is not None:
            event.cancelled = True
            self._slices[core] = None

    def serve(self, process: Process, place: int, duration: int) -> None:
        self._served.append(IoCompletion(self._book + duration, duration, process))

    def await_release(self, process: Process, delay: int) -> None:
        self._events.push(JobRelease(self._book + delay, process))

    def job_done(self, process: Process) -> None:
        self._done.append(process)

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        raise AssertionError("what a switch costs here is measured, not charged")

    def waits(self, process: Process) -> None:
        self._memory.append(("waits", process.name, Region(-1, -1)))

    def admitted(self, process: Process, region: Region | None) -> None:
        self._admitted.append((process, region))
        if region is not None:
            self._memory.append(("placed", process.name, region))
            self._loading[process.index] = region
            if process.exitcode:
                worker = self._pool.workers[process.index]
                worker.fate = process.exitcode, process.places.count(CPU)

    def moved(self, process: Process, source: Region) -> None:
        assert process.region is not None
        self._memory.append(("moved", process.name, process.region))
        if process.index in self._loading:  # there is nothing to copy yet
            self._loading[process.index] = process.region
        else:
            self._moving.append((process.index, source, process.region))

    def copies(self, duration: int, core: int) -> None:
        raise AssertionError("what a move costs here is measured, not charged")

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        process, swapper = transfer.process, self._pool.swapper
        assert process.region is not None and swapper is not None
        region = Region(process.region.base, process.limit)
        event = TransferEnd(
            self._book + duration, duration, transfer, place, region, swapper, self.epoch
        )
        self._served.append(event)
        self._transfers.append(event)

    def swapped_out(self, process: Process, region: Region) -> None:
        self._memory.append(("swapped-out", process.name, region))

    def swapped_in(self, process: Process) -> None:
        assert process.region is not None
        self._memory.append(("swapped-in", process.name, process.region))

    def finished(self, process: Process) -> None:
        worker = self._pool.workers[process.index]
        self._finished.append(process)
        self._chores.append(lambda: self._dismiss(worker))

    def freed(self, process: Process, region: Region) -> None:
        self._memory.append(("freed", process.name, region))
        self._leaving.append(self._pool.workers[process.index])

    def withdrawn(self, process: Process) -> None:
        self._memory.append(("withdrawn", process.name, Region(-1, -1)))

    def more(self) -> dict[str, Any]:
        """Return further fields of `RunFacts`."""
        return {}

    def arrival(self, process: Process) -> int | None:
        """When it arrived, ns of the run; None: it never did, or in the books alone."""
        return process.arrival

    def about(self) -> dict[str, Any]:
        """What else stands in the record about this machine."""
        return {}

    def facts(self, index: int) -> dict[str, Any]:
        """What else is known of a process, as `Facts` takes it."""
        return {}

    # -- the run ----------------------------------------------------------------------------------

    def execute(self, waiting: SupervisorWaiting) -> str | None:
        """Run until the last program has ended. Returns why it was stopped before that, if so."""
        self._waiting = waiting
        self.journal.at_work = waiting.at_work
        self.epoch = time.monotonic_ns() + HEAD_START + self._pool.loading_time()
        try:
            self.start()
            while self.system.living:
                self.instant()
            self._finish()
        except Stopped as stopped:
            self.journal.ended_at = max(0, self._now())
            self._dismiss_finished()
            return str(stopped)
        self.journal.ended_at = self._wall
        return None

    def _now(self) -> int:
        return time.monotonic_ns() - self.epoch

    def _next_arrivals(self) -> None:
        if self._arrivals:
            processes = self._arrivals.popleft()
            self._events.push(ArrivalEvent(processes[0].arrival, processes))

    def start(self) -> None:
        """Programs that are there from the first moment are admitted, and load, before it."""
        self._next_arrivals()
        if self._events.next_at == 0:
            self._carry_out(self._events.pop_instant(), self._await_epoch)

    def instant(self) -> None:
        """Wait for all that the books put at the next instant, decide, and make it so.

        With a core of its own the supervisor decides while the last microseconds before it run.
        """
        batch = self._events.pop_instant()
        if not self._await(batch):
            return
        now = self._now()
        self.journal.lag_max = max(self.journal.lag_max, *(-event.to_go(now) for event in batch))
        ahead = [event for event in batch if event.to_go(now) > 0]
        self._wall = max(self._wall, *(event.happened(now) for event in batch))
        self._carry_out(batch, lambda: self._await_rest(ahead))

    def _carry_out(self, batch: list[AwaitedEvent], wait: Callable[[], None]) -> None:
        """Decide what follows from `batch`, `wait` until all of it has happened, and make it so."""
        self._decide(batch)
        try:
            wait()
        except Stopped:
            self._take_back(batch)
            raise
        self._switch()
        self._write_down()
        self._look_ahead()

    def _decide(self, batch: list[AwaitedEvent]) -> None:
        """All of `batch` has happened: the system says what follows."""
        self._book = batch[0].book
        for event in batch:
            event.tell(self.system)
            if isinstance(event, SliceEnd):
                self._slices[event.core] = None
                if event.ends:
                    self._on_core[event.core] = None
                    self._releasing.append(event.worker)
            elif isinstance(event, ArrivalEvent):
                self._next_arrivals()
            elif isinstance(event, PolicyReview):
                self._review = None
            elif isinstance(event, TransferEnd) and not event.transfer.out:
                self._returned.append(event)
        self.system.settle(self._book)

    def _switch(self) -> None:
        """Carry out what was decided: the next ones go first, then the old ones stop.

        In this order a core never falls asleep between two workers. Who is moved or loaded goes
        after that.
        """
        started = {worker.index for _, worker in self._starting}
        busy = {*self._loading, *(index for index, _, _ in self._moving)}
        busy.update(event.transfer.process.index for event in self._returned)
        self._send([start for start in self._starting if start[1].index not in busy])
        for worker in self._halting:
            if worker.index not in started and not worker.has_finished_burst():
                worker.halt()
        self._rearrange()
        self._send([start for start in self._starting if start[1].index in busy])
        for worker in self._releasing:
            worker.release()
        self._releasing.clear()
        self._starting.clear()
        self._halting.clear()

    def _send(self, starting: list[tuple[int, WorkerHandle]]) -> None:
        for core, worker in starting:
            worker.pin(self._cpus.cores[core])
            if worker in self._releasing:  # its next job was due already
                self._releasing.remove(worker)
                worker.release()
            sent = self._now()
            worker.go()
            self.journal.dispatches[worker.index].append(Dispatch(self._wall, sent, core))

    def _rearrange(self) -> None:
        """Memory as it was decided: who has ended leaves it, others are moved or swapped, and some
        load.
        """
        if not (self._loading or self._moving or self._transfers or self._returned):
            return
        for worker in self._leaving:
            if worker.fate is not None:
                self._look_at(worker)  # it dies when it has left
        for event in self._returned:  # first, as its program may be over: it leaves, too
            self._pool.come_back(event.transfer.process.index, event.region)
        self._pool.empty(self._leaving)
        for move in self._moving:
            self._pool.move(*move)
        for event in self._transfers:
            process, out = event.transfer
            worker = self._pool.workers[process.index]
            if worker in self._releasing:  # before it is stopped: it would be let go on again
                self._releasing.remove(worker)
                worker.release()
            event.number = self._pool.begin_transfer(process.index, event.region, out)
        for index, region in self._loading.items():
            self._pool.load(index, region)
        self._leaving.clear()
        self._returned.clear()
        self._moving.clear()
        self._transfers.clear()
        self._loading.clear()

    def _write_down(self) -> None:
        """This instant is carried out, and when it really was is known."""
        for row in self._closed:
            self.journal.note(row, self._wall)
        for process, region in self._admitted:
            self.journal.admissions[process.index] = self._wall, region
        for what, name, place in self._memory:
            self.journal.memory.append(MemoryEvent(self._wall, what, name, *place))
        for process in self._finished:
            self.journal.departures[process.index] = self._wall
        for process in self._done:
            self.journal.jobs[process.index].append(self._wall)
        for event in self._served:
            event.wall += self._wall
            self._events.push(event)
        self._forget_instant()

    def _take_back(self, batch: list[AwaitedEvent]) -> None:
        """The run is stopped before an instant whose consequences are decided: it never came.

        The books cannot go back, so it is noted in which states it found its processes.
        """
        before = self.journal.before
        for event in batch:
            if isinstance(event, ArrivalEvent):
                before.update((process.index, (NEW, NO_DEVICE)) for process in event.processes)
        for process, _, _, tag in self._closed:
            state, _, device, _ = untag(tag)
            before.setdefault(process, (state, device))
        self._forget_instant()

    def _forget_instant(self) -> None:
        self._closed.clear()
        self._admitted.clear()
        self._memory.clear()
        self._done.clear()
        self._finished.clear()
        self._served.clear()

    def _look_ahead(self) -> None:
        """When does the policy want to look again, if it has not said the same before?"""
        at = self.system.next_review()
        if at == (self._review and self._review.book):
            return
        if self._review is not None:
            self._review.cancelled = True
            self._review = None
        if at is not None:
            self._review = PolicyReview(at, self._wall + at - self._book)
            self._events.push(self._review)

    # -- waiting ----------------------------------------------------------------------------------

    def _await(self, batch: list[AwaitedEvent]) -> bool:
        """Wait until all of `batch` is about to happen. False: the books gave way, look again."""
        while True:
            now = self._now()
            if max(event.to_go(now) for event in batch) <= self._foresight:
                return True
            overdue = self._events.most_overdue(batch, now)
            spare = self.lag + overdue.to_go(now)
            if spare < 0:
                self.journal.corrections += self._events.give_way(batch, overdue, now)
                return False
            nap = max(event.nap(now) for event in batch) - self._foresight
            if nap > SLACK and self._has_chore(now):
                continue
            self._sleep(min(nap, spare + 1, PROGRESS_EVERY))

    def _await_epoch(self) -> None:
        """Programs load while the first moment of the run has not come."""
        self._rearrange()
        while self._now() < 0:
            self._sleep(-self._now())

    def _await_rest(self, ahead: list[AwaitedEvent]) -> None:
        """It has been decided what follows from them: wait until they have really happened."""
        if not ahead:
            return
        workers = [event.worker for event in ahead if isinstance(event, SliceEnd)]
        now = self._now()
        while max(event.to_go(now) for event in ahead) > 0:
            self._waiting.sleep(max(event.nap(now) for event in ahead), workers, self.epoch)
            now = self._now()
        self._wall = max(self._wall, *(event.happened(now) for event in ahead))

    def _sleep(self, at_most: int) -> None:
        running = [worker for worker in self._on_core if worker is not None]
        self._waiting.sleep(at_most, running, self.epoch)

    # -- chores -----------------------------------------------------------------------------------

    def _has_chore(self, now: int) -> bool:
        """Do one thing that can wait; False if there is none.

        Without a core of its own the supervisor would do it on a worker's, so it is put off.
        """
        if self._chores and (self._cpus.spare or not any(self._on_core)):
            self._chores.popleft()()
            return True
        if now - self._told_progress > PROGRESS_EVERY:
            self._told_progress = now
            self._progress(len(self.journal.departures))
            self._empty_logs()
            if self._watcher is not None and now >= 0:
                self._watcher(lambda: self._live_view.look(now))
            return True
        return False

    def _empty_logs(self) -> None:
        for worker in self._pool.workers:
            if self._pool.fill(worker) > LOG // 4:
                self._pool.drain(worker)
        if sum(len(worker.running_intervals) for worker in self._pool.workers) > 2 * LOG_BOUND:
            raise Stopped(f"the log has reached its bound of {LOG_BOUND:,} running intervals")

    def _dismiss(self, worker: WorkerHandle) -> None:
        """Its program is done: ask the system about it, and let it exit out of everyone's way."""
        if not worker.leaving or worker.fate is None:
            self._look_at(worker)
        worker.dismiss(self._cpus.aside)

    def _look_at(self, worker: WorkerHandle) -> None:
        """The system's view of it, for the record."""
        view = probe.describe_worker(worker.pid)
        self.journal.said.append((self._now(), worker.name, view))

    def _dismiss_finished(self) -> None:
        """Those whose exits were put off."""
        while self._chores:
            self._chores.popleft()()

    def _finish(self) -> None:
        """Everything that was put off, and the last exits."""
        self._dismiss_finished()
        self._pool.hasten()
        while self._pool.at_work:
            self._sleep(SLACK * 10)
        if broken := self._pool.broken_isolation():
            raise Stopped(f"isolation is broken: {broken}")
