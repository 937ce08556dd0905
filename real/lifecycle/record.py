"""The record of a lifecycle run: what its calls returned, and when its processes were born."""

from __future__ import annotations

from dataclasses import replace

from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from real.dispatched.record import DispatchedRecord, Measured
from real.dispatched.worker_handle import WorkerHandle
from real.lifecycle.pool import LifecyclePool
from real.lifecycle.supervisor import LifecycleSupervisor
from real.supervisor.conditions import Conditions
from timeline.record.assembly import RunFacts
from timeline.record.metrics import ProcessFacts


class LifecycleRecord(DispatchedRecord):
    """Makes the record of one run, after all of its workers are reaped."""

    def __init__(
        self,
        workload: Workload,
        supervisor: LifecycleSupervisor,
        pool: LifecyclePool,
        conditions: Conditions,
    ) -> None:
        super().__init__(workload, supervisor, pool, conditions)
        self._system = supervisor.system
        self._stuck = supervisor.stuck
        self._deadlock = supervisor.deadlock
        self._divergences = supervisor.divergences
        self._runner = supervisor.runner

    def facts(self) -> RunFacts:
        """Return all that was measured and noted, and what the calls returned."""
        facts, runner = super().facts(), self._runner
        return replace(
            facts,
            lifecycle=runner.events,
            stuck=self._stuck,
            deadlock=self._deadlock,
            divergences=self._divergences,
            observations=[*runner.observations, *facts.observations],
        )

    def _process(self, spec: ProcessSpec, worker: WorkerHandle, measured: Measured) -> ProcessFacts:
        facts = super()._process(spec, worker, measured)
        demand = self._system.demand(self._system.processes[spec.index])
        return replace(facts, arrival=self._runner.births.get(spec.index), demand=demand)

    def _arrival_of(self, spec: ProcessSpec) -> int:
        return self._runner.births.get(spec.index) or spec.arrival

    def _machine(self) -> dict[str, object]:
        return super()._machine() | {"calls": self._runner.describe()}
