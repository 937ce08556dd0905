"""The pool of a lifecycle scenario, whose workers start each other.

The supervisor forks those of the file. It learns of the others from who started them, watches all
of them alike, and reaps those that become its own when their parents die: it is the subreaper.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import time
from collections.abc import Collection, Sequence
from typing import Any

from kernel.errors import MultiprogError
from kernel.hardware import Region
from kernel.process.control_block import Process
from kernel.process.program import CPU as CPU_STEP
from kernel.workload import Workload
from real.cells import BASE, PARKED, SIZE, PortableSharedCells, SharedCells
from real.dispatched.interference import Interference
from real.dispatched.pool import LINGER, START_PATIENCE, Pool, WorkerHandle
from real.host.cpus import Cpus
from real.host.guardian import Undo
from real.host.leftovers import hasten, wait_readable
from real.host.mp_helpers import Semaphores, ServersFolder, resource_trackers_pid
from real.host.process_table import exit_code_of, parent_of, state_of
from real.host.time_limits import STOPPED, ExpectedProcess, TimeLimit, stopped_words
from real.lifecycle.fork_servers import ForkServers
from real.lifecycle.shared_objects import LONGEST, LifecycleSharedObjects, ProgramGlobals
from real.lifecycle.worker import FORK, run_lifecycle_worker
from real.memory.physical import PhysicalMemory

PATIENCE = 20.0  # seconds for a call that does not wait, or a death, on a busy machine


class LostError(MultiprogError):
    """A real process did not do what the rules say that it must."""


class _Table:
    """What the system's table says of a worker: as a Process object would of one's own child."""

    def __init__(self, worker: LifecycleWorkerHandle) -> None:
        self._worker = worker

    @property
    def exitcode(self) -> int | None:
        """None: it lives, or is gone."""
        return exit_code_of(self._worker.pid)


class LifecycleWorkerHandle(WorkerHandle):
    """The supervisor's handle of one process of a living scenario, born or not."""

    __slots__ = ("book", "exitcode", "native", "on_core_since", "order")

    def __init__(self, objects: LifecycleSharedObjects, index: int, name: str) -> None:
        self._blank(index, name, objects.shared)
        self.order = objects.orders[index][0]
        self.process: Any = _Table(self)
        self.native: Any = None  # multiprocessing's object, of one of the file
        self.exitcode: int | None = None
        self.book: Process | None = None
        self.on_core_since: int | None = None  # absolute ns, if it goes on after a call
        self.has_partition = objects.physical is not None and objects.specs[index].memory > 0

    def born(self, pid: int) -> None:
        """It exists."""
        self.pid = pid
        self.death = os.pidfd_open(pid)

    @property
    def lives(self) -> bool:
        """It was born, and its death has not been seen."""
        return self.pid > 0 and self.death >= 0

    def tell(self, **order: Any) -> None:
        """An order, unless it is dead."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.order.send(json.dumps(order).encode())

    def pin(self, cpu: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            super().pin(cpu)

    def load(self, region: Region) -> None:
        self.cells[self.row + BASE], self.cells[self.row + SIZE] = region
        self.tell(do="load")

    def go(self) -> None:
        if self.stopped and self.lives:
            self._let_go_on()
        if not self.working and not self.has_finished_burst():
            self.working = True
            assert self.book is not None
            if self.book.places[self.book.step] == CPU_STEP:
                order: dict[str, Any] = {"do": "burn", "step": self.book.step}
                if self.on_core_since is not None:
                    order["calling"] = self.on_core_since, time.monotonic_ns()
                self.tell(**order)
            else:
                self.tell(do="keep_core")
        self.on_core_since = None

    def halt(self) -> None:
        if self.lives:
            super().halt()

    def is_stopped(self) -> bool | None:
        """Its parent may be another of the scenario, which alone could wait for it."""
        match state_of(self.pid):
            case "T":
                return True
            case "Z" | "X" | None:
                return False
        return None if self.lives else False

    def release(self) -> None:
        if self.lives:
            super().release()


class LifecyclePool(Pool):
    """All workers of a living scenario. Leaving its context leaves none of them."""

    def __init__(self, workload: Workload, memory: PhysicalMemory | None, cpus: Cpus) -> None:
        super().__init__(workload.processes, memory, cpus)
        self.workers: Sequence[LifecycleWorkerHandle] = ()
        self.servers = ForkServers()
        self._workload = workload
        assert workload.lifecycle is not None
        method = workload.lifecycle.start_method
        self.executes = method != "fork"
        self._semaphores = Semaphores()
        self._folder = ServersFolder() if method == "forkserver" else None
        self._surroundings = contextlib.ExitStack()

    def _make_shared(self, workers: int) -> SharedCells:
        return PortableSharedCells(workers)

    def start(self) -> None:
        """Fork those of the file, and wait until they are parked."""
        assert self._workload.lifecycle is not None
        self._surroundings.enter_context(self._semaphores.named())
        self._surroundings.enter_context(self.guardian.marking())
        if self._folder is not None:
            self._surroundings.callback(self._folder.close)
            self._folder.make()
        self._start_swapper()
        self.objects = LifecycleSharedObjects(
            specs=self._specs,
            method=self._workload.lifecycle.start_method,
            initial=dict(self._workload.lifecycle.variables),
            shared=self.shared,
            guardian=self.guardian,
            physical=self.memory,
            bell=self.bell,
            linger=LINGER if self._cpus.spare else 0,
            aside=self._cpus.aside,
            memory=ProgramGlobals(dict(self._workload.lifecycle.variables)),
        )
        self.objects.make_objects(self._workload)
        self.workers = [
            LifecycleWorkerHandle(self.objects, spec.index, spec.name) for spec in self._specs
        ]

        for spec, worker in zip(self._specs, self.workers, strict=True):
            if spec.kinship.parent < 0:
                worker.native = FORK.Process(
                    target=run_lifecycle_worker,
                    args=(self.objects, spec.index, False),
                    name=spec.name,
                )
                worker.native.start()
                self.welcome(worker, worker.native.pid)
        for worker in self.workers:
            if worker.lives:
                self.await_parking(worker)

    def _changes(self) -> Sequence[Undo]:
        folder = () if self._folder is None else (self._folder.remove,)
        return (*super()._changes(), *folder, self._semaphores.remove)

    def servants(self) -> list[tuple[str, int]]:
        """Return the processes above, the fork servers at work, and the resource tracker."""
        found = [*super().servants(), *self.servers.at_work()]
        tracker = resource_trackers_pid() if self.executes else None
        return (
            found if tracker is None else [*found, ("multiprocessing's resource tracker", tracker)]
        )

    def stopped_unknown(self) -> str | None:
        """Return that a process which has not reported yet was stopped, if one was; else None.

        Such a process is being started. The process that starts it waits for it, or for its fork
        server.
        """
        known = {*self.held(), *(worker.pid for worker in self.workers)}
        for pid in self.members():
            if pid not in known and state_of(pid) in STOPPED:
                return stopped_words("a process that is being started")
        return None

    def held(self) -> Collection[int]:
        return {*super().held(), *self.servers.held()}

    def welcome(self, worker: LifecycleWorkerHandle, pid: int) -> None:
        """It has been born."""
        worker.born(pid)
        self.at_work += 1
        self.deaths.register(worker.death, select.EPOLLIN)

    def await_parking(self, worker: LifecycleWorkerHandle) -> None:
        """It must say that it has taken its place."""
        patience = TimeLimit(START_PATIENCE + len(self._specs) / 50)
        expected, interference = ExpectedProcess(worker.name, worker.pid), Interference(self)
        while not worker.cells[worker.row + PARKED]:
            expected.look()
            if (trouble := interference.look()) is not None:
                raise MultiprogError(trouble)
            if wait_readable([worker.death], 0.0002) or patience.is_over():
                raise LostError(f"{worker.name} did not come to its place after its start")

    def take_places(self) -> None:
        """They are where they should be."""

    # -- deaths -----------------------------------------------------------------------------------

    def await_death(self, worker: LifecycleWorkerHandle) -> int:
        """It is dying: wait until it is dead. Returns its exit code."""
        patience = TimeLimit(PATIENCE)
        while not wait_readable([worker.death], 0.001):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGCONT)  # a stopped process does not call on a signal
            hasten(worker.pid)
            if patience.is_over():
                raise LostError(f"{worker.name} should have ended, and has not")
        self._bury(worker)
        code = exit_code_of(worker.pid)
        if code is None:
            raise LostError(f"{worker.name} was reaped before anybody had ordered it")
        worker.exitcode = code
        return code

    def _bury(self, worker: LifecycleWorkerHandle) -> None:
        with contextlib.suppress(OSError):
            self.deaths.unregister(worker.death)
        os.close(worker.death)
        worker.death = -1
        worker.reaped = time.monotonic_ns()
        self.at_work -= 1

    def adopt(self, worker: LifecycleWorkerHandle) -> None:
        """Its parent has died: the system must have made it the supervisor's."""
        patience = TimeLimit(PATIENCE)
        while parent_of(worker.pid) != os.getpid():
            if patience.is_over():
                raise LostError(f"{worker.name} is an orphan that the supervisor did not get")
            time.sleep(0.0002)

    def reap_by_server(self, worker: LifecycleWorkerHandle) -> None:
        """A zombie of a fork server's."""
        self.servers.let_reap(self._specs[worker.index].kinship.parent, worker.pid)

    def may_end_server(self, starter: int) -> None:
        """That process is dead: if nobody else needs its fork server, that ends, too."""
        if not self._needs_server(starter):
            self.servers.leave(starter)

    def _needs_server(self, starter: int) -> bool:
        its = (each for each in self._specs if starter in (each.index, each.kinship.parent))
        return any(self.workers[each.index].lives for each in its)

    def reap_own(self, worker: LifecycleWorkerHandle) -> None:
        """A zombie of the supervisor's: one of the file, or one that was adopted."""
        if worker.native is not None:
            worker.native.join()
            return
        self.may_end_server(self._specs[worker.index].kinship.parent)
        self.adopt(worker)
        os.waitpid(worker.pid, 0)

    def reap(self) -> list[WorkerHandle]:
        """Deaths that nobody has ordered."""
        dead = {fd for fd, _ in self.deaths.poll(0)}
        return [worker for worker in self.workers if worker.lives and worker.death in dead]

    # -- reports ----------------------------------------------------------------------------------

    def report(self, seconds: float) -> dict[str, Any] | None:
        """The next report, if one comes within so long."""
        fd = self.objects.reports[0].fileno()
        if not wait_readable([fd], seconds):
            return None
        report: dict[str, Any] = json.loads(self.objects.reports[0].recv(LONGEST))
        return report

    def hasten(self) -> None:
        for worker in self.workers:
            if worker.lives:
                hasten(worker.pid)

    def close(self) -> None:
        """Kill those that live, reap all that are ours, and free all that the pool held."""
        for worker in self.workers:
            if worker.lives:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
                hasten(worker.pid)
        self.servers.close()
        for worker in self.workers:
            if worker.native is not None and worker.native.pid is not None:
                if worker.death < 0 and worker.reaped is None:  # it could not be watched
                    worker.native.kill()
                worker.native.join()
                worker.native.close()
            elif worker.pid:
                _reap_if_ours(worker.pid)
            if worker.lives:
                self._bury(worker)
        self.servers.reap()
        for worker in self.workers:
            self.drain(worker)
            stint = self.shared.open_interval(worker.index)
            if stint is not None:
                worker.running_intervals.extend(stint)
        if self.swapper is not None:
            self.swapper.close()
        if hasattr(self, "guardian"):
            self.guardian.kill()
            _reap_group(self.guardian.group)
        if hasattr(self, "objects"):
            self.objects.close()
        self._surroundings.close()
        os.close(self.bell)
        self.deaths.close()


def _reap_if_ours(pid: int) -> None:
    """Its parent is dead, so it is ours now, or it has been reaped."""
    patience = TimeLimit(PATIENCE)
    while not patience.is_over():
        try:
            os.waitpid(pid, 0)
            return
        except ChildProcessError:
            if parent_of(pid) is None:
                return
            time.sleep(0.0005)


def _reap_group(group: int) -> None:
    """Whatever else was in the workers' group, and is ours now."""
    while True:
        try:
            if os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG) is None:
                return
        except OSError as error:
            if error.errno != errno.ECHILD:
                raise
            return
