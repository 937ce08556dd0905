"""The pool of a lifecycle run, whose workers start each other.

The supervisor forks the workers of the processes with which the scenario begins. Each other worker
is started by a worker, which reports its pid. The supervisor watches all workers for their deaths.
It is the subreaper: when the parent of a worker dies, the supervisor becomes the parent, and reaps
the worker.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import time
from collections.abc import Collection, Sequence
from typing import Any

from kernel.errors import MultiprogError
from kernel.workload import Workload
from real.cells import PARKED, PortableSharedCells
from real.dispatched.pool import DispatchedPool
from real.host.cleanup import Undo
from real.host.cpus import Cpus
from real.host.leftovers import hasten, wait_readable
from real.host.mp_helpers import Semaphores, ServersFolder, resource_trackers_pid
from real.host.process_table import exit_code_of, parent_of, state_of
from real.host.time_limits import (
    STOPPED,
    ExpectedProcess,
    TimeLimit,
    stays_stopped_words,
)
from real.lifecycle.entry import run_lifecycle_worker
from real.lifecycle.fork_servers import ForkServers
from real.lifecycle.shared_objects import LONGEST, LifecycleSharedObjects, ProgramGlobals
from real.lifecycle.start_methods import FORK
from real.lifecycle.worker_handle import LifecycleWorkerHandle
from real.memory.physical import PhysicalMemory
from real.supervisor.interference import Interference
from real.supervisor.pool import START_LIMIT
from translation import recorded, tr

CALL_LIMIT = 20.0  # seconds for a call that does not wait, or for a death, on a busy machine


class LostError(MultiprogError):
    """A real process did not do what the rules say that it must."""


class LifecyclePool(DispatchedPool):
    """One worker for each process that the scenario may start, born or not."""

    workers: Sequence[LifecycleWorkerHandle]

    def __init__(self, workload: Workload, memory: PhysicalMemory | None, cpus: Cpus) -> None:
        shared = PortableSharedCells(len(workload.processes) + 1)
        super().__init__(workload.processes, memory, cpus, shared)
        self.workers = ()
        self.servers = ForkServers()
        self._workload = workload
        assert workload.lifecycle is not None
        method = workload.lifecycle.start_method
        self.executes = method != "fork"
        self._semaphores = Semaphores()
        self._folder = ServersFolder() if method == "forkserver" else None
        self._surroundings = contextlib.ExitStack()

    def start(self) -> None:
        """Fork the processes with which the scenario begins, and wait until all are in place."""
        assert self._workload.lifecycle is not None
        self._surroundings.enter_context(self._semaphores.named())
        self._surroundings.enter_context(self.guardian.marking())
        if self._folder is not None:
            self._surroundings.callback(self._folder.close)
            self._folder.make()
        self._start_swapper()
        self.objects = LifecycleSharedObjects(
            specs=tuple(self._specs),
            method=self._workload.lifecycle.start_method,
            initial=dict(self._workload.lifecycle.variables),
            shared=self.shared,
            guardian=self.guardian,
            physical=None if self.partitions is None else self.partitions.memory,
            bell=self.bell,
            linger=self.linger,
            aside=self.aside,
            globals=ProgramGlobals(dict(self._workload.lifecycle.variables)),
            interrupts=any(c.kind == "interrupt" for s in self._specs for c in s.program.calls),
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
        self.objects.objects.close_pipes()  # a receiver gets EOFError when no process can send
        for worker in self.workers:
            if worker.lives:
                self.await_birth(worker)

    def _changes(self) -> Sequence[Undo]:
        folder = () if self._folder is None else (self._folder.remove,)
        return (*super()._changes(), *folder, self._semaphores.remove)

    def servants(self) -> list[tuple[str, int]]:
        """Return name and pid of all helpers, the fork servers at work among them."""
        found = [*super().servants(), *self.servers.at_work()]
        tracker = resource_trackers_pid() if self.executes else None
        if tracker is None:
            return found
        return [*found, (recorded("multiprocessing's resource tracker"), tracker)]

    def stopped_unknown(self) -> str | None:
        """Return a message if a process of the run that is no known worker is stopped; else None.

        Such a process is being started, or is a fork server. The process that starts it waits for
        it.
        """
        known = {*self.held(), *(worker.pid for worker in self.workers)}
        for pid in self.members():
            if pid not in known and state_of(pid) in STOPPED:
                return stays_stopped_words(recorded("a process that is being started"))
        return None

    def held(self) -> Collection[int]:
        """Return the pids of the workers and fork servers that the supervisor has stopped."""
        return {*super().held(), *self.servers.held()}

    def welcome(self, worker: LifecycleWorkerHandle, pid: int) -> None:
        """Take in a worker that was just started with this pid, and watch for its death."""
        worker.born(pid)
        self.enrol(worker)

    def await_birth(self, worker: LifecycleWorkerHandle) -> None:
        """Wait until a worker that was just started is parked.

        Raises MultiprogError or LostError if the worker dies, is stopped or takes too long.
        """
        limit = TimeLimit(START_LIMIT + len(self._specs) / 50)
        expected, interference = ExpectedProcess(worker.name, worker.pid), Interference(self)
        while not worker.cells[worker.row + PARKED]:
            expected.look()
            if (trouble := interference.look()) is not None:
                raise MultiprogError(tr(trouble))
            if wait_readable([worker.death], 0.0002) or limit.is_over():
                raise LostError(tr("{process} did not report after its start", process=worker.name))

    # -- deaths -----------------------------------------------------------------------------------

    def is_dead(self, worker: LifecycleWorkerHandle, seconds: float) -> bool:
        """Return whether a worker that is dying is dead, or dies within so many seconds.

        A stopped process does not act on SIGTERM, so the worker is continued.
        """
        if wait_readable([worker.death], seconds):
            return True
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGCONT)
        hasten(worker.pid)
        return False

    def bury(self, worker: LifecycleWorkerHandle) -> None:
        """Note the death of a worker that is dead, and its exit code.

        Raises LostError if it has been reaped already.
        """
        self._note_death(worker)
        code = exit_code_of(worker.pid)
        if code is None:
            raise LostError(tr("{process} was reaped before it was ordered", process=worker.name))
        worker.exit_code = code

    def _note_death(self, worker: LifecycleWorkerHandle) -> None:
        with contextlib.suppress(OSError):
            self.deaths.unregister(worker.death)
        os.close(worker.death)
        worker.death = -1
        worker.reaped = time.monotonic_ns()
        self.at_work -= 1

    def adopt(self, worker: LifecycleWorkerHandle) -> None:
        """Wait until the operating system has made the supervisor the parent of an orphan.

        Raises LostError if that takes longer than CALL_LIMIT.
        """
        limit = TimeLimit(CALL_LIMIT)
        while parent_of(worker.pid) != os.getpid():
            if limit.is_over():
                raise LostError(
                    tr(
                        "{process} is an orphan that the supervisor did not get",
                        process=worker.name,
                    )
                )
            time.sleep(0.0002)

    def reap_by_server(self, worker: LifecycleWorkerHandle) -> None:
        """Let the fork server that is the parent of a zombie reap it."""
        self.servers.let_reap(self._specs[worker.index].kinship.parent, worker.pid)

    def may_end_server(self, starter: int) -> None:
        """End the fork server of process `starter`, which is dead, if no other process needs it."""
        if not self._needs_server(starter):
            self.servers.leave(starter)

    def is_in_pool(self, worker: LifecycleWorkerHandle) -> bool:
        """Return whether a worker is one of a `multiprocessing.Pool` of the scenario."""
        return bool(self._specs[worker.index].kinship.pool)

    def parent(self, worker: LifecycleWorkerHandle) -> LifecycleWorkerHandle:
        """Return the worker that starts this one."""
        return self.workers[self._specs[worker.index].kinship.parent]

    def _needs_server(self, starter: int) -> bool:
        its = (each for each in self._specs if starter in (each.index, each.kinship.parent))
        return any(self.workers[each.index].lives for each in its)

    def reap_own(self, worker: LifecycleWorkerHandle) -> None:
        """Reap a zombie that the supervisor has forked or adopted."""
        if worker.native is not None:
            worker.native.join()
            return
        self.may_end_server(self._specs[worker.index].kinship.parent)
        self.adopt(worker)
        os.waitpid(worker.pid, 0)

    def reap(self) -> Sequence[LifecycleWorkerHandle]:
        """Return the workers that have died without an order. It reaps none of them."""
        dead = {fd for fd, _ in self.deaths.poll(0)}
        return [worker for worker in self.workers if worker.lives and worker.death in dead]

    # -- reports ----------------------------------------------------------------------------------

    def report(self, seconds: float) -> dict[str, Any] | None:
        """Return the next report of a worker; None: none came within so many seconds."""
        fd = self.objects.reports[0].fileno()
        if not wait_readable([fd], seconds):
            return None
        report: dict[str, Any] = json.loads(self.objects.reports[0].recv(LONGEST))
        return report

    def hasten(self) -> None:
        """Put the workers that live into the normal class, so that they exit at once."""
        for worker in self.workers:
            if worker.lives:
                hasten(worker.pid)

    def close(self) -> None:
        """End all processes of the run, and free all that the workers shared."""
        super().close()
        if hasattr(self, "guardian"):
            self.guardian.kill()
            _reap_group(self.guardian.group)
        if hasattr(self, "objects"):
            self.objects.close()
        self._surroundings.close()

    def _end_workers(self) -> None:
        """Kill the workers that live, and reap all workers whose parent is the supervisor."""
        for worker in self.workers:
            if worker.lives:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
                hasten(worker.pid)
        self.servers.close()
        for worker in self.workers:
            if worker.native is not None and worker.native.pid is not None:
                if worker.death < 0 and worker.reaped is None:  # no pidfd could be opened
                    worker.native.kill()
                worker.native.join()
                worker.native.close()
            elif worker.pid:
                _reap_if_ours(worker.pid)
            if worker.lives:
                self._note_death(worker)
        self.servers.reap()


def _reap_if_ours(pid: int) -> None:
    """Reap a process whose parent is dead, unless its parent has reaped it.

    The supervisor becomes its parent, perhaps a moment later.
    """
    limit = TimeLimit(CALL_LIMIT)
    while not limit.is_over():
        try:
            os.waitpid(pid, 0)
            return
        except ChildProcessError:
            if parent_of(pid) is None:
                return
            time.sleep(0.0005)


def _reap_group(group: int) -> None:
    """Reap all other processes of the workers' group that are children of the supervisor."""
    while True:
        try:
            if os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG) is None:
                return
        except OSError as error:
            if error.errno != errno.ECHILD:
                raise
            return
