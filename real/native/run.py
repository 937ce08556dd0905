"""A run that is left to the operating system: `dispatch: none`.

The workers are started and put into their classes and on their cores before it. Then the
supervisor sleeps: each worker comes at its arrival by its own timer, blocks for its I/O and ends by
itself, and the kernel of this machine decides who runs.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from kernel.process.calls import Call
from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from real.cells import GAP, LOG, LOGGED, SharedCells
from real.dispatched.machine import LOG_BOUND
from real.dispatched.pool import Pool, WorkerHandle
from real.dispatched.waiting import Deadline, Stopped, SupervisorWaiting, disturbances
from real.host import probe, sched_classes, syscalls
from real.host.cpus import Cpus
from real.host.ftrace import KernelTrace, undoing
from real.host.interrupts import Interruptions
from real.host.leftovers import hasten
from real.host.privilege import punctual
from real.host.process_table import state_of
from real.native.devices import SharedDevices
from real.native.record import Found, Seen, record
from real.native.shared_objects import SharedObjects
from real.native.threads import ThreadAssignment
from real.native.worker import ASLEEP, ENDED, TID, WAITING, Orders
from timeline.record.assembly import RunFacts
from timeline.record.run import REAL, LifecycleEvent, Observation

HEAD_START = 20_000_000  # ns from the last preparation to the start of the run
HEAD_START_EACH = 2_000_000  # and so much more for each worker, who all wake once before it
ALONE = 1_500_000  # ns at most for one of them to hear of the start, and sleep again
APART = 150_000  # ns between two threads of a process that come at the same time
MOST_APART = 3_000_000
SUPERVISOR = "supervisor"
SOON = 50e-6  # seconds
LOOK_EVERY = 250_000_000  # ns between two looks at the logs
UNPRIVILEGED = "none: other programs on these cores are as important as the run's (run as root)"


class ThreadHandle(WorkerHandle):
    """The supervisor's handle of one of a worker's threads: it is born and dies with it."""

    __slots__ = ()

    def __init__(self, spec: ProcessSpec, shared: SharedCells) -> None:
        self._blank(spec.index, spec.name, shared)
        self.turn = os.eventfd(0, os.EFD_SEMAPHORE | os.EFD_CLOEXEC)


def _sleeps(worker: WorkerHandle) -> bool:
    """It has said that it is about to sleep until its arrival, and does: which is some 0.2 ms
    later, and only the kernel knows.
    """
    cells, row = worker.cells, worker.row
    return bool(cells[row + ASLEEP]) and state_of(cells[row + TID]) == "S"


class NativePool(Pool):
    """Workers that nobody dispatches."""

    dispatched = False

    def __init__(self, workload: Workload, cpus: Cpus) -> None:
        self._workload = workload
        processes = tuple(spec for spec in workload.processes if not spec.kinship.thread)
        super().__init__(processes, None, cpus)
        self.granted: list[str] = []  # the privileges that the run was granted, in words
        context = multiprocessing.get_context("fork")
        self.devices = SharedDevices(workload.devices, context)
        self.shared_objects = (
            None if workload.lifecycle is None else SharedObjects(workload, context)
        )
        threads = [spec for spec in workload.processes if spec.kinship.thread]
        self._threads = {spec.index: ThreadHandle(spec, self.shared) for spec in threads}
        self._threads_of: dict[int, list[ProcessSpec]] = {}  # by process, in their order
        for spec in threads:
            self._threads_of.setdefault(spec.kinship.parent, []).append(spec)

    def _make_shared(self, workers: int) -> SharedCells:
        return super()._make_shared(len(self._workload.processes) + 1)

    @property
    def everybody(self) -> Sequence[WorkerHandle]:
        workers = {worker.index: worker for worker in self.workers} | self._threads
        return [workers[index] for index in sorted(workers)]

    def _shared_objects(self) -> SharedObjects | None:
        return self.shared_objects

    def _parts(self, spec: ProcessSpec) -> tuple[ThreadAssignment, ...]:
        return tuple(
            ThreadAssignment(
                each.index,
                each.name,
                each.program,
                self._threads[each.index].turn,
                replace(self._orders(each), lateness=min(number * APART, MOST_APART)),
            )
            for number, each in enumerate(self._threads_of.get(spec.index, ()), start=1)
        )

    def start(self) -> None:
        """As for any pool. A thread is where its process is."""
        self.granted = self.put_session_ahead()
        super().start()
        for index, threads in self._threads_of.items():
            owner = self.workers[index]
            for thread in (self._threads[spec.index] for spec in threads):
                thread.pid, thread.process = owner.pid, owner.process

    def _orders(self, spec: ProcessSpec) -> Orders:
        several = len(self._cpus.cores) > 1
        watching = bool(self._workload.scheduler.parameters.get("watching"))
        devices, index = self.devices, spec.index
        threaded = spec.kinship.thread or index in self._threads_of
        return Orders(devices, spec.arrival, spec.period, several, index, watching, threaded)

    def take_places(self) -> None:
        """Each on its cores and in its class, asleep. Raises UsageError for what is refused."""
        cpus = self._cpus.cores
        for spec, worker in zip(self._workload.processes, self.everybody, strict=True):
            thread = worker.cells[worker.row + TID]
            if len(cpus) < len(os.sched_getaffinity(0)) or spec.cores is not None:
                own = range(len(cpus)) if spec.cores is None else spec.cores
                with contextlib.suppress(
                    ProcessLookupError
                ):  # killed: the supervisor sees its death
                    os.sched_setaffinity(thread, [cpus[core] for core in own])
            sched_classes.take(thread, spec)

    def release(self, epoch: int) -> None:
        """The run begins at `epoch`, absolute ns.

        One is told after the other: who goes to sleep while others wait for the core would owe
        them something, or be owed, when it wakes at its arrival.
        """
        self.devices.epoch = epoch
        for worker in self.everybody:
            os.eventfd_write(worker.turn, 1)
            until = time.monotonic_ns() + ALONE
            while not _sleeps(worker) and time.monotonic_ns() < until:
                time.sleep(SOON)
            time.sleep(SOON)

    def finished(self) -> int:
        """How many programs are over."""
        return sum(bool(self.shared.cells[each.row + ENDED]) for each in self.everybody)

    def drain_all(self) -> None:
        """Take what all of them have logged. Raises Stopped if something is lost, or too much."""
        for worker in self.everybody:
            if self.fill(worker) > LOG // 8:
                self.drain(worker)
        if lost := self.coalesced():
            raise Stopped(f"the log was full, and {lost} entries are lost")
        if sum(len(worker.running_intervals) for worker in self.everybody) > 2 * LOG_BOUND:
            raise Stopped(f"the log has reached its bound of {LOG_BOUND:,} running intervals")

    def close(self) -> None:
        """As for any pool, and what they shared."""
        super().close()
        started = {worker.index: worker for worker in self.workers}
        for thread in self._threads.values():
            os.close(thread.turn)
            owner = started.get(self._owner(thread))
            if owner is None:  # the system refused to start its process
                continue
            self.drain(thread)
            if (stint := self.shared.open_interval(thread.index)) is not None:
                thread.running_intervals.extend(stint)
            thread.reaped = owner.reaped
        self.devices.close()

    def _owner(self, thread: WorkerHandle) -> int:
        return self._workload.processes[thread.index].kinship.parent

    def waiting(self) -> dict[int, Call] | None:
        """In which call each waits that has not ended; None: somebody does something else."""
        waits = {}
        for spec, worker in zip(self._workload.processes, self.everybody, strict=True):
            if not worker.cells[worker.row + ENDED]:
                number = worker.cells[worker.row + WAITING]
                if not number:
                    return None
                waits[spec.index] = spec.program.calls[number - 1]
        return waits

    def dismiss_those_that_are_over(self) -> None:
        """The others will never end."""
        for worker in self.workers:
            if worker.cells[worker.row + ENDED]:
                worker.dismiss(self.aside)
                hasten(worker.pid)

    def over(self) -> dict[int, int]:
        """The exit codes of those that have ended."""
        codes = {each.index: each.cells[each.row + ENDED] - 1 for each in self.everybody}
        return {index: code for index, code in codes.items() if code >= 0}


def run_native(
    workload: Workload,
    cpus: Cpus,
    until: Deadline,
    progress: Callable[[int], None],
    tracing: KernelTrace | None = None,
) -> RunFacts:
    """Run the workload with nobody to dispatch it. As `run_real`, which checks before."""
    pool = NativePool(workload, cpus)
    seen, stopped = Seen(tick=probe.tick_ns()), None
    syscalls.set_subreaper(True)
    try:
        with (
            Interruptions() as interruptions,
            closing(SupervisorWaiting(cpus, pool, interruptions, until, lambda: None)) as waiting,
            pool.guarded(*undoing(tracing)),
            tracing or contextlib.nullcontext(),
        ):
            try:
                pool.start()
                pool.take_places()
                with contextlib.ExitStack() as stack:
                    if cpus.spare:  # else its priority would be felt by those it leaves alone
                        seen.privilege = stack.enter_context(punctual(cpus.spare))
                    before = probe.steal_ns(cpus.cores)
                    stopped = _wait(workload, pool, waiting, seen, progress)
                    seen.stolen = probe.steal_ns(cpus.cores) - before
            finally:
                pool.close()
                if pool.shared_objects is not None:
                    seen.said = list(pool.shared_objects.said())
                    pool.shared_objects.close()
        return _facts(workload, cpus, pool, seen, stopped, disturbances(waiting))
    finally:
        syscalls.set_subreaper(False)
        pool.shared.close()


class Stall:
    """Everybody waits in a call for something that another would have to do."""

    def __init__(self, pool: NativePool, workload: Workload) -> None:
        self._pool, self._workload = pool, workload
        self._state: list[int] = []
        self.since = 0  # absolute ns, when everybody has been seen to wait

    def deadlock(self) -> tuple[str, list[str]] | None:
        """Nothing has moved for so long that it is one: in words, and who waits for ever."""
        life, shared_objects, now = (
            self._workload.lifecycle,
            self._pool.shared_objects,
            time.monotonic_ns(),
        )
        waits = self._pool.waiting() if life is not None else None
        if life is None or shared_objects is None or waits is None:
            self._state.clear()
            return None
        state = [self._pool.shared.cells[each.row + LOGGED] for each in self._pool.everybody]
        state += [index * len(waits) for index in waits]
        if state != self._state:
            self._state, self.since = state, now
            return None
        if now - self.since < life.stall_timeout:
            return None
        return shared_objects.deadlock(self._workload, waits, self._pool.over())


def _wait(
    workload: Workload,
    pool: NativePool,
    waiting: SupervisorWaiting,
    seen: Seen,
    progress: Callable[[int], None],
) -> str | None:
    """From the release of all until the last one is over. Returns why it was stopped, if so."""
    seen.epoch = time.monotonic_ns() + HEAD_START + HEAD_START_EACH * len(pool.workers)
    try:
        pool.release(seen.epoch)
        stall = Stall(pool, workload)
        while (done := pool.finished()) < len(pool.everybody):
            waiting.sleep(LOOK_EVERY, (), seen.epoch)
            pool.drain_all()
            if (deadlock := stall.deadlock()) is not None:
                pool.dismiss_those_that_are_over()
                seen.ended_at = stall.since - seen.epoch
                seen.stuck = deadlock[1]
                return deadlock[0]
            progress(done)
        seen.ended_at = time.monotonic_ns() - seen.epoch
        for worker in pool.workers:
            worker.dismiss(pool.aside)
        pool.hasten()
        while pool.at_work:
            waiting.sleep(LOOK_EVERY, (), seen.epoch)
    except Stopped as stopped:
        seen.ended_at = max(0, time.monotonic_ns() - seen.epoch)
        return str(stopped)
    return None


def _facts(
    workload: Workload,
    cpus: Cpus,
    pool: NativePool,
    seen: Seen,
    stopped: str | None,
    disturbed: list[str],
) -> RunFacts:
    found = record(workload, cpus, pool, seen)
    return RunFacts(
        REAL,
        workload,
        intervals=found.intervals,
        processes=found.facts,
        machine={
            **probe.describe_host(cpus.cores),
            "privilege": ", ".join(seen.privilege + pool.granted) or UNPRIVILEGED,
            "linux": {**probe.describe_scheduler(), "base_slice_ns": sched_classes.base_slice()},
            "dispatch": found.dispatch,
            "resolution_ns": 2 * GAP,  # neither of two may see that it gave way to the other
            "epoch_ns": seen.epoch,
            "steal_ns": seen.stolen,
            "log": {"coalesced": pool.coalesced(), "bound": LOG_BOUND},
        },
        overheads=found.overheads,
        stopped=stopped,
        stuck=seen.stuck,
        lifecycle=None if workload.lifecycle is None else list(_lives(workload, pool, found)),
        observations=sorted(
            Observation(at - seen.epoch, workload.processes[who].name, name, value)
            for at, who, name, value in seen.said
        ),
        disturbances=disturbed,
    )


def _lives(workload: Workload, pool: NativePool, found: Found) -> Iterator[LifecycleEvent]:
    """Births and ends. A process is the supervisor's, and a thread its process's."""
    for spec, fact in zip(workload.processes, found.facts, strict=True):
        by = workload.processes[spec.kinship.parent].name if spec.kinship.thread else SUPERVISOR
        yield LifecycleEvent(spec.arrival, "born", spec.name, by)
        if fact.completion is not None:
            yield LifecycleEvent(fact.completion, "exited", spec.name, spec.name)
            reaped = fact.completion if spec.kinship.thread else fact.reaped or fact.completion
            yield LifecycleEvent(reaped, "reaped", spec.name, by)
