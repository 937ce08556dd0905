"""Make the `Run` of one run from its gathered facts. It is made once and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from kernel.dispatch_price import Price
from kernel.process.spec import ProcessSpec
from kernel.process.waits_for import WaitsFor
from kernel.scheduling.explain import Decision
from kernel.workload import Workload
from timeline.record.description import describe_machine, describe_scheduler
from timeline.record.intervals import Intervals
from timeline.record.kernel_trace import TraceFacts, describe_trace
from timeline.record.memory_steps import with_memory_steps
from timeline.record.metrics import ProcessFacts, Summary, summarize
from timeline.record.run import (
    Divergence,
    LifecycleEvent,
    MemoryEvent,
    Observation,
    Overhead,
    Run,
)


@dataclass(slots=True)
class RunFacts:
    """All that is known of one run when it is over. `make_run` makes the `Run` from it."""

    backend: str  # SIMULATED | REAL
    workload: Workload

    # what the machine that ran it knows
    intervals: Intervals = field(default_factory=Intervals)
    processes: Sequence[ProcessFacts] = ()  # in file order
    overheads: Iterable[Overhead] = ()
    memory_events: Iterable[MemoryEvent] = ()
    lifecycle: Iterable[LifecycleEvent] | None = None
    """None: every process is born at its arrival, and reaped when it exits."""
    observations: Iterable[Observation] = ()
    decisions: Sequence[Decision] | None = None
    stopped: str | None = None
    stuck: Sequence[str] = ()
    deadlock: Sequence[WaitsFor] = ()
    divergences: Sequence[Divergence] = ()
    machine: Mapping[str, Any] = field(default_factory=dict)
    """Entries of `machine` that the machine adds, or that replace those of the scenario."""

    # what was measured on a real machine before and during the run
    disturbances: Sequence[str] = ()  # what signals from outside did to the run, in sentences
    others: Sequence[Mapping[str, Any]] | None = None  # other programs on its cores: CPU time
    kernel_trace: TraceFacts | None = None
    price: Price | None = None  # of a dispatch, as measured before the run
    beside: Sequence[int] = ()  # pids of other real runs at the same time; 0: unknown


def make_run(facts: RunFacts) -> Run:
    """Return the whole record of one run. A process that was never started is not in it."""
    workload, overheads = facts.workload, list(facts.overheads)
    summary = summarize(workload, facts.intervals, facts.processes, overheads)
    return Run(
        backend=facts.backend,
        scenario=workload.source,
        scheduler=describe_scheduler(workload),
        machine=_whole_machine(facts, summary),
        makespan_ns=summary.makespan_ns,
        cores=summary.cores,
        processes=summary.processes,
        averages=summary.averages,
        intervals=_of_born_processes(facts),
        overheads=overheads,
        memory_events=with_memory_steps(
            workload, facts.intervals, facts.processes, facts.memory_events
        ),
        lifecycle=sorted(_lifecycle(facts), key=attrgetter("at_ns")),
        observations=list(facts.observations),
        decisions=facts.decisions,
        stopped=facts.stopped,
        stuck=list(facts.stuck),
        deadlock=list(facts.deadlock),
        divergences=list(facts.divergences),
    )


def blank_run(backend: str, workload: Workload) -> Run:
    """Return the record of a run that has not begun, with every process that may take part."""
    processes = [ProcessFacts(arrival=spec.arrival) for spec in workload.processes]
    return make_run(RunFacts(backend, workload, processes=processes))


def _whole_machine(facts: RunFacts, summary: Summary) -> dict[str, Any]:
    """Return `machine`: what the scenario asks for, what the machine is, what else ran on it."""
    machine = {**describe_machine(facts.backend, facts.workload), **facts.machine}
    if facts.disturbances:
        machine["disturbances"] = list(facts.disturbances)
    if facts.others is not None:
        machine["others"] = list(facts.others)
    if facts.kernel_trace is not None:
        machine["kernel_trace"] = describe_trace(
            facts.kernel_trace, summary.processes, summary.makespan_ns
        )
    if facts.price is not None:
        machine["price"] = facts.price.to_json()
    if facts.beside:
        machine["beside"] = [{"pid": pid} for pid in facts.beside]
    return machine


def _of_born_processes(facts: RunFacts) -> Intervals:
    """Return the intervals, with processes numbered as in `Run.processes`.

    A process that was never started has no number there.
    """
    born = [
        spec.index
        for spec, fact in zip(facts.workload.processes, facts.processes, strict=True)
        if spec.kinship.parent < 0 or fact.arrival is not None
    ]
    if len(born) == len(facts.processes):
        return facts.intervals
    place = {index: at for at, index in enumerate(born)}
    rows = Intervals()
    for row in facts.intervals:
        rows.add(row._replace(process=place[row.process]))
    return rows


def _lifecycle(facts: RunFacts) -> Iterable[LifecycleEvent]:
    """Return the recorded starts and ends of the processes, or make them from their facts."""
    if facts.lifecycle is not None:
        return facts.lifecycle
    rows = zip(facts.workload.processes, facts.processes, strict=True)
    return [event for spec, fact in rows for event in _starts_and_ends(spec, fact)]


def _starts_and_ends(spec: ProcessSpec, fact: ProcessFacts) -> Iterator[LifecycleEvent]:
    """Yield the events of a process that the scenario starts and the supervisor reaps."""
    yield LifecycleEvent(spec.arrival, "born", spec.name, "scenario")
    if fact.completion is not None:
        yield LifecycleEvent(fact.completion, "exited", spec.name, spec.name)
        yield LifecycleEvent(fact.reaped or fact.completion, "reaped", spec.name, "supervisor")
