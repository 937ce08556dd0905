"""One run on real processes, from the first check to the record."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from typing import Any

from kernel.dispatch_price import Price
from kernel.process.program import RELEASE
from kernel.scheduling.policy_errors import policy_errors_of
from kernel.workload import Workload
from real.cells import GAP
from real.dispatched.machine import LOG_BOUND, RealMachine, Watcher
from real.dispatched.pool import Pool, WorkerHandle
from real.dispatched.record import (
    Measured,
    MeasuredTrack,
    Windows,
    beside_runs,
    dispatch_times,
    still_unseen,
    switches,
    with_compaction,
)
from real.dispatched.waiting import Deadline, SupervisorWaiting, deadline, disturbances
from real.dispatched.warm_up import WarmUp
from real.host import probe, syscalls
from real.host.cpus import Cpus, choose_cpus
from real.host.ftrace import KernelTrace, traced, undoing
from real.host.interrupts import Interruptions
from real.host.os_errors import refusal
from real.host.privilege import REAL_TIME, punctual, raised_file_limit
from real.memory.physical import PhysicalMemory
from real.native.run import run_native
from timeline.record.assembly import RunFacts, make_run
from timeline.record.metrics import ProcessFacts
from timeline.record.run import REAL, Observation, Run
from timeline.record.sorted_run import SLACK

UNPRIVILEGED = "none: switches are less punctual than with real-time priority (run as root)"


def default_timeout(workload: Workload) -> int:
    """Generous: a minute, and five times as long as everything one after the other. In ns."""
    work = sum(sum(spec.program.durations) for spec in workload.processes)
    last = max(
        spec.arrival + spec.program.places.count(RELEASE) * (spec.period or 0)
        for spec in workload.processes
    )
    return 60_000_000_000 + 5 * (work + last)


def run_real(
    workload: Workload,
    timeout: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
    *,
    explain: bool = False,
    trace: bool = False,
    remark: Callable[[str], None] = lambda text: None,
    watcher: Watcher | None = None,
    wall: int | None = None,
    price: Price | None = None,
    beside: Callable[[], Sequence[int]] = list,
) -> Run:
    """Run the workload on real processes. `timeout` in ns; the rest as in `simulate`.
    `wall`, ns, is how long any run may take here, whatever its timeout.

    The record has the `price` of a dispatch that held, and the pids of the real runs `beside` it.

    A `watcher` is offered a look at the run at most ten times a second, when there is time.

    Nothing is left when it returns or raises. A run that was stopped before its end says why in
    `stopped` and holds what was recorded until then. Raises UsageError for what this machine cannot
    do, MultiprogError for what it refuses (no more processes, memory, descriptors). With `trace`
    the kernel's own record of its switches is added; `remark` hears why, if it cannot be.
    """
    cpus = choose_cpus(workload)
    until = deadline(timeout or default_timeout(workload), wall)
    tracing = KernelTrace(cpus.cores) if trace else None
    before = probe.cpu_of_all()
    try:
        with raised_file_limit():
            if workload.scheduler.dispatch == "none":
                facts = run_native(workload, cpus, until, progress, tracing)
            else:
                facts = _run(workload, cpus, until, progress, explain, watcher, tracing)
    except OSError as error:
        raise refusal(error) from None
    for text in facts.disturbances:
        if not (facts.stopped or "").startswith(text):
            remark(text)
    facts.others = probe.others(before, cpus.cores)
    if tracing is not None and tracing.refused is not None:
        remark(tracing.refused)
    elif tracing is not None:
        facts.kernel_trace = traced(tracing, facts.machine["epoch_ns"], cpus.cores)
    facts.price, facts.beside = price, beside()
    return make_run(facts)


@dataclass(slots=True)
class Conditions:
    """Under what conditions it ran."""

    cpus: Cpus
    privilege: list[str] = field(default_factory=list)  # what was granted
    stolen: int = 0  # ns that the hypervisor took from the cores

    @property
    def home(self) -> int | None:
        """The core that the supervisor shares with workers. None: it has one of its own, or is
        wherever the system puts it.
        """
        alone = self.cpus.spare or REAL_TIME not in self.privilege
        return None if alone else len(self.cpus.cores) - 1


def _run(
    workload: Workload,
    cpus: Cpus,
    until: Deadline,
    progress: Callable[[int], None],
    explain: bool,
    watcher: Watcher | None,
    tracing: KernelTrace | None,
) -> RunFacts:
    sizes = [spec.memory for spec in workload.processes]
    memory = PhysicalMemory(workload.memory, sizes) if workload.memory else None
    pool, machine = _make(workload, memory, cpus, progress, explain, watcher)
    conditions, stopped = Conditions(cpus), None
    syscalls.set_subreaper(True)
    try:
        warm_up = WarmUp(workload.scheduler).step
        with (
            Interruptions(
                workload.scheduler.patience if workload.scheduler.own else None
            ) as interruptions,
            closing(SupervisorWaiting(cpus, pool, interruptions, until, warm_up)) as waiting,
            pool.guarded(*undoing(tracing)),
            tracing or nullcontext(),
        ):
            try:
                pool.start()
                stolen = probe.steal_ns(cpus.cores)
                pool.take_places()
                with (
                    punctual(cpus.spare, cpus.cores[-1]) as granted,
                    policy_errors_of(machine.system.dispatcher.policy_class),
                ):
                    conditions.privilege = granted + pool.put_ahead()
                    stopped = machine.execute(waiting)
                conditions.stolen = probe.steal_ns(cpus.cores) - stolen
            finally:
                pool.close()
        facts = _gathered(workload, machine, pool, conditions, stopped)
        facts.disturbances = disturbances(waiting)
        return facts
    finally:
        syscalls.set_subreaper(False)
        pool.shared.close()
        if memory is not None:
            memory.close()


def _make(
    workload: Workload,
    memory: PhysicalMemory | None,
    cpus: Cpus,
    progress: Callable[[int], None],
    explain: bool,
    watcher: Watcher | None,
) -> tuple[Pool, RealMachine]:
    """The workers, and their supervisor."""
    if workload.lifecycle is None:
        pool = Pool(workload.processes, memory, cpus)
        machine = RealMachine(workload, pool, cpus, progress, explain=explain, watcher=watcher)
        return pool, machine
    from real.lifecycle.machine import RealLifecycleMachine
    from real.lifecycle.pool import LifecyclePool

    pool = LifecyclePool(workload, memory, cpus)
    living = RealLifecycleMachine(workload, pool, cpus, progress, explain=explain, watcher=watcher)
    return pool, living


def _gathered(
    workload: Workload,
    machine: RealMachine,
    pool: Pool,
    conditions: Conditions,
    stopped: str | None,
) -> RunFacts:
    journal = machine.journal
    measured = _measure(machine, pool, conditions.cpus, stopped is not None)
    switching, dead = switches(
        measured.intervals, journal.dispatches, workload.cores, journal.early, measured.copying
    )
    late = journal.lag_max
    if stopped is not None:
        late = max(late, still_unseen(measured.intervals, journal.dispatches, workload.cores))
    overheads = beside_runs([*measured.overheads, *switching], measured.intervals, workload.cores)
    facts = RunFacts(
        REAL,
        workload,
        intervals=measured.intervals,
        processes=_facts(workload, machine, pool, measured),
        machine={
            **probe.describe_host(conditions.cpus.cores),
            "privilege": ", ".join(conditions.privilege) or UNPRIVILEGED,
            "dispatch": {
                "slack_ns": SLACK + late,
                "early_ns": journal.early,
                "supervisor_core": conditions.home,
            }
            | dispatch_times(dead, late),
            "corrections": journal.corrections,
            "lag_limit_ns": machine.lag,
            "lag_max_ns": journal.lag_max,
            "resolution_ns": GAP,
            "epoch_ns": machine.epoch,
            "steal_ns": conditions.stolen,
            "memory_scale": pool.memory.scale if pool.memory else None,
            **_compaction(workload, pool),
            **machine.about(),
            **_swapping(pool),
            "log": {"coalesced": pool.coalesced(), "bound": LOG_BOUND},
        },
        overheads=with_compaction(overheads, measured.copying),
        memory_events=journal.memory,
        stopped=stopped,
        decisions=machine.system.dispatcher.decisions,
        **machine.more(),
    )
    said = [Observation(at, name, "psutil", view) for at, name, view in journal.said if view]
    facts.observations = [*facts.observations, *said]
    return facts


def _measure(machine: RealMachine, pool: Pool, cpus: Cpus, stopped: bool) -> Measured:
    journal, epoch = machine.journal, machine.epoch
    measured = Measured(copying=Windows([moment - epoch for moment in pool.moves.copying]))
    # a supervisor with a core of its own cannot have been what took a worker's
    at_work = Windows(() if cpus.spare else journal.at_work)
    for process, worker in zip(machine.system.processes, pool.workers, strict=False):
        arrived = machine.arrival(process)
        if arrived is None:
            continue
        life = MeasuredTrack(
            process,
            journal.changes[process.index],
            journal.dispatches[process.index],
            array("q", [moment - epoch for moment in worker.running_intervals]),
            at_work,
            journal.early,
            journal.ended_at if stopped else None,
            journal.before.get(process.index),
            journal.admissions.get(process.index),
            arrived,
        )
        for interval in life.intervals:
            measured.intervals.add(interval)
        measured.overheads.extend(life.overheads)
        measured.ends[process.index] = life.at if life.died is None else life.died
    return measured


def _facts(
    workload: Workload, machine: RealMachine, pool: Pool, measured: Measured
) -> Sequence[ProcessFacts]:
    facts, journal = [], machine.journal
    for spec, worker in zip(workload.processes, pool.workers, strict=True):
        wall, region = journal.admissions.get(spec.index, (None, None))
        ended, more = spec.index in journal.departures, machine.facts(spec.index)
        facts.append(
            ProcessFacts(
                admitted=wall if wall is None or region else more.get("arrival") or spec.arrival,
                completion=measured.ends.get(spec.index) if ended else None,
                exitcode=worker.exitcode if ended else None,
                jobs=journal.jobs[spec.index],
                region=region,
                pid=worker.pid,
                cpu=_cpu(worker) if ended else None,
                reaped=(worker.reaped or 0) - machine.epoch if ended else None,
                **more,
            )
        )
    return facts


def _cpu(worker: WorkerHandle) -> int:
    """What it had, ns: of its finished bursts exactly, of one that was cut off as it saw it."""
    killed = (worker.exitcode or 0) < 0 and not worker.fate
    return worker.received() if killed else worker.cpu_time()


def _compaction(workload: Workload, pool: Pool) -> dict[str, Any]:
    """How many moves there were, their bytes (as the scenario has them), and how long they took."""
    if workload.memory is None or workload.memory.compaction == "never":
        return {}
    moves = pool.moves
    return {"compaction": {"moves": moves.count, "bytes": moves.size, "took_ns": moves.took()}}


def _swapping(pool: Pool) -> dict[str, Any]:
    """How many transfers there were, their bytes (as the scenario has them), how long they took."""
    if pool.swapper is None or pool.memory is None:
        return {}
    swapper, scale = pool.swapper, pool.memory.scale
    return {
        "swapping": {
            "transfers": swapper.transfers,
            "bytes": swapper.bytes // scale,
            "took_ns": swapper.took(),
        }
    }
