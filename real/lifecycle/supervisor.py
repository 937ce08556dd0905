"""The supervisor of a lifecycle run.

At each instant the calls are made and the processes end before cores change hands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kernel.lifecycle.system import LifecycleSystem
from kernel.process.control_block import Process
from kernel.process.waits_for import WaitsFor
from kernel.workload import Workload
from real.dispatched.chores import Watcher
from real.dispatched.supervisor import Supervisor
from real.dispatched.worker_handle import WorkerHandle
from real.host.cpus import Cpus
from real.host.leftovers import wait_readable
from real.lifecycle.actions import ActionRunner
from real.lifecycle.divergence import Diverged
from real.lifecycle.machine import RealLifecycleMachine
from real.lifecycle.pool import LifecyclePool
from real.lifecycle.worker_handle import LifecycleWorkerHandle
from real.supervisor.ending import Stopped
from timeline.record.run import Divergence
from translation import recorded


class LifecycleSupervisor(Supervisor):
    """Carries out the calls, too, and what follows from them.

    It holds events back for longer to keep the order of virtual time: what processes observe
    depends on that order, and it takes some milliseconds to start a process, on a busy machine
    many.
    """

    lag = 20_000_000_000  # ns

    machine: RealLifecycleMachine
    system: LifecycleSystem
    _pool: LifecyclePool

    def __init__(
        self,
        workload: Workload,
        machine: RealLifecycleMachine,
        pool: LifecyclePool,
        cpus: Cpus,
        progress: Callable[[int], None],
        watcher: Watcher | None = None,
    ) -> None:
        self.runner = ActionRunner(machine.system.processes, pool, machine.clock)
        self.stuck: list[str] = []  # names of the processes in a deadlock
        self.deadlock: list[WaitsFor] = []  # which of them waits for which
        self.divergences: list[Divergence] = []
        super().__init__(workload, machine, pool, cpus, progress, watcher)

    def arrival(self, process: Process) -> int | None:
        """Return when the process was born, ns of the run; None: it was not born."""
        return self.runner.births.get(process.index)

    def instant(self) -> None:
        """Carry out the next instant; if all processes are in a deadlock, confirm that.

        Raises Stopped if there is a deadlock, and Diverged if a process does other than the rules
        say.
        """
        try:
            if self.system.deadlocked:
                self._confirm_deadlock()
            super().instant()
        except Diverged as diverged:
            self.divergences.append(diverged.divergence)
            raise

    def _switch(self) -> None:
        """Carry out all calls and deaths in order, and then the changes of cores."""
        self.runner.carry_out(self.machine.actions, self._waiting.look)
        for worker in self.machine.only_looking:
            self.journal.looks.append(self.journal.dispatches[worker.index].pop())
            worker.sent_to_call = None
        self.machine.only_looking.clear()
        instant = self.machine.instant
        for worker in self.machine.going_on:
            if worker in instant.releasing:
                instant.releasing.remove(worker)
            finished = worker.finished_at()
            if worker in instant.halting:  # it kept its core, and lost it at the same instant
                self._log_calls([worker])
                worker.release()
                continue
            worker.release()
            sent = self.clock.epoch + self.journal.dispatches[worker.index][-1].sent
            worker.on_core_since = max(sent, finished)
            worker.go()
        self.machine.going_on.clear()
        self._log_calls(instant.releasing)
        super()._switch()

    def _log_calls(self, leaving: Sequence[WorkerHandle]) -> None:
        """Log the running intervals of the workers that only made calls, and leave their cores."""
        for worker in leaving:
            assert isinstance(worker, LifecycleWorkerHandle)
            if worker.sent_to_call is not None:
                self._pool.drain(worker)
                worker.running_intervals.extend((worker.sent_to_call, time.monotonic_ns()))

    def _write_down(self) -> None:
        for timeout in self.machine.timeouts:
            timeout.wall += self.clock.wall
            self._events.push(timeout)
        super()._write_down()

    def _forget_instant(self) -> None:
        self.machine.timeouts.clear()
        self.machine.actions.actions.clear()
        super()._forget_instant()

    def _confirm_deadlock(self) -> None:
        """Let all processes that wait go on in their calls, and see that no call returns.

        Raises Stopped with the deadlock in words after `stall_timeout`, and Diverged if a call
        returns.
        """
        for worker in self._pool.workers:
            if worker.in_call is not None:
                worker.go_on_in_call()
        until = time.monotonic_ns() + self.system.rules.stall_timeout
        while (left := until - time.monotonic_ns()) > 0:
            wait_readable([self._pool.objects.reports[0].fileno()], min(left / 1e9, 0.05))
            self.runner.calls.require_no_return()
            self._waiting.look()
        self.stuck = self.system.deadlock.names()
        self.deadlock = self.system.deadlock.graph()
        raise Stopped(self.system.deadlock.words())

    def _finish(self) -> None:
        """Check the partitions. All processes are dead already.

        Raises Stopped if a program was not kept in its partition.
        """
        partitions = self._pool.partitions
        if partitions is not None and (broken := partitions.broken(self._pool.workers)):
            raise Stopped(recorded("isolation is broken: {why}", why=broken))
