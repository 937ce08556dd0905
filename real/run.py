"""One run on real processes, from the first check to the record.

There are three kinds of real run. In a dispatched run (`real.dispatched`) the supervisor dispatches
independent processes. In a lifecycle run (`real.lifecycle`) it dispatches processes that start and
end each other. In a native run (`real.native`) the operating system schedules the processes. The
order in which a run is opened, started, executed, closed and recorded is the same for all three
kinds. This module has that order. Each kind supplies its parts (`RunParts`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Protocol

from kernel.dispatch_price import Price
from kernel.process.program import RELEASE
from kernel.workload import Workload
from real.dispatched.chores import Watcher
from real.dispatched.run import DispatchedRun, RunOptions
from real.host import probe, syscalls
from real.host.cpus import Cpus, choose_cpus
from real.host.ftrace import KernelTrace, traced, undoing
from real.host.interrupts import Interruptions
from real.host.os_errors import refusal
from real.host.privilege import raised_file_limit
from real.lifecycle.run import LifecycleRun
from real.native.run import NativeRun
from real.supervisor.conditions import Conditions
from real.supervisor.ending import Deadline, deadline
from real.supervisor.pool import Pool
from real.supervisor.waiting import SupervisorWaiting
from timeline.record.assembly import RunFacts, make_run
from timeline.record.run import Run
from translation import tr


class RunParts(Protocol):
    """What each kind of real run supplies. The methods are called in the order below."""

    @property
    def pool(self) -> Pool:
        """Return the pool of the workers."""

    @property
    def answer_limit(self) -> int | None:
        """Return how long one answer of the policy may take, ns; None: as long as it likes."""

    def make_warm_up(self) -> Callable[[], None]:
        """Return the function that the supervisor calls after each sleep."""

    def start(self) -> None:
        """Start the workers, and wait until each of them waits for the run to begin."""

    def privileges(self) -> AbstractContextManager[list[str]]:
        """Take the privileges that the system grants, in a context. It yields them in words."""

    def execute(self, waiting: SupervisorWaiting) -> str | None:
        """Run until the last program has ended. Return why it was stopped before that, if so."""

    def close(self) -> None:
        """End all workers, and take what they have logged."""

    def record(self, conditions: Conditions) -> RunFacts:
        """Return all that was measured. Its `machine["epoch_ns"]` is the epoch, absolute ns."""

    def free(self) -> None:
        """Free what the run held, after the record was made, or after an error."""


def default_timeout(workload: Workload) -> int:
    """Return a generous limit for the run, ns.

    It is a minute, and five times what the run takes if all programs execute one after the other
    from the last arrival on.
    """
    work = sum(sum(spec.program.durations) for spec in workload.processes)
    last = max(spec.release(spec.program.places.count(RELEASE)) for spec in workload.processes)
    return 60_000_000_000 + 5 * (work + last)


def run_real(
    workload: Workload,
    timeout: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
    *,
    explain: bool = False,
    trace: bool = False,
    remark: Callable[[str], None] = lambda _text: None,
    watcher: Watcher | None = None,
    wall: int | None = None,
    price: Price | None = None,
    beside: Callable[[], Sequence[int]] = list,
) -> Run:
    """Run the workload on real processes, and return the record.

    `timeout` is in ns. `progress` and `explain` are as in `simulate`. `wall`, ns, is how long any
    run may take here, whatever its timeout. A `watcher` is offered a look at the run at most ten
    times a second, when the supervisor has time. With `trace` the kernel's own record of its
    switches is added. `remark` is told what other programs did to the run, and why the kernel's
    record is missing if it is. The record has the `price` of a dispatch on this machine at this
    time, and the pids of the real runs that went on at the same time, which `beside` returns.

    No process of the run is left when this function returns or raises. A run that was stopped
    before its end says why in `stopped`, and has what was recorded until then. Raises UsageError
    for what this machine cannot do, and MultiprogError for what it refuses (no more processes,
    memory or descriptors).
    """
    cpus = choose_cpus(workload)
    until = deadline(timeout or default_timeout(workload), wall)
    tracing = KernelTrace(cpus.cores) if trace else None
    before = probe.cpu_of_all()
    try:
        with raised_file_limit():
            parts = _parts(workload, cpus, RunOptions(progress, explain, watcher))
            facts = _run(parts, cpus, until, tracing)
    except OSError as error:
        raise refusal(error) from None
    for text in facts.disturbances:
        if not (facts.stopped or "").startswith(text):
            remark(tr(text))
    facts.others = probe.others(before, cpus.cores)
    if tracing is not None and tracing.refused is not None:
        remark(tracing.refused)
    elif tracing is not None:
        facts.kernel_trace = traced(tracing, facts.machine["epoch_ns"], cpus.cores)
    facts.price, facts.beside = price, beside()
    return make_run(facts)


def _parts(workload: Workload, cpus: Cpus, options: RunOptions) -> RunParts:
    if workload.scheduler.dispatch == "none":
        return NativeRun(workload, cpus, options.progress)
    if workload.lifecycle is None:
        return DispatchedRun(workload, cpus, options)
    return LifecycleRun(workload, cpus, options)


def _run(parts: RunParts, cpus: Cpus, until: Deadline, tracing: KernelTrace | None) -> RunFacts:
    """Open, start, execute, close and record a real run of any kind. Return what was measured."""
    syscalls.set_subreaper(True)
    try:
        with (
            Interruptions(parts.answer_limit) as interruptions,
            closing(
                SupervisorWaiting(cpus, parts.pool, interruptions, until, parts.make_warm_up())
            ) as waiting,
            parts.pool.guarded(*undoing(tracing)),
            tracing or nullcontext(),
        ):
            try:
                parts.start()
                with parts.privileges() as granted:
                    stolen = probe.steal_ns(cpus.cores)
                    stopped = parts.execute(waiting)
                    stolen = probe.steal_ns(cpus.cores) - stolen
            finally:
                parts.close()
        facts = parts.record(Conditions(cpus, granted, stopped))
        facts.stopped, facts.disturbances = stopped, waiting.disturbances()
        host = probe.describe_host(cpus.cores)
        facts.machine = {**host, **facts.machine, "steal_ns": stolen}
        return facts
    finally:
        syscalls.set_subreaper(False)
        parts.free()
