"""The supervisor: it carries out the system's decisions with signals, in the order of the schedule.

The same system as in the model decides, in virtual time. The supervisor lets virtual time advance
only as fast as the real processes do. Before it tells the system of the next events, they must
really have happened: a burst has ended, a worker has received its slice, the clock has reached an
arrival. So a policy sees the times and ties of the model, and the record has the measured times.

Events really happen in a slightly different order than in virtual time. So an event that has
happened is held back until the events before it in virtual time have happened, too. It is held back
for at most `lag`. Then the late events are moved behind it in virtual time. That is counted as a
correction.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import groupby

from kernel.process.control_block import Process
from kernel.workload import Workload
from real.dispatched.chores import PROGRESS_EVERY, Chores, Watcher
from real.dispatched.events import (
    ArrivalEvent,
    AwaitedEvent,
    PolicyReview,
    SliceEnd,
    TransferEnd,
)
from real.dispatched.journal import Dispatch, Journal
from real.dispatched.live_view import LiveView
from real.dispatched.machine import RealMachine
from real.dispatched.pool import DispatchedPool
from real.dispatched.worker_handle import WorkerHandle
from real.host.cpus import Cpus
from real.supervisor.ending import Stopped
from real.supervisor.waiting import SupervisorWaiting
from translation import recorded

FORESIGHT = 100_000, 0  # ns by which to decide before an instant: with a spare processor, without
LAG = 10_000_000  # ns that an event may be held back to keep the order of virtual time
SLACK = 2_000_000  # ns until the next event that leave time for a chore
HEAD_START = 2_000_000  # ns from the last preparation to the epoch


class Supervisor:
    """Waits, decides and switches at one instant after the other. It leaves the `journal`."""

    lag = LAG
    """ns that an event may be held back in this kind of run."""

    def __init__(
        self,
        workload: Workload,
        machine: RealMachine,
        pool: DispatchedPool,
        cpus: Cpus,
        progress: Callable[[int], None],
        watcher: Watcher | None = None,
    ) -> None:
        self.machine = machine
        self.system = machine.system
        self.clock = machine.clock
        self.journal = Journal.of(len(self.system.processes))
        self.journal.early = machine.early
        self._pool = pool
        self._cpus = cpus
        self._foresight = FORESIGHT[not cpus.spare]
        self._events = machine.events
        live_view = LiveView(self.system, self.journal, self.arrival)
        self._chores = Chores(machine, pool, self.journal, cpus, progress, live_view, watcher)
        arriving = (self.system.processes[spec.index] for spec in workload.arriving())
        self._arrivals = deque(list(group) for _, group in groupby(arriving, lambda p: p.arrival))
        self._review: PolicyReview | None = None  # the next review that the policy has asked for

    # -- the run

    def execute(self, waiting: SupervisorWaiting) -> str | None:
        """Run until the last program has ended. Return why it was stopped before that, if so."""
        self._waiting = waiting
        self.journal.at_work = waiting.at_work
        partitions = self._pool.partitions
        loading = 0 if partitions is None else partitions.loading_time()
        self.clock.epoch = time.monotonic_ns() + HEAD_START + loading
        try:
            self.start()
            while self.system.living:
                self.instant()
            self._finish()
        except Stopped as stopped:
            self.journal.ended_at = max(0, self.clock.now())
            self._chores.dismiss_finished()
            return stopped.why
        self.journal.ended_at = self.clock.wall
        return None

    def start(self) -> None:
        """Admit and load the programs that arrive at 0, before the epoch."""
        self._next_arrivals()
        if self._events.next_at == 0:
            self._carry_out(self._events.pop_instant(), self._await_epoch)

    def _next_arrivals(self) -> None:
        if self._arrivals:
            processes = self._arrivals.popleft()
            self._events.push(ArrivalEvent(processes[0].arrival, processes))

    def _finish(self) -> None:
        """Dismiss the workers; raise Stopped if a program was not kept in its partition."""
        self._chores.dismiss_finished()
        self._pool.hasten()
        while self._pool.at_work:
            self._sleep(SLACK * 10)
        partitions = self._pool.partitions
        if partitions is not None and (broken := partitions.broken(self._pool.workers)):
            raise Stopped(recorded("isolation is broken: {why}", why=broken))

    # -- one instant

    def instant(self) -> None:
        """Wait for the next instant of virtual time, let the system decide, and carry it out.

        With a processor of its own the supervisor lets the system decide up to FORESIGHT before the
        instant, and carries it out when all of its events have really happened.
        """
        batch = self._events.pop_instant()
        if not self._await(batch):
            return
        clock, now = self.clock, self.clock.now()
        self.journal.lag_max = max(self.journal.lag_max, *(-event.to_go(now) for event in batch))
        ahead = [event for event in batch if event.to_go(now) > 0]
        clock.wall = max(clock.wall, *(event.happened(now) for event in batch))
        self._carry_out(batch, lambda: self._await_rest(ahead))

    def _carry_out(self, batch: list[AwaitedEvent], wait: Callable[[], None]) -> None:
        """Decide what follows from `batch`, `wait` until it has happened, and carry it out."""
        self._decide(batch)
        try:
            wait()
            self._switch()
        except Stopped:
            arrivals = [each for event in batch for each in _arriving(event)]
            self.journal.take_back(self.machine.instant, arrivals)
            self._forget_instant()
            raise
        self._write_down()
        self._look_ahead()

    def _decide(self, batch: list[AwaitedEvent]) -> None:
        """Tell the system that all events of `batch` happen, and let it decide what follows."""
        self.clock.virtual = batch[0].at
        for event in batch:
            event.tell(self.system)
            if isinstance(event, SliceEnd):
                self.machine.slice_is_over(event)
            elif isinstance(event, ArrivalEvent):
                self._next_arrivals()
            elif isinstance(event, PolicyReview):
                self._review = None
            elif isinstance(event, TransferEnd) and not event.transfer.out:
                self.machine.instant.memory.returned.append(event)
        self.system.settle(self.clock.virtual)

    def _switch(self) -> None:
        """Carry out what was decided: first the next workers start, then the others are stopped.

        In this order a core never goes idle between two workers. A worker whose partition is moved,
        swapped in or loaded starts after that.
        """
        instant = self.machine.instant
        starting = instant.starting
        started = {worker.index for _, worker in starting}
        later = instant.memory.processes()
        started |= instant.leave_bursts()
        self._send([start for start in starting if start[1].index not in later])
        for worker in instant.halting:
            if worker.index not in started and not worker.has_finished_burst():
                worker.halt()
        self._change_memory()
        self._send([start for start in starting if start[1].index in later])
        for worker in instant.releasing:
            worker.release()
        instant.releasing.clear()
        starting.clear()
        instant.halting.clear()

    def _send(self, starting: list[tuple[int, WorkerHandle]]) -> None:
        for core, worker in starting:
            worker.pin(self._cpus.cores[core])
            self.machine.instant.release_at_once(
                worker
            )  # its burst ended just now, and its next job is due
            sent = self.clock.now()
            worker.go()
            self.journal.dispatches[worker.index].append(Dispatch(self.clock.wall, sent, core))

    def _change_memory(self) -> None:
        """Change memory as the system decided: programs leave, are moved, swapped and loaded."""
        changes, partitions = self.machine.instant.memory, self._pool.partitions
        if not changes or partitions is None:
            return
        workers = self._pool.workers
        for worker in changes.leaving:
            if worker.fate is not None:
                self.journal.look_at(worker, self.clock.now())  # it dies when it has left
        for event in changes.returned:  # before `empty`: such a program may have ended, and leaves
            partitions.come_back(workers[event.transfer.process.index], event.region)
        partitions.empty(changes.leaving, self._cpus.aside)
        for index, source, to in changes.moving:
            partitions.move(workers[index], source, to)
        for event in changes.transfers:
            process, out = event.transfer
            worker = workers[process.index]
            self.machine.instant.release_at_once(
                worker
            )  # a release later would continue the stopped worker
            event.number = partitions.begin_transfer(worker, event.region, out)
        for index, region in changes.loading.items():
            partitions.load(workers[index], region)
        changes.clear()

    def _write_down(self) -> None:
        """Write down an instant that was carried out. Now the time is known at which it was.

        So the I/O that starts at this instant gets its end on the wall clock.
        """
        instant, wall = self.machine.instant, self.clock.wall
        self.journal.write(instant, wall)
        for event in instant.served:
            event.wall += wall
            self._events.push(event)
        self._forget_instant()

    def _forget_instant(self) -> None:
        self.machine.instant.forget()

    def _look_ahead(self) -> None:
        """Expect the next review of the ready queue, if the policy has asked for another one."""
        at = self.system.next_review()
        if at == (self._review and self._review.at):
            return
        if self._review is not None:
            self._review.cancelled = True
            self._review = None
        if at is not None:
            self._review = PolicyReview(at, self.clock.wall + at - self.clock.virtual)
            self._events.push(self._review)

    # -- waiting

    def _await(self, batch: list[AwaitedEvent]) -> bool:
        """Wait until all events of `batch` are about to happen. Return whether they are.

        False: late events were moved in the event list, so the next instant is another one.
        """
        while True:
            now = self.clock.now()
            if max(event.to_go(now) for event in batch) <= self._foresight:
                return True
            overdue = self._events.most_overdue(batch, now)
            spare = self.lag + overdue.to_go(now)
            if spare < 0:
                self.journal.corrections += self._events.let_pass(overdue, batch, now)
                return False
            nap = max(event.nap(now) for event in batch) - self._foresight
            if nap > SLACK and self._chores.do_one(now):
                continue
            self._sleep(min(nap, spare + 1, PROGRESS_EVERY))

    def _await_epoch(self) -> None:
        """Load the first programs, and wait for the epoch."""
        self._change_memory()
        while self.clock.now() < 0:
            self._sleep(-self.clock.now())

    def _await_rest(self, ahead: list[AwaitedEvent]) -> None:
        """Wait until the events in `ahead` have really happened: what follows is decided."""
        if not ahead:
            return
        clock, now = self.clock, self.clock.now()
        workers = [event.worker for event in ahead if isinstance(event, SliceEnd)]
        while max(event.to_go(now) for event in ahead) > 0:
            self._waiting.sleep(max(event.nap(now) for event in ahead), workers, clock.epoch)
            now = clock.now()
        clock.wall = max(clock.wall, *(event.happened(now) for event in ahead))

    def _sleep(self, at_most: int) -> None:
        running = [worker for worker in self.machine.on_core if worker is not None]
        self._waiting.sleep(at_most, running, self.clock.epoch)

    def arrival(self, process: Process) -> int | None:
        """Return when the process arrived, ns of the run; None: it has not arrived."""
        return process.arrival


def _arriving(event: AwaitedEvent) -> list[Process]:
    return event.processes if isinstance(event, ArrivalEvent) else []
