"""The parts of a run document that are known before the run: machine, scheduler, memory events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kernel.hardware import Costs, DeviceSpec, MemorySpec
from kernel.lifecycle.gil import SWITCH_INTERVAL
from kernel.scheduling.explain import Decision
from kernel.workload import Workload
from timeline.record.intervals import Intervals
from timeline.record.memory_steps import with_memory_steps
from timeline.record.metrics import ProcessFacts, summarize
from timeline.record.run import SIMULATED, LifecycleEvent, MemoryEvent, Observation, Overhead, Run


def describe_machine(backend: str, workload: Workload) -> dict[str, Any]:
    """`machine` as the scenario asks for it. A real machine's costs (ns) are its own."""
    return {
        **_life_of(workload),
        "cores": workload.cores,
        "memory": workload.memory and describe_memory(workload.memory, workload.devices),
        "devices": {device.name: {"units": device.units} for device in workload.devices},
        "costs": describe_costs(workload.costs) if backend == SIMULATED else {},
        **_reservations(workload),
    }


def _life_of(workload: Workload) -> dict[str, Any]:
    """`machine.life`, where processes start, end or wait for each other, or have threads."""
    if workload.lifecycle is None:
        return {}
    threads = [spec.name for spec in workload.processes if spec.kinship.thread]
    more = {"threads": threads, "switch_interval_ns": SWITCH_INTERVAL} if threads else {}
    return {"life": {"start_method": workload.lifecycle.start_method, **more}}


def describe_costs(costs: Costs) -> dict[str, int]:
    """`machine.costs`, ns each."""
    return {
        name: ns for name, ns in asdict(costs).items() if name not in ("in_virtual_time", "price")
    }


def _reservations(workload: Workload) -> dict[str, list[str]]:
    """Who has a runtime of its own (`class: deadline`), and no more than that, under Linux."""
    names = [spec.name for spec in workload.processes if spec.linux.runtime is not None]
    return {"reservations": names} if names else {}


def describe_memory(memory: MemorySpec, devices: Sequence[DeviceSpec] = ()) -> dict[str, Any]:
    """`machine.memory`: the size and the scheme, with those of its keys that have a meaning."""
    about: dict[str, Any] = {"size": memory.size, "scheme": memory.scheme}
    if memory.scheme == "fixed":
        about |= {"partitions": list(memory.partitions), "queues": memory.queues}
    elif memory.scheme == "buddy":
        about["min_block"] = memory.min_block
    elif memory.holes:
        about["holes"] = list(memory.holes)
    if memory.compaction != "never":
        about["compaction"] = memory.compaction
    if memory.scheme != "buddy" and memory.queues == "single":
        about["fit"] = memory.fit
    if memory.queues == "single":
        about["admission"] = memory.admission
    if memory.swap is not None:
        about["swap"] = {
            "out": memory.swap.out,
            "device": devices[memory.swap.device].name,
            "rate": memory.swap.rate,
        }
    if memory.max_resident is not None:
        about["max_resident"] = memory.max_resident
    return about


def describe_scheduler(workload: Workload) -> dict[str, Any]:
    """`scheduler`: the policy, its parameters (ns where they are durations), ties and queues.

    The policy's own rule for ties is with them, since a student's policy is known nowhere else.
    `longest_slice_ns`: of those that programs ask for, if the machine's own scheduler decides.
    """
    scheduler = workload.scheduler
    asked = [spec.linux.slice for spec in workload.processes if spec.linux.slice is not None]
    return {
        "policy": scheduler.name,
        **scheduler.parameters,
        "ties": scheduler.ties,
        "tie_rule": scheduler.policy.tie_rule,
        "queues": scheduler.queues,
        "balance": scheduler.balance,
        **({} if scheduler.dispatch == "ours" else {"dispatch": scheduler.dispatch}),
        **({"longest_slice_ns": max(asked)} if asked and scheduler.dispatch == "none" else {}),
    }


def make_run(
    backend: str,
    workload: Workload,
    intervals: Intervals,
    facts: Sequence[ProcessFacts],
    *,
    machine: Mapping[str, Any] | None = None,
    overheads: Iterable[Overhead] = (),
    memory_events: Iterable[MemoryEvent] = (),
    decisions: Sequence[Decision] | None = None,
    stopped: str | None = None,
    stuck: Sequence[str] = (),
    life: Iterable[LifecycleEvent] | None = None,
    observations: Iterable[Observation] = (),
) -> Run:
    """The whole record of one run. `machine` adds to or replaces what the scenario asked for.

    A process that was never started is not in it. `life` None: everybody is born at arrival, and
    reaped at once.
    """
    overheads = list(overheads)
    summary = summarize(workload, intervals, facts, overheads)
    run = Run(
        backend=backend,
        scenario=workload.source,
        scheduler=describe_scheduler(workload),
        machine={**describe_machine(backend, workload), **(machine or {})},
        makespan_ns=summary.makespan_ns,
        cores=summary.cores,
        processes=summary.processes,
        averages=summary.averages,
        intervals=intervals,
        overheads=overheads,
        memory_events=with_memory_steps(workload, intervals, facts, memory_events),
        life=sorted(_life(workload, facts) if life is None else life, key=_moment),
        observations=list(observations),
        decisions=decisions,
        stopped=stopped,
        stuck=list(stuck),
    )
    return run if workload.lifecycle is None else _without_the_unborn(run, workload, facts)


def _without_the_unborn(run: Run, workload: Workload, facts: Sequence[ProcessFacts]) -> Run:
    """Only those that were born: an interval's process is its place among these."""
    born = [
        spec.index
        for spec, fact in zip(workload.processes, facts, strict=True)
        if spec.kinship.parent < 0 or fact.arrival is not None
    ]
    if len(born) == len(facts):
        return run
    place = {index: at for at, index in enumerate(born)}
    rows = Intervals()
    for row in run.intervals:
        rows.add(row._replace(process=place[row.process]))
    run.intervals = rows
    return run


def blank_run(backend: str, workload: Workload) -> Run:
    """The record of a run that has not begun, with every process that may ever be in it."""
    facts = [ProcessFacts(arrival=spec.arrival) for spec in workload.processes]
    return make_run(backend, workload, Intervals(), facts)


def _moment(event: LifecycleEvent) -> int:
    return event.at_ns


def _life(workload: Workload, facts: Sequence[ProcessFacts]) -> Iterable[LifecycleEvent]:
    """Born at arrival, exited at completion, reaped at once by the one that started it."""
    for spec, fact in zip(workload.processes, facts, strict=True):
        yield LifecycleEvent(spec.arrival, "born", spec.name, "scenario")
        if fact.completion is not None:
            yield LifecycleEvent(fact.completion, "exited", spec.name, spec.name)
            yield LifecycleEvent(fact.reaped or fact.completion, "reaped", spec.name, "supervisor")
