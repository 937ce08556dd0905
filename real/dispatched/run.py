"""The parts of a dispatched run. `real.run` uses them, in the order of `RunParts`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kernel.scheduling.policy_errors import policy_errors_of
from kernel.workload import Workload
from real.dispatched.chores import Watcher
from real.dispatched.machine import RealMachine
from real.dispatched.pool import DispatchedPool
from real.dispatched.record import DispatchedRecord
from real.dispatched.supervisor import Supervisor
from real.dispatched.warm_up import WarmUp
from real.host.cpus import Cpus
from real.host.privilege import punctual
from real.memory.physical import PhysicalMemory
from real.supervisor.conditions import Conditions
from real.supervisor.waiting import SupervisorWaiting
from timeline.record.assembly import RunFacts


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the caller of a run wants to know of it."""

    progress: Callable[[int], None]  # gets the number of programs that have ended
    explain: bool = False  # keep the reasons of all decisions for the record
    watcher: Watcher | None = None


class DispatchedRun:
    """The parts of one run. The supervisor stops and continues workers as the system decides."""

    def __init__(self, workload: Workload, cpus: Cpus, options: RunOptions) -> None:
        """Make the parts. Raises UsageError if this machine has too little memory."""
        sizes = [spec.memory for spec in workload.processes]
        self._memory = PhysicalMemory(workload.memory, sizes) if workload.memory else None
        self._workload = workload
        self._cpus = cpus
        self._options = options
        self.answer_limit = workload.scheduler.patience if workload.scheduler.own else None
        self._make()

    def _make(self) -> None:
        workload, cpus, options = self._workload, self._cpus, self._options
        self.pool = DispatchedPool(workload.processes, self._memory, cpus)
        machine = RealMachine(workload, self.pool, spare=bool(cpus.spare), explain=options.explain)
        self.supervisor = Supervisor(
            workload, machine, self.pool, cpus, options.progress, options.watcher
        )

    def make_warm_up(self) -> Callable[[], None]:
        """Return the function that the supervisor calls after each sleep, to decide faster then."""
        return WarmUp(self._workload.scheduler).step

    def start(self) -> None:
        """Start the workers, and wait until each of them waits for its first turn."""
        self.pool.start()

    @contextlib.contextmanager
    def privileges(self) -> Iterator[list[str]]:
        """Take the privileges that the system grants, in this context. Yields them in words."""
        with (
            punctual(self._cpus.spare, self._cpus.cores[-1]) as granted,
            policy_errors_of(self.supervisor.system.dispatcher.policy_class),
        ):
            yield granted + self.pool.put_ahead()

    def execute(self, waiting: SupervisorWaiting) -> str | None:
        """Run until the last program has ended. Return why it was stopped before that, if so."""
        return self.supervisor.execute(waiting)

    def close(self) -> None:
        """End all workers, and take what they have logged."""
        self.pool.close()

    def record(self, conditions: Conditions) -> RunFacts:
        """Return all that was measured. Call it when all workers are reaped."""
        return DispatchedRecord(self._workload, self.supervisor, self.pool, conditions).facts()

    def free(self) -> None:
        """Free the shared cells, and the memory of the machine."""
        self.pool.shared.close()
        if self._memory is not None:
            self._memory.close()
