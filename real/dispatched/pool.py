"""The pool: all workers of a run, from the fork to the reaping, and the signals in between."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import select
import signal
import time
from array import array
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from kernel.errors import MultiprogError
from kernel.hardware import Region
from kernel.process.spec import ProcessSpec
from real.cells import (
    BASE,
    BELL,
    CHECKED,
    COALESCED,
    CPU,
    DONE,
    DONE_AT,
    LOGGED,
    PARKED,
    RECEIVED,
    RELEASED,
    ROW,
    SIZE,
    SharedCells,
)
from real.cells import DRAINED as DRAINED_CELL
from real.dispatched.compaction import Moves, come_back, move, stand_still
from real.dispatched.interference import Interference
from real.host import session
from real.host.cpus import Cpus
from real.host.guardian import Guardian, Undo
from real.host.leftovers import hasten
from real.host.os_errors import os_error_words
from real.host.time_limits import ExpectedProcess, TimeLimit
from real.memory.partition import BROKEN
from real.memory.physical import PhysicalMemory
from real.memory.swapper import Swapper
from real.native.shared_objects import SharedObjects
from real.native.threads import ThreadAssignment
from real.native.worker import Orders
from real.worker.process import Assignment, work

FAREWELL = 1.0  # seconds to exit for who has been told that it may
LEAVING = 20.0  # seconds to look at one's partition for the last time, on a busy machine
START_PATIENCE = 30.0  # seconds for all workers to be parked, plus one per 50 of them
LINGER = 300_000  # ns a worker keeps its core awake after a burst, if the supervisor has its own
PAUSE = 50e-6  # seconds between two looks whether a worker has stopped
TOLD_AGAIN = 0.1  # seconds after which a worker is told to stop once more
AHEAD = -20  # the niceness of workers, where it is allowed
SESSION_AHEAD = "this session ahead of others"


class WorkerHandle:
    """The supervisor's handle of one worker: what it was told, and what its cells say."""

    __slots__ = (
        "cells",
        "cpu",
        "death",
        "dismissed",
        "fate",
        "halts",
        "index",
        "leaving",
        "name",
        "pid",
        "process",
        "reaped",
        "row",
        "served_bursts",
        "running_intervals",
        "stopped",
        "has_partition",
        "turn",
        "working",
    )

    def __init__(
        self, assignment: Assignment, name: str, context: multiprocessing.context.ForkContext
    ):
        self._blank(assignment.index, name, assignment.shared)
        self.turn = assignment.turn
        self.process = context.Process(target=work, args=(assignment,), name=name)
        self.process.start()
        self.pid = self.process.pid or 0
        try:
            self.death = os.pidfd_open(self.pid)  # readable when it is dead, so that no join waits
        except OSError:
            self.process.kill()
            self.process.join()
            raise
        self.has_partition = assignment.memory is not None

    def _blank(self, index: int, name: str, shared: SharedCells) -> None:
        """Not started yet."""
        self.index = index
        self.name = name
        self.cells = shared.cells
        self.row = index * ROW
        self.pid = 0
        self.death = -1
        self.cpu = -1  # the processor it is pinned to; -1: wherever it was started
        self.working = False  # it was given a turn and has not finished its burst
        self.stopped = False  # SIGSTOP was sent last, not SIGCONT
        self.halts = 0  # how often
        self.has_partition = False  # it gets a partition
        self.leaving = False  # it has been told to check its partition and leave it
        self.dismissed = False  # it may exit
        self.fate: tuple[int, int] | None = None  # it ends so after that many bursts, of itself
        self.reaped: int | None = None  # absolute ns
        self.served_bursts = 0  # bursts that the books have seen it finish
        self.running_intervals = array("q")  # its running intervals: start, end, …, absolute ns

    @property
    def exitcode(self) -> int | None:
        """As its parent sees it."""
        return self.process.exitcode

    @property
    def lives(self) -> bool:
        """Its death has not been seen."""
        return self.reaped is None

    # -- what it says

    def received(self) -> int:
        """CPU time it has had so far, as it saw it itself, ns; up to date while it runs."""
        return self.cells[self.row + RECEIVED]

    def has_finished_burst(self) -> bool:
        """It has finished a burst that the books have not yet ended."""
        return self.cells[self.row + DONE] > self.served_bursts

    def finished_at(self) -> int:
        """When it finished its last burst, absolute ns."""
        return self.cells[self.row + DONE_AT]

    def cpu_time(self) -> int:
        """Thread CPU time of its finished bursts, ns."""
        return self.cells[self.row + CPU]

    def refused(self) -> str:
        """What the system refused it, if that was its end; else nothing."""
        number = -self.cells[self.row + PARKED]
        return f": {os_error_words(OSError(number, ''))}" if number > 0 else ""

    def has_met_its_fate(self) -> bool:
        """It is dead, and its program was to end it so and there."""
        ended = self.process.exitcode, self.cells[self.row + DONE]
        return ended == self.fate

    # -- what it is told

    def pin(self, cpu: int) -> None:
        """Run on that processor from now on."""
        if self.cpu != cpu and self.reaped is None:
            os.sched_setaffinity(self.pid, (cpu,))
            self.cpu = cpu

    def load(self, region: Region) -> None:
        """It is admitted: its partition is `region` of physical memory."""
        self.cells[self.row + BASE], self.cells[self.row + SIZE] = region
        os.write(self.turn, BELL)

    def go(self) -> None:
        """It has its core."""
        if self.stopped and self.reaped is None:
            self._let_go_on()
        if not self.working and not self.has_finished_burst():
            self.working = True
            os.write(self.turn, BELL)

    # `stopped` changes before the signal is sent. If Ctrl-Z comes between, all processes stop, and
    # those whose `stopped` is false go on after it.

    def _let_go_on(self) -> None:
        self.stopped = False
        os.kill(self.pid, signal.SIGCONT)

    def halt(self) -> None:
        """It loses its core, wherever in its burst it is."""
        self.stopped = True
        os.kill(self.pid, signal.SIGSTOP)
        self.halts += 1

    def await_stop(self) -> bool:
        """Wait until the worker has stopped, as it was told to. False: it is dead.

        If a SIGCONT from outside came between, the worker is told once more.
        """
        again = TimeLimit(TOLD_AGAIN)
        while (state := self.is_stopped()) is None:
            time.sleep(PAUSE)
            if again.is_over():
                os.kill(self.pid, signal.SIGSTOP)
                again = TimeLimit(TOLD_AGAIN)
        return state

    def is_stopped(self) -> bool | None:
        """Return whether the worker has stopped. False: it is dead; None: neither."""
        happens = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
        state = os.waitid(os.P_PID, self.pid, happens)
        return None if state is None else state.si_code == os.CLD_STOPPED

    def was_continued(self) -> bool:
        """It stood still, and SIGCONT has come since, even if it has had no core yet; says so once.

        The system tells only its parent: of others' children it is not known.
        """
        with contextlib.suppress(ChildProcessError):
            return os.waitid(os.P_PID, self.pid, os.WCONTINUED | os.WNOHANG) is not None
        return False

    def release(self) -> None:
        """The books have seen its burst end: it need not keep its core awake any longer."""
        self.served_bursts += 1
        self.working = False
        self.cells[self.row + RELEASED] = self.served_bursts
        if self.stopped and self.reaped is None:
            self._let_go_on()

    def leave(self, cpus: frozenset[int]) -> None:
        """Its program has ended: it looks at its partition for the last time, on `cpus`."""
        self.leaving = True
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(self.pid, cpus)
        os.write(self.turn, BELL)

    def has_left(self) -> bool:
        """It will not touch its partition again."""
        return bool(self.cells[self.row + CHECKED])

    def dismiss(self, cpus: frozenset[int]) -> None:
        """Let it exit, on `cpus` and in nobody's way."""
        self.dismissed = True
        if self.has_partition and not self.leaving:
            self.leave(cpus)
        if self.reaped is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.sched_setaffinity(self.pid, cpus)
            os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
        os.write(self.turn, BELL)


