"""The real machine: it makes the system's decisions true with signals, in the order of the books.

The supervisor runs the same books as the model, and lets them advance only as fast as the real
processes do. What is due next in book time must really have happened (a worker says that its
burst is done, has received its quantum, the clock has reached an arrival) before the system hears
of it. So policies see the times and ties of the model, and the record has the times measured.

Things happen in reality in a slightly different order than in the books: what has happened is held
back until what the books put before it has happened too, for at most `LAG`. Then the books give
way: what is late gets the time of the clock, and that is counted as a correction.
"""

from __future__ import annotations

import heapq
import os
import select
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count, groupby
from typing import Any, NamedTuple

from kernel.memory import Region
from kernel.process import WHYS, Process, untag
from kernel.system import System
from kernel.units import format_duration
from kernel.workload import Workload
from real import probe
from real.crew import Crew, Worker
from real.due import ArrivalDue, Due, IoDue, ReviewDue, SliceDue
from real.memory import PhysicalMemory
from real.shared import LOG
from real.signals import Interruptions

LATER = 30_000  # ns to sleep beyond a deadline, if workers use all cores: looking costs them more
REHEARSALS = 4  # after each sleep: the first takes a hundred us or two, the last twenty
EARLY = 40_000, 400_000  # ns that a slice may be cut short, with a core to spare or without
PATIENCE = 200_000, 5_000_000  # ns to wait for one about to finish; it rings if nobody polls
LAG = 10_000_000  # ns that anything may be held back to keep the order of the books
SPIN = 400_000  # ns before a deadline in which the supervisor polls, if it has a core to spare
SLACK = 2_000_000  # ns without a deadline that make room for a chore
HEAD_START = 2_000_000  # ns between the last preparation and the start of the run
LOG_BOUND = 20_000_000  # running intervals recorded in one run: a third of a gigabyte
PROGRESS_EVERY = 100_000_000  # ns


class Stopped(Exception):  # noqa: N818 - it is not an error
    """The run must end before its programs do; says why."""


class Dispatch(NamedTuple):
    """A worker was sent to a core. All ns of the run."""

    due: int  # when the core should have changed hands
    sent: int  # when the supervisor did it
    core: int


class Change(NamedTuple):
    """A closed interval of the books, and when it closed on the wall clock, ns of the run."""

    state: int
    why: str
    device: int
    wall: int


