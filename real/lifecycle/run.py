"""A lifecycle run: a dispatched run whose processes start, join and end each other."""

from __future__ import annotations

from real.dispatched.run import DispatchedRun
from real.lifecycle.machine import RealLifecycleMachine
from real.lifecycle.pool import LifecyclePool
from real.lifecycle.record import LifecycleRecord
from real.lifecycle.supervisor import LifecycleSupervisor
from real.supervisor.recorded import Conditions, Recorded


class LifecycleRun(DispatchedRun):
    """Its parts that are others than those of a dispatched run."""

    pool: LifecyclePool
    supervisor: LifecycleSupervisor

    def _make(self) -> None:
        workload, cpus, wishes = self._workload, self._cpus, self._wishes
        self.pool = LifecyclePool(workload, self._memory, cpus)
        spare = bool(cpus.spare)
        machine = RealLifecycleMachine(workload, self.pool, spare=spare, explain=wishes.explain)
        self.supervisor = LifecycleSupervisor(
            workload, machine, self.pool, cpus, wishes.progress, wishes.watcher
        )

    def record(self, conditions: Conditions) -> Recorded:
        return LifecycleRecord(self._workload, self.supervisor, self.pool, conditions).recorded()