class Pool:
    """All workers of a run. Leaving its context leaves none of them."""

    dispatched = True  # who has a core is told so; else they run as the system lets them
    executes = False  # does the run execute programs? They are not in its process group
    guardian: Guardian  # in the context `guarded`

    def __init__(
        self, specs: tuple[ProcessSpec, ...], memory: PhysicalMemory | None, cpus: Cpus
    ) -> None:
        self.shared = self._make_shared(len(specs) + 1)  # the last row is the swapper's
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.workers: Sequence[WorkerHandle] = ()
        self.at_work = 0  # not yet reaped
        self._specs = specs
        self._cpus = cpus
        self.memory = memory
        self.moves = Moves()
        self.swapper = (
            Swapper(memory, self.shared, len(specs), self.bell) if memory and memory.swaps else None
        )
        self._turns: list[int] = []
        self.deaths = select.epoll()

    def _make_shared(self, workers: int) -> SharedCells:
        return SharedCells(workers)

    def start(self) -> None:
        """Fork every worker and wait until all are parked. Raises MultiprogError if one fails."""
        context = multiprocessing.get_context("fork")
        self._start_swapper()
        for spec in self._specs:
            self._turns.append(os.eventfd(0, os.EFD_SEMAPHORE | os.EFD_CLOEXEC))
            assignment = Assignment(
                index=spec.index,
                program=spec.program,
                shared=self.shared,
                turn=self._turns[-1],
                bell=self.bell,
                guardian=self.guardian,
                memory=self.memory if spec.memory else None,
                workers=len(self._specs),
                linger=LINGER if self._cpus.spare else 0,
                loaded=spec.memory,
                alone=self._orders(spec),
                shared_objects=self._shared_objects(),
                parts=self._parts(spec),
            )
            worker = WorkerHandle(assignment, spec.name, context)
            self.workers = (*self.workers, worker)
            self.at_work += 1
            self.deaths.register(worker.death, select.EPOLLIN)
        self._await_parking()

    @contextlib.contextmanager
    def guarded(self, *undo: Undo) -> Iterator[None]:
        """Guard the run: at the end of the context its changes, and `undo`, are undone."""
        try:
            self.guardian = Guardian([*self._changes(), *undo], executes=self.executes)
        except BaseException:
            self.close()
            raise
        with self.guardian:
            yield

    def _changes(self) -> Sequence[Undo]:
        """Return what undoes each change that the run will make on the machine."""
        self._niceness = session.niceness()
        return (partial(session.put_back, self._niceness),)

    def put_session_ahead(self) -> list[str]:
        """Let this session win against others, if it may; what was granted, in words."""
        ahead = self._niceness is not None and session.put_ahead()
        return [SESSION_AHEAD] * ahead

    def _start_swapper(self) -> None:
        if self.swapper is not None:
            self.swapper.start(self.guardian, self._cpus.aside)
            self.deaths.register(self.swapper.death, select.EPOLLIN)

    @property
    def aside(self) -> frozenset[int]:
        """Where it disturbs least to exit."""
        return self._cpus.aside

    def _orders(self, spec: ProcessSpec) -> Orders | None:
        """What a worker must know if nobody dispatches it; else None."""
        return None

    def _shared_objects(self) -> SharedObjects | None:
        """With what programs make calls, if nobody dispatches them."""
        return None

    def _parts(self, spec: ProcessSpec) -> tuple[ThreadAssignment, ...]:
        """The threads of a process that nobody dispatches."""
        return ()

    @property
    def everybody(self) -> Sequence[WorkerHandle]:
        """Workers, and threads of workers, in the order of the workload."""
        return self.workers

    def take_places(self) -> None:
        """Put the workers where they wait for their first turn, and load their programs: aside.

        With a single core they wait right on it, which saves their first dispatch the move.
        """
        for spec, worker in zip(self._specs, self.workers, strict=True):
            if len(self._cpus.cores) == 1 and not spec.memory:
                worker.pin(self._cpus.cores[0])
            else:
                os.sched_setaffinity(worker.pid, self._cpus.aside)

    def put_ahead(self) -> list[str]:
        """Let the workers win against programs outside the scenario, if they may.

        At most one of them is runnable on a core, so among themselves it changes nothing. Returns
        what was granted, in words: where sessions share the cores, a nice value counts within one.
        """
        granted = self.put_session_ahead()
        try:
            for worker in self.workers:
                if worker.lives:  # a worker that is started later inherits it
                    os.setpriority(os.PRIO_PROCESS, worker.pid, AHEAD)
        except PermissionError:
            return granted
        within = session.shares_cores() and not granted
        return [*granted, f"workers ahead of others{' of this session' * within}"]

    def loading_time(self) -> int:
        """ns, generously, that loading all of memory takes."""
        return self.memory.size if self.memory else 0  # a byte a ns

    def load(self, index: int, region: Region) -> None:
        """Process `index` is admitted to `region` of the scenario's memory."""
        if self.memory is not None:
            self.workers[index].load(self.memory.place(region))

    def move(self, index: int, source: Region, to: Region) -> None:
        """Compaction moves process `index`; regions as the scenario has them."""
        if self.memory is not None:
            move(self.workers[index], self.memory, source, to, self.moves)

    def begin_transfer(self, index: int, region: Region, out: bool) -> int:
        """Process `index` is swapped out of `region` of the scenario's memory, or into it.

        Returns the number of the swapper's job. The worker stands still until `come_back`.
        """
        assert self.memory is not None and self.swapper is not None
        if out:
            stand_still(self.workers[index])
        return self.swapper.begin(index, self.memory.place(region), out)

    def come_back(self, index: int, region: Region) -> None:
        """Process `index` has been read back into `region` of the scenario's memory."""
        if self.memory is not None:
            come_back(self.workers[index], self.memory.place(region))

    def empty(self, workers: Sequence[WorkerHandle]) -> None:
        """Wait until these, whose programs have ended, have left their partitions.

        It is slept, as they may need this very processor.
        """
        for worker in workers:
            if not worker.leaving:
                worker.leave(self._cpus.aside)
            elif not worker.has_left():
                hasten(worker.pid)  # it may be exiting at leisure: somebody waits for it now
        patience = TimeLimit(LEAVING)
        for worker in workers:
            expected = ExpectedProcess(worker.name, worker.pid)
            while not worker.has_left() and _lives(worker.pid):
                expected.look()
                if patience.is_over():
                    raise MultiprogError(f"{worker.name} did not leave its partition in time")
                select.select([self.bell], [], [], 0.001)
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(self.bell)

    def trouble(self) -> str | None:
        """Why the run cannot go on, if the swapper cannot."""
        return None if self.swapper is None else self.swapper.trouble()

    def broken_isolation(self) -> str | None:
        """When all have ended: a partition that did not keep its program in, or others out."""
        for worker in self.workers:
            wrong = worker.cells[worker.row + CHECKED] - BROKEN
            if wrong >= 0:
                return f"{worker.name} found other bytes than its own {wrong:,} from its base"
            if worker.fate is not None and not worker.has_met_its_fate():
                code = worker.process.exitcode
                return f"{worker.name} should have ended with {worker.fate[0]}, and did with {code}"
        return None

    def unguarded(self) -> str | None:
        """Why the run should not go on, if the guardian or the leader of the group was killed."""
        return self.guardian.trouble()

    def servants(self) -> list[tuple[str, int]]:
        """Name and pid of our processes that are no workers."""
        swapper = [] if self.swapper is None else [("the swapper", self.swapper.pid)]
        return [*self.guardian.servants(), *swapper]

    def members(self) -> Collection[int]:
        """The numbers of the run's processes that live, but for the guardian and the leader."""
        return self.guardian.members() if hasattr(self, "guardian") else ()

    def held(self) -> Collection[int]:
        """Return the pids of the processes that the supervisor has stopped."""
        return {worker.pid for worker in self.workers if worker.stopped}

    def _await_parking(self) -> None:
        patience, interference = (
            TimeLimit(START_PATIENCE + len(self.workers) / 50),
            Interference(self),
        )
        for worker in self.workers:
            expected = ExpectedProcess(worker.name, worker.pid)
            while self.shared.cells[worker.row + PARKED] <= 0:
                if not worker.process.is_alive():
                    code = worker.process.exitcode
                    why = worker.refused()
                    raise MultiprogError(
                        f"{worker.name} died at its start with exit code {code}{why}"
                    )
                expected.look()
                if (trouble := interference.look()) is not None:
                    raise MultiprogError(trouble)
                if patience.is_over():
                    raise MultiprogError(f"{worker.name} did not start in time")
                time.sleep(0.0005)

    def reap(self) -> list[WorkerHandle]:
        """Join those that have died; returns those among them that should not have."""
        unexpected = []
        for fd, _ in self.deaths.poll(0):
            if self.swapper is not None and fd == self.swapper.death:
                continue  # `trouble` tells
            worker = next(w for w in self.workers if w.death == fd)
            self.deaths.unregister(fd)
            os.close(fd)
            worker.death = -1
            worker.process.join()
            worker.reaped = time.monotonic_ns()
            self.at_work -= 1
            if not worker.dismissed and not worker.has_met_its_fate():
                unexpected.append(worker)
        return unexpected

    def hasten(self) -> None:
        """Nobody is left to whom those that exit could be in the way."""
        for worker in self.workers:
            if worker.reaped is None:
                hasten(worker.pid)

    def drain(self, worker: WorkerHandle) -> None:
        """Take what it has logged."""
        self.shared.drain(worker.index, worker.running_intervals)

    def fill(self, worker: WorkerHandle) -> int:
        """How many entries wait in its log, of `LOG`."""
        cells, row = self.shared.cells, worker.row
        return cells[row + LOGGED] - cells[row + DRAINED_CELL]

    def coalesced(self) -> int:
        """Stints that found the log full and were joined to the one before."""
        return sum(self.shared.cells[worker.row + COALESCED] for worker in self.everybody)

    def close(self) -> None:
        """Kill those that are left, join them, and free all that the pool held."""
        for worker in self.workers:
            if worker.reaped is None:
                if worker.dismissed:  # it exits by itself, if it is let
                    worker.process.join(FAREWELL)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
                hasten(worker.pid)
                worker.process.join()
                worker.reaped = time.monotonic_ns()
                os.close(worker.death)
            self.drain(worker)
            stint = self.shared.open_interval(worker.index)
            if stint is not None:
                worker.running_intervals.extend(stint)
        if self.swapper is not None:
            self.swapper.close()
        for fd in (*self._turns, self.bell):
            os.close(fd)
        self.deaths.close()


def _lives(pid: int) -> bool:
    """A child that has not died, seen without reaping it."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