class RealMachine:
    """The supervisor's state. `journal` and `dispatches` are by process index."""

    def __init__(
        self,
        workload: Workload,
        crew: Crew,
        memory: PhysicalMemory | None,
        cpus: list[int],
        spare: set[int],
        progress: Callable[[int], None],
        rehearse: Callable[[], None],
    ) -> None:
        self.journal: list[list[Change]] = [[] for _ in workload.processes]
        self.dispatches: list[list[Dispatch]] = [[] for _ in workload.processes]
        self.admissions: dict[int, tuple[int, Region | None]] = {}  # wall, region by index
        self.departures: dict[int, int] = {}  # wall of the program's end, by index
        self.said: list[tuple[int, str, dict[str, Any]]] = []  # when, who, psutil's view
        self.at_work = array("q")  # start, end, start, …: between two sleeps of the supervisor
        self.corrections = 0  # times the books gave way to the clock
        self.lag_max = 0  # ns, the most that anything was held back

        self.system = System(workload, self, self._note)
        self._crew = crew
        self._memory = memory
        self._cpus = cpus
        self._spare = spare
        self._progress = progress
        self._rehearse = rehearse
        self.early = EARLY[not spare]
        self._patience = PATIENCE[not spare]
        self._heap: list[tuple[int, int, Due]] = []
        self._order = count()
        self._slices: list[SliceDue | None] = [None] * workload.cores
        self._on_core: list[Worker | None] = [None] * workload.cores
        self._starting: list[tuple[int, Worker]] = []  # decided at this instant: core, who
        self._halting: list[Worker] = []
        self._releasing: list[Worker] = []
        self._chores: deque[Callable[[], None]] = deque()
        self._arrivals = deque(
            list(group)
            for _, group in groupby(
                sorted(self.system.processes, key=lambda p: (p.arrival, p.index)),
                key=lambda p: p.arrival,
            )
        )
        self._book = 0  # ns, the books' now
        self._wall = 0  # ns, when this instant really was
        self._review: ReviewDue | None = None  # the one that the policy still wants
        self._told_progress = 0
        self._woke = 0  # ns, when the supervisor last woke
        self.epoch = 0  # absolute ns of the run's first moment

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        worker = self._crew.workers[process.index]
        target = process.cpu_used + length
        ends = length == process.left
        due = SliceDue(
            self._book + length,
            core,
            worker,
            target,
            early=0 if ends else self.early,
            begun=self._wall,
            patience=self._patience,
            epoch=self.epoch,
        )
        self._slices[core] = due
        self._push(due)
        if self._on_core[core] is not worker:
            self._on_core[core] = worker
            self._starting.append((core, worker))

    def stop(self, process: Process, core: int) -> None:
        worker = self._crew.workers[process.index]
        self._halting.append(worker)
        if self._on_core[core] is worker:
            self._on_core[core] = None
            self._slices[core] = None

    def serve(self, process: Process, place: int, duration: int) -> None:
        self._push(IoDue(self._book + duration, self._wall + duration, process))

    def admitted(self, process: Process, region: Region | None) -> None:
        self.admissions[process.index] = self._wall, region
        if region is not None and self._memory is not None:
            self._crew.workers[process.index].load(self._memory.place(region))

    def finished(self, process: Process) -> None:
        worker = self._crew.workers[process.index]
        self.departures[process.index] = self._wall
        self._chores.append(lambda: self._dismiss(worker))

    def _note(self, row: Sequence[int]) -> None:
        process, _, _, tag = row
        state, _, device, why = untag(tag)
        self.journal[process].append(Change(state, WHYS[why], device, self._wall))

    # -- the run ----------------------------------------------------------------------------------

    def execute(self, interruptions: Interruptions, timeout: int) -> str | None:
        """Run until the last program has ended. Returns why it was stopped before that, if so.

        `timeout` in ns.
        """
        self._interruptions = interruptions
        self._timeout = timeout
        self._watch = select.epoll()
        for fd in (self._crew.bell, interruptions.fd, self._crew.deaths.fileno()):
            self._watch.register(fd, select.EPOLLIN)
        loading = self._memory.size if self._memory else 0  # at a byte a ns
        self.epoch = time.monotonic_ns() + HEAD_START + loading
        try:
            self.start()
            while self.system.living:
                self.instant()
            self._finish()
        except Stopped as stopped:
            self._wall = max(0, self._now())
            return str(stopped)
        finally:
            self._watch.close()
        return None

    @property
    def stopped_at(self) -> int:
        """The last moment of the run, ns."""
        return self._wall

    def _now(self) -> int:
        return time.monotonic_ns() - self.epoch

    def _push(self, due: Due) -> None:
        heapq.heappush(self._heap, (due.book, next(self._order), due))

    def _next_arrivals(self) -> None:
        if self._arrivals:
            processes = self._arrivals.popleft()
            self._push(ArrivalDue(processes[0].arrival, processes))

    def start(self) -> None:
        """Programs that are there from the first moment are admitted, and load, before it."""
        self._next_arrivals()
        if self._heap[0][0] == 0:
            self._decide(self._next_batch())
            while self._now() < 0:
                self._sleep(-self._now())
            self._switch()
            self._look_ahead()

    def instant(self) -> None:
        """Wait for all that the books put at the next instant, decide, and make it so."""
        batch = self._next_batch()
        if not self._await(batch):
            return
        now = self._now()
        self._wall = max(self._wall, *(due.happened(now) for due in batch))
        self.lag_max = max(self.lag_max, *(due.overdue(now) for due in batch))
        self._decide(batch)
        self._switch()
        self._look_ahead()

    def _decide(self, batch: list[Due]) -> None:
        """All of `batch` has happened: the system says what follows."""
        self._book = batch[0].book
        for due in batch:
            due.tell(self.system)
            if isinstance(due, SliceDue) and due.ends:
                self._on_core[due.core] = None
                self._releasing.append(due.worker)
            elif isinstance(due, ArrivalDue):
                self._next_arrivals()
            elif isinstance(due, ReviewDue):
                self._review = None
        self.system.settle(self._book)

    def _next_batch(self) -> list[Due]:
        """All entries of the earliest book time, in the order they were made."""
        batch: list[Due] = []
        while self._heap and (not batch or self._heap[0][0] == batch[0].book):
            due = heapq.heappop(self._heap)[2]
            if self._is_current(due):
                batch.append(due)
        return batch

    def _switch(self) -> None:
        """Carry out what was decided: the next ones go first, then the old ones stop.

        In this order a core never falls asleep between two workers.
        """
        started = set()
        for core, worker in self._starting:
            worker.pin(self._cpus[core])
            sent = self._now()
            worker.go()
            self.dispatches[worker.index].append(Dispatch(self._wall, sent, core))
            started.add(worker.index)
        for worker in self._halting:
            if worker.index not in started and not worker.has_finished_burst():
                worker.halt()
        for worker in self._releasing:
            worker.release()
        self._starting.clear()
        self._halting.clear()
        self._releasing.clear()

    def _look_ahead(self) -> None:
        """When does the policy want to look again, if it has not said the same before?"""
        at = self.system.next_review()
        if at == (self._review and self._review.book):
            return
        self._review = None
        if at is not None:
            self._review = ReviewDue(at, self._wall + at - self._book)
            self._push(self._review)

    # -- waiting ----------------------------------------------------------------------------------

    def _await(self, batch: list[Due]) -> bool:
        """Wait until all of `batch` has happened. False: the books gave way, look again."""
        while True:
            now = self._now()
            to_go = -min(due.overdue(now) for due in batch)
            if to_go <= 0:
                return True
            held = self._most_overdue(batch, now)
            if held.overdue(now) > LAG:
                self._give_way(batch, held, now)
                return False
            if to_go > SLACK and self._has_chore(now):
                continue
            self._sleep(min(to_go, LAG - held.overdue(now) + 1, PROGRESS_EVERY))

    def _most_overdue(self, batch: list[Due], now: int) -> Due:
        """What has happened first, or will, of all that is due now or later in the books."""
        later = [due for _, _, due in self._heap if self._is_current(due)]
        return max((*batch, *later), key=lambda due: due.overdue(now))

    def _give_way(self, batch: list[Due], held: Due, now: int) -> None:
        """`held` has been held back for too long: move what it waits for behind it."""
        for due in batch:
            if due.overdue(now) < 0:
                due.book = max(due.book, held.book) + held.overdue(now)
                self.corrections += 1
            self._push(due)

    def _is_current(self, due: Due) -> bool:
        """Is it still wanted? What is not stays in the heap until its time comes."""
        if isinstance(due, SliceDue):
            return self._slices[due.core] is due
        return not isinstance(due, ReviewDue) or self._review is due

    def _sleep(self, at_most: int) -> None:
        """Until a worker rings, something dies, somebody interrupts, or `at_most` ns are over."""
        if self._spare and at_most <= SPIN:
            self._poll(at_most)
        else:
            nap = at_most - SPIN if self._spare else at_most + LATER
            self.at_work.extend((self._woke, self._now()))
            ready, _, _ = select.select([self._watch], [], [], nap / 1e9)
            self._woke = self._now()
            if ready:
                self._answer()
            elif self._spare:
                for _ in range(REHEARSALS):
                    self._rehearse()
        if self._interruptions.caught is not None:
            raise Stopped(self._interruptions.reason())
        if self._now() > self._timeout:
            raise Stopped(f"it took longer than the timeout of {format_duration(self._timeout)}")

    def _poll(self, at_most: int) -> None:
        """Watch the clock and the running workers' cells without sleeping."""
        until = time.monotonic_ns() + at_most
        running = [worker for worker in self._on_core if worker is not None]
        while True:
            for worker in running:
                if worker.has_finished_burst():
                    return
            if time.monotonic_ns() >= until:
                return

    def _answer(self) -> None:
        for fd, _ in self._watch.poll(0):
            if fd == self._crew.bell:
                os.eventfd_read(fd)
            elif fd == self._crew.deaths.fileno():
                self._reap()

    def _reap(self) -> None:
        for worker in self._crew.reap():
            code = worker.process.exitcode
            how = f"was killed by signal {-code}" if code and code < 0 else f"exited with {code}"
            raise Stopped(f"{worker.name} {how} in the middle of its program")

    # -- chores -----------------------------------------------------------------------------------

    def _has_chore(self, now: int) -> bool:
        """Do one thing that can wait; False if there is none.

        Without a core of its own the supervisor would do it on a worker's, so it is put off.
        """
        if self._chores and (self._spare or not any(self._on_core)):
            self._chores.popleft()()
            return True
        if now - self._told_progress > PROGRESS_EVERY:
            self._told_progress = now
            self._progress(len(self.departures))
            self._empty_logs()
            return True
        return False

    def _empty_logs(self) -> None:
        for worker in self._crew.workers:
            if self._crew.fill(worker) > LOG // 4:
                self._crew.drain(worker)
        if sum(len(worker.stints) for worker in self._crew.workers) > 2 * LOG_BOUND:
            raise Stopped(f"the log has reached its bound of {LOG_BOUND:,} running intervals")

    def _dismiss(self, worker: Worker) -> None:
        """Its program is done: ask the system about it, and let it exit out of everyone's way."""
        self.said.append((self._now(), worker.name, probe.describe_worker(worker.pid)))
        worker.dismiss(self._spare or set(self._cpus))

    def _finish(self) -> None:
        """Everything that was put off, and the last exits."""
        while self._chores:
            self._chores.popleft()()
        while self._crew.at_work:
            self._sleep(SLACK * 10)
