"""The workers of a native run, and their threads: they are started, released, and looked at."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Sequence

from kernel.process.calls import Call
from kernel.process.interpreters import SHARED_LOCK, running_interpreter
from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from real.cells import LOG, SharedCells
from real.host import cgroups, sched_classes
from real.host.cgroups import RunCgroups
from real.host.cleanup import Undo
from real.host.cpus import Cpus
from real.host.leftovers import hasten
from real.host.process_table import state_of
from real.native.cells import ASLEEP, CALLING, ENDED, TID
from real.native.devices import SharedDevices
from real.native.shared_objects import NativeSharedObjects
from real.native.worker import NativeAssignment, ThreadAssignment, run_native_worker
from real.supervisor.ending import Stopped
from real.supervisor.handle import ProcessHandle
from real.supervisor.pool import Pool
from translation import recorded_n

RELEASED_IN = 1_500_000  # ns that a thread may take to hear of the epoch and go to sleep
SOON = 50e-6  # seconds between two looks at a thread that is about to sleep
APART = 150_000  # ns between the wake-ups of two threads of a process with the same arrival
MOST_APART = 3_000_000  # ns between the first of them and the last at most
DRAINED_ABOVE = LOG // 8  # a log with more entries than this is emptied


class NativePool(Pool):
    """The workers of a native run. `threads` has the handles of all threads, in scenario order.

    The first thread of a worker executes the program of its process. Its handle is the handle of
    the worker. Each further thread is a process of the scenario, too, and has a handle of its own.
    """

    def __init__(self, workload: Workload, cpus: Cpus) -> None:
        super().__init__(SharedCells(len(workload.processes)), cpus)
        self._workload = workload
        self._context = multiprocessing.get_context("fork")
        self.devices = SharedDevices(workload.devices, self._context)
        self.objects = NativeSharedObjects(workload, self._context)
        self.threads = [
            ProcessHandle(spec.index, spec.name, self.shared, _new_turn())
            for spec in workload.processes
        ]
        groups = cgroups.groups_in(workload)
        self.cgroups = RunCgroups(groups, cgroups.find_place()) if groups else None
        self._further: dict[int, list[ProcessSpec]] = {}  # threads by the index of their process
        for spec in workload.processes:
            if spec.kinship.thread:
                self._further.setdefault(spec.kinship.parent, []).append(spec)

    @property
    def loggers(self) -> Sequence[ProcessHandle]:
        """Return the handles of all threads: each has a log."""
        return self.threads

    def _changes(self) -> Sequence[Undo]:
        changes = super()._changes()
        return changes if self.cgroups is None else (*changes, self.cgroups.remove)

    # -- the start

    def start(self) -> list[str]:
        """Fork the workers, and wait until all are parked. Return the privileges granted, in words.

        Raises MultiprogError if a worker dies, and OSError if the system refuses to start one.
        """
        granted = self.put_session_ahead()
        workers: list[ProcessHandle] = []
        self.workers = workers
        for spec in self._workload.processes:
            if not spec.kinship.thread:
                worker = self.threads[spec.index]
                worker.fork(self._context, run_native_worker, self._assignment(spec))
                workers.append(worker)
                self.enrol(worker)
        self.await_parking()
        for index, specs in self._further.items():
            for thread in (self.threads[spec.index] for spec in specs):
                thread.pid, thread.process = self.threads[index].pid, self.threads[index].process
        return granted if self.cgroups is None else [*granted, cgroups.AHEAD]

    def _assignment(self, spec: ProcessSpec) -> NativeAssignment:
        further = enumerate(self._further.get(spec.index, ()), start=1)
        return NativeAssignment(
            self._of_thread(spec),
            tuple(
                self._of_thread(each, min(number * APART, MOST_APART)) for number, each in further
            ),
            self.shared,
            self.bell,
            self.guardian,
            self.devices,
            self.objects,
        )

    def _of_thread(self, spec: ProcessSpec, lateness: int = 0) -> ThreadAssignment:
        return ThreadAssignment(
            index=spec.index,
            name=spec.name,
            program=spec.program,
            turn=self.threads[spec.index].turn,
            arrival=spec.arrival,
            lateness=lateness,
            period=spec.period or 0,
            releases=spec.releases,
            deadline=(spec.deadline or 0) if spec.aborts else 0,
            moves=len(self._cpus.cores) > 1,
            watching=bool(self._workload.scheduler.parameters.get("watching")),
            threaded=self._shares_lock(spec),
        )

    def _shares_lock(self, spec: ProcessSpec) -> bool:
        """Return whether a thread shares an interpreter lock with others."""
        has_others = spec.kinship.thread or spec.index in self._further
        return has_others and running_interpreter() == SHARED_LOCK

    def take_places(self) -> None:
        """Put each thread on its cores and into its class, and each process into its group.

        Raises UsageError if the kernel refuses the class or the group.
        """
        if self.cgroups is not None:
            self.cgroups.make()
        cores = self._cpus.cores
        for spec, thread in zip(self._workload.processes, self.threads, strict=True):
            tid = thread.cells[thread.row + TID]
            if len(cores) < len(os.sched_getaffinity(0)) or spec.cores is not None:
                own = range(len(cores)) if spec.cores is None else spec.cores
                with contextlib.suppress(ProcessLookupError):  # killed; the supervisor will see it
                    os.sched_setaffinity(tid, [cores[core] for core in own])
            if self.cgroups is not None and not spec.kinship.thread:
                self.cgroups.enter(thread.pid, spec.linux.group)
            sched_classes.take(tid, spec)

    def release(self, epoch: int) -> None:
        """Tell all threads that the run begins at `epoch`, absolute ns.

        They are told one after the other, and each goes to sleep before the next is told. If a
        thread went to sleep while others wait for its core, the kernel would owe CPU time to it, or
        to the others, when it wakes.
        """
        self.devices.epoch = epoch
        for thread in self.threads:
            os.eventfd_write(thread.turn, 1)
            until = time.monotonic_ns() + RELEASED_IN
            while not _is_asleep(thread) and time.monotonic_ns() < until:
                time.sleep(SOON)
            time.sleep(SOON)

    # -- while it runs

    def finished(self) -> int:
        """Return how many programs have ended."""
        return len(self.exit_codes())

    def exit_codes(self) -> dict[int, int]:
        """Return the exit codes of the programs that have ended, by index."""
        ended = ((each.index, each.cells[each.row + ENDED]) for each in self.threads)
        return {index: cell - 1 for index, cell in ended if cell}

    def waiting_calls(self) -> dict[int, Call] | None:
        """Return, by index, the call in which each program is that has not ended.

        Return None if a program is in no call.
        """
        calls = {}
        for spec, thread in zip(self._workload.processes, self.threads, strict=True):
            if not thread.cells[thread.row + ENDED]:
                cell = thread.cells[thread.row + CALLING]
                if not cell:
                    return None
                calls[spec.index] = spec.program.calls[cell - 1]
        return calls

    def drain_all(self) -> None:
        """Take what the threads have logged.

        Raises Stopped if an entry was lost, or the run has logged too much.
        """
        self.empty_logs(DRAINED_ABOVE)
        if lost := self.coalesced():
            raise Stopped(
                recorded_n(
                    "the log was full, and {n} entries are lost",
                    "the log was full, and {n} entries are lost",
                    lost,
                )
            )

    # -- the end

    def dismiss_finished(self) -> None:
        """Let the workers exit at once whose programs have ended. The others are in a deadlock."""
        for worker in self.workers:
            if worker.cells[worker.row + ENDED]:
                worker.dismiss(self.aside)
                hasten(worker.pid)

    def dismiss_all(self) -> None:
        """Let all workers exit: their programs have ended."""
        for worker in self.workers:
            worker.dismiss(self.aside)
        self.hasten()

    def close(self) -> None:
        """End the workers, and take their logs. The shared cells and objects stay.

        A thread counts as reaped when its process is.
        """
        super().close()
        for index, specs in self._further.items():
            for spec in specs:
                self.threads[spec.index].reaped = self.threads[index].reaped
        for thread in self.threads:
            os.close(thread.turn)
        self.devices.close()


def _new_turn() -> int:
    """Return an eventfd that works as a semaphore: each read takes one count."""
    return os.eventfd(0, os.EFD_SEMAPHORE | os.EFD_CLOEXEC)


def _is_asleep(thread: ProcessHandle) -> bool:
    """Return whether the thread has said that it is about to sleep, and the kernel says it does.

    It falls asleep some 0.2 ms after it has said so.
    """
    cells, row = thread.cells, thread.row
    return bool(cells[row + ASLEEP]) and state_of(cells[row + TID]) == "S"
