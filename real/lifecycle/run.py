"""A lifecycle run: a dispatched run whose processes start, join and end each other."""

from __future__ import annotations

from real.dispatched.run import DispatchedRun
from real.lifecycle.machine import RealLifecycleMachine
from real.lifecycle.pool import LifecyclePool
from real.lifecycle.record import LifecycleRecord
from real.lifecycle.supervisor import LifecycleSupervisor
from real.supervisor.conditions import Conditions
from timeline.record.assembly import RunFacts


class LifecycleRun(DispatchedRun):
    """The parts of one run. Those that are not here are the parts of a dispatched run."""

    pool: LifecyclePool
    supervisor: LifecycleSupervisor

    def _make(self) -> None:
        workload, cpus, options = self._workload, self._cpus, self._options
        self.pool = LifecyclePool(workload, self._memory, cpus)
        spare = bool(cpus.spare)
        machine = RealLifecycleMachine(workload, self.pool, spare=spare, explain=options.explain)
        self.supervisor = LifecycleSupervisor(
            workload, machine, self.pool, cpus, options.progress, options.watcher
        )

    def record(self, conditions: Conditions) -> RunFacts:
        """Return all that was measured. Call it when all workers are reaped."""
        return LifecycleRecord(self._workload, self.supervisor, self.pool, conditions).facts()
