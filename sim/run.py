"""Run the model of a workload: choose the machine, execute it, assemble the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.hardware import Costs
from kernel.workload import Workload
from sim.machine import SimulatedMachine
from sim.virtual_time_costs import can_charge_in_virtual_time, charged_in_virtual_time
from timeline.record.assembly import RunFacts, make_run
from timeline.record.metrics import Summary
from timeline.record.run import SIMULATED, Run

if TYPE_CHECKING:
    from timeline.files.streaming import Streamed


def simulate(
    workload: Workload,
    progress: Callable[[int], None] = lambda _: None,
    *,
    explain: bool = False,
) -> Run:
    """Return the run of the model. The same workload gives the same record, to the byte.

    `progress` is called now and then with the number of programs that have ended. With `explain`
    the record has every decision and its keys.
    """
    later = workload.costs.in_virtual_time and can_charge_in_virtual_time(workload)
    executed = replace(workload, costs=Costs()) if later else workload
    machine = _machine_for(workload)(executed, progress, explain)
    machine.execute()
    facts = _facts_of(executed, machine)
    return make_run(charged_in_virtual_time(workload, facts) if later else facts)


def stream(
    workload: Workload, record: Streamed, progress: Callable[[int], None] = lambda _: None
) -> Summary:
    """Run the model, and write its record during the run. Return the summary.

    Only the processes that are alive are kept in memory.
    """
    SimulatedMachine(workload, progress, record=record).execute()
    return record.close()


def _machine_for(workload: Workload) -> type[SimulatedMachine]:
    if workload.lifecycle is None:
        return SimulatedMachine
    from sim.lifecycle import SimulatedLifecycle  # few workloads need it

    return SimulatedLifecycle


def _facts_of(workload: Workload, machine: SimulatedMachine) -> RunFacts:
    record = machine.record
    return RunFacts(
        SIMULATED,
        workload,
        intervals=record.intervals,
        processes=record.all_facts(len(workload.processes)),
        overheads=record.overheads,
        memory_events=record.memory_events,
        lifecycle=machine.lifecycle_events,
        observations=machine.observations,
        decisions=machine.decisions,
        stopped=machine.stopped,
        stuck=machine.stuck,
        deadlock=machine.deadlock,
    )
