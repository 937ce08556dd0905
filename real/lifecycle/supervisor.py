"""The supervisor of a lifecycle run.

At each instant the calls are made and the processes end before cores change hands.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.lifecycle.system import LifecycleSystem
from kernel.process.control_block import Process
from kernel.workload import Workload
from real.dispatched.chores import Watcher
from real.dispatched.supervisor import Supervisor
from real.host.cpus import Cpus
from real.lifecycle.actions import ActionRunner
from real.lifecycle.machine import RealLifecycleMachine
from real.lifecycle.pool import LifecyclePool, LostError
from real.supervisor.ending import Stopped


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
        super().__init__(workload, machine, pool, cpus, progress, watcher)

    def arrival(self, process: Process) -> int | None:
        """Return when the process was born, ns of the run; None: it was not born."""
        return self.runner.births.get(process.index)

    def instant(self) -> None:
        """Carry out the next instant; if all processes are in a deadlock, confirm that.

        Raises Stopped if there is a deadlock.
        """
        if self.system.deadlocked:
            self._confirm_deadlock()
        super().instant()

    def _switch(self) -> None:
        """Carry out all calls and deaths in order, and then the changes of cores."""
        self.runner.carry_out(self.machine.actions, self._waiting.look)
        instant = self.machine.instant
        for worker in self.machine.going_on:
            if worker in instant.releasing:
                instant.releasing.remove(worker)
            worker.release()
            if worker in instant.halting:  # it kept its core, and lost it at the same instant
                continue
            sent = self.clock.epoch + self.journal.dispatches[worker.index][-1].sent
            worker.on_core_since = max(sent, worker.finished_at())
            worker.go()
        self.machine.going_on.clear()
        super()._switch()

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
        """Let the processes that wait really make their calls, and see that no call returns.

        Raises Stopped with the deadlock in words after `stall_timeout`, and LostError if a call
        returns.
        """
        for index in self.system.semantics.waits:
            process = self.system.processes[index]
            step = process.durations[process.step]
            self._pool.workers[index].tell(do="call", call=step, late=False, waits=True)
        until = time.monotonic_ns() + self.system.rules.stall_timeout
        while (left := until - time.monotonic_ns()) > 0:
            report = self._pool.report(min(left / 1e9, 0.05))
            if report is not None:
                name = self.system.processes[report["who"]].name
                raise LostError(f"{name} came back from a call in which it should wait for ever")
            self._waiting.look()
        self.stuck = self.system.deadlock.names()
        raise Stopped(self.system.deadlock.words())

    def _finish(self) -> None:
        """Check the partitions. All processes are dead already.

        Raises Stopped if a program was not kept in its partition.
        """
        partitions = self._pool.partitions
        if partitions is not None and (broken := partitions.broken(self._pool.workers)):
            raise Stopped(f"isolation is broken: {broken}")
