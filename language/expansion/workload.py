"""Make the workload of a checked scenario: all names are written out, all draws are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from heapq import merge
from typing import Any

from kernel.hardware import Costs, DeviceSpec, MemorySpec
from kernel.process.calls import LifecycleRules
from kernel.process.linux_attributes import Group
from kernel.process.spec import ProcessSpec
from kernel.process.start_methods import DEFAULT
from kernel.workload import Drawn, SchedulerSpec, Workload
from language.expansion.children import Births
from language.expansion.entries import (
    entries_of,
    has_lifecycle,
    names_of,
    processes_of,
    processes_of_entries,
)
from language.expansion.errors import NotDrawnError
from language.expansion.pools import pools_of
from language.expansion.programs import Programs
from language.expansion.shared_objects import shared_objects
from language.expansion.started import started_processes, threads
from language.schema.machine import MachineSection
from language.schema.memory import MemorySection
from language.schema.process import Every, ProcessEntry
from language.schema.scenario import Scenario
from language.schema.steps import has_lifecycle_steps, has_memory_steps
from translation import tr


def workload(
    scenario: Scenario,
    scheduler: SchedulerSpec,
    source: Mapping[str, Any],
    children: int,
    drawn: bool = False,
) -> Workload:
    """Return the workload of a checked scenario, with at most `children` started processes.

    With `drawn` the same processes are made only when they arrive. Raises TooLongError (with
    `drawn`, while the workload runs), TooManyError, CalledWithoutMemoryError and NotDrawnError.
    """
    devices = tuple(
        DeviceSpec(
            name,
            device.units if isinstance(device.units, int) else None,
            device.queue,
            device.head,
            tuple((change.at, change.units) for change in device.changes or ()),
        )
        for name, device in scenario.machine.devices.items()
    )
    return Workload(
        source=source,
        cores=scenario.machine.cores,
        devices=devices,
        memory=_memory(scenario.machine, scenario.memory),
        scheduler=scheduler,
        processes=() if drawn else tuple(_in_groups(_processes(scenario, children))),
        drawn=_drawn(scenario) if drawn else None,
        expect=scenario.expect.plain() if scenario.expect is not None else None,
        time_unit=scenario.time_unit,
        start_method=scenario.starts_by,
        costs=_costs(scenario.machine),
        lifecycle=_lifecycle(scenario),
    )


def redraws(scenario: Scenario, workload: Workload) -> Callable[[int], Workload]:
    """Return a function that makes the workload of the same scenario with another seed.

    `workload` is that of a checked scenario without calls. The steps of its programs are planned
    once, so a call takes little more than its draws. The function raises TooLongError.
    """
    entries = entries_of(Programs(scenario, Births(_many(scenario), 0, set())))

    def redrawn(seed: int) -> Workload:
        made = [spec for each in processes_of(entries, seed) for spec in each]
        source = {**workload.source, "seed": seed}
        return replace(workload, source=source, processes=tuple(made))

    return redrawn


def _lifecycle(scenario: Scenario) -> LifecycleRules | None:
    """Return the lifecycle rules; None if no process has threads or lifecycle steps."""
    if not has_lifecycle(scenario):
        return None
    return LifecycleRules(
        start_method=scenario.starts_by,
        by_default=scenario.start_method == DEFAULT,
        variables=scenario.variables,
        barriers=scenario.barriers,
        stall_timeout=scenario.stall_timeout,
        **shared_objects(scenario),
    )


def _memory(machine: MachineSection, memory: MemorySection | None) -> MemorySpec | None:
    if memory is None:
        return None if machine.memory is None else MemorySpec(machine.memory, scheme="variable")
    return memory.spec(machine.memory, list(machine.devices))


def _costs(machine: MachineSection) -> Costs:
    costs = machine.costs
    return Costs(
        costs.dispatch,
        costs.switch,
        costs.migration,
        costs.copy_per_mib,
        costs.fork,
        costs.spawn,
        costs.forkserver,
        switch_at=costs.switch_at,
    )


def _processes(scenario: Scenario, children: int) -> Iterator[ProcessSpec]:
    """Yield all processes of the file in its order, then the threads, then started processes."""
    births = Births(_many(scenario), children, set(), pools=pools_of(scenario))
    if has_lifecycle(scenario):
        births.names.update(name for process in scenario.processes for name in names_of(process))
    programs = Programs(scenario, births)
    for made in processes_of_entries(programs):
        yield from made
    yield from threads(programs)
    yield from started_processes(programs)


def _in_groups(made: Iterator[ProcessSpec]) -> Iterator[ProcessSpec]:
    """Yield the processes; each that another one starts is in the group of that one, as on Linux.

    A process that starts another one comes before it.
    """
    groups: dict[int, Group] = {}
    for spec in made:
        group = spec.linux.group or groups.get(spec.kinship.parent)
        if group is None:
            yield spec
            continue
        groups[spec.index] = group
        yield replace(spec, linux=replace(spec.linux, group=group))


def _drawn(scenario: Scenario) -> Drawn:
    """Return the processes of `_processes`, made when they arrive. Raises NotDrawnError."""
    programs = [process.program or [] for process in scenario.processes]
    if any(process.threads for process in scenario.processes):
        raise NotDrawnError(tr("threads cannot be streamed: save the run as .json"))
    if any(map(has_lifecycle_steps, programs)):
        raise NotDrawnError(
            tr(
                "processes that start, or wait for, others cannot be streamed: save the run as "
                ".json"
            )
        )
    if any(map(has_memory_steps, programs)):
        raise NotDrawnError(
            tr("steps in memory (alloc, free, touch) cannot be streamed: save the run as .json")
        )

    def make() -> Iterator[ProcessSpec]:
        none_started = Births(_many(scenario), 0, set())
        entries = processes_of_entries(Programs(scenario, none_started))
        return merge(*map(_in_order, scenario.processes, entries), key=_arrival)

    return Drawn(_many(scenario), make)


def _in_order(process: ProcessEntry, made: Iterator[ProcessSpec]) -> Iterator[ProcessSpec]:
    """Return the processes of an entry by arrival.

    If each arrival is drawn independently, all processes of the entry are made first, and sorted.
    """
    chained = isinstance(process.arrival, int | Every)
    return made if chained else iter(sorted(made, key=_arrival))


def _arrival(spec: ProcessSpec) -> tuple[int, int]:
    return spec.arrival, spec.index


def _many(scenario: Scenario) -> int:
    """Return how many processes the entries of the file make, without started processes."""
    return sum(process.count or 1 for process in scenario.processes)
