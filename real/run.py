"""One run on real processes, from the first check to the record."""

from __future__ import annotations

import statistics
import sys
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from kernel.errors import MultiprogError, UsageError
from kernel.scheduling.blame import blaming
from kernel.workload import Workload
from real import linux, probe
from real.crew import Crew
from real.machine import LAG, LOG_BOUND, RealMachine
from real.memory import PhysicalMemory
from real.privilege import punctual, raise_file_limit
from real.record import Life, Measured, Windows, switches
from real.rehearsal import Rehearsal
from real.signals import Interruptions
from real.worker import GAP
from timeline.describe import make_run
from timeline.metrics import Facts
from timeline.run import REAL, MemoryEvent, Observation, Run

LINGER = 300_000  # ns a worker keeps its core awake after a burst, if the supervisor has its own
UNPRIVILEGED = "none: switches are less punctual than with real-time priority (run as root)"


def check_machine(workload: Workload) -> list[int]:
    """The processors that will be cores 0, 1, … Raises UsageError for what cannot be here."""
    if not sys.platform.startswith("linux"):
        raise UsageError(
            "run-real needs Linux (signals, memfd, processor affinity); simulate works everywhere"
        )
    available = probe.available_cpus()
    if workload.cores > len(available):
        raise UsageError(
            f"machine.cores: {workload.cores} real cores are wanted and this machine has "
            f"{len(available)}; use --cores {len(available)}, or simulate"
        )
    return available[len(available) - workload.cores :]


def default_timeout(workload: Workload) -> int:
    """Generous: a minute, and five times as long as everything one after the other. In ns."""
    work = sum(sum(spec.program.durations) for spec in workload.processes)
    last = max(spec.arrival for spec in workload.processes)
    return 60_000_000_000 + 5 * (work + last)


def run_real(
    workload: Workload,
    timeout: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Run:
    """Run the workload on real processes. `timeout` in ns; `progress` as in `simulate`.

    Nothing is left when it returns or raises. A run that was stopped before its end says why in
    `stopped` and holds what was recorded until then. Raises UsageError for what this machine cannot
    do, MultiprogError for what it refuses (no more processes, memory, descriptors).
    """
    cpus = check_machine(workload)
    try:
        return _run(workload, cpus, timeout or default_timeout(workload), progress)
    except OSError as error:
        raise MultiprogError(f"this machine refused: {error}") from None


def _run(workload: Workload, cpus: list[int], timeout: int, progress: Callable[[int], None]) -> Run:
    spare = set(probe.available_cpus()) - set(cpus)
    raise_file_limit()
    memory = PhysicalMemory(workload.memory) if workload.memory else None
    crew = Crew(workload.processes, memory)
    rehearse = Rehearsal(workload.scheduler).step
    machine = RealMachine(workload, crew, memory, cpus, spare, progress, rehearse)
    privilege, stopped = "", None
    linux.set_subreaper(True)
    try:
        with Interruptions() as interruptions:
            try:
                crew.start(LINGER if spare else 0)
                stolen = probe.steal_ns(cpus)
                ahead = crew.put_ahead(spare)
                with punctual(spare) as granted, blaming(machine.system.policy):
                    privilege = ", ".join(granted + ["workers ahead of others"] * ahead)
                    stopped = machine.execute(interruptions, timeout)
                stolen = probe.steal_ns(cpus) - stolen
            finally:
                crew.close()
        return _record(workload, machine, crew, stopped, privilege, stolen, cpus, spare)
    finally:
        linux.set_subreaper(False)
        crew.shared.close()
        if memory is not None:
            memory.close()


def _record(
    workload: Workload,
    machine: RealMachine,
    crew: Crew,
    stopped: str | None,
    privilege: str,
    stolen: int,
    cpus: list[int],
    spare: set[int],
) -> Run:
    measured = _measure(machine, crew, spare, machine.stopped_at if stopped else None)
    switching, dead = switches(
        measured.intervals, machine.dispatches, workload.cores, machine.early
    )
    measured.overheads.extend(switching)
    measured.overheads.sort(key=lambda overhead: (overhead.start_ns, overhead.core))
    run = make_run(
        REAL,
        workload,
        measured.intervals,
        _facts(workload, machine, crew, measured),
        machine={
            **probe.describe_host(cpus),
            "privilege": privilege or UNPRIVILEGED,
            "dispatch": _dispatch_times(dead, machine.lag_max),
            "corrections": machine.corrections,
            "lag_limit_ns": LAG,
            "lag_max_ns": machine.lag_max,
            "resolution_ns": GAP,
            "steal_ns": stolen,
            "memory_scale": crew.memory.scale if crew.memory else None,
            "log": {"coalesced": crew.coalesced(), "bound": LOG_BOUND},
        },
        overheads=measured.overheads,
        memory_events=_memory_events(workload, machine),
        stopped=stopped,
    )
    run.observations.extend(
        Observation(at, name, "psutil", view) for at, name, view in machine.said if view
    )
    return run


def _measure(machine: RealMachine, crew: Crew, spare: set[int], stopped_at: int | None) -> Measured:
    measured = Measured()
    epoch = machine.epoch
    # a supervisor with a core of its own cannot have been what took a worker's
    at_work = Windows(() if spare else machine.at_work)
    for process, worker in zip(machine.system.processes, crew.workers, strict=False):
        life = Life(
            process,
            machine.journal[process.index],
            machine.dispatches[process.index],
            array("q", [moment - epoch for moment in worker.stints]),
            at_work,
            stopped_at,
        )
        for interval in life.intervals:
            measured.intervals.add(interval)
        measured.overheads.extend(life.overheads)
        measured.ends[process.index] = life.at
    return measured


def _facts(
    workload: Workload, machine: RealMachine, crew: Crew, measured: Measured
) -> Sequence[Facts]:
    facts = []
    for spec, worker in zip(workload.processes, crew.workers, strict=True):
        wall, region = machine.admissions.get(spec.index, (None, None))
        ended = spec.index in machine.departures
        facts.append(
            Facts(
                admitted=wall if wall is None or region else spec.arrival,
                completion=measured.ends[spec.index] if ended else None,
                exitcode=worker.process.exitcode if ended else None,
                region=region,
                pid=worker.pid,
                cpu=worker.cpu_time() if ended else None,
                reaped=(worker.reaped or 0) - machine.epoch if ended else None,
            )
        )
    return facts


def _memory_events(workload: Workload, machine: RealMachine) -> list[MemoryEvent]:
    events = []
    for spec in workload.processes:
        wall, region = machine.admissions.get(spec.index, (0, None))
        if region is None:
            continue
        events.append(MemoryEvent(wall, "placed", spec.name, *region))
        if spec.index in machine.departures:
            events.append(MemoryEvent(machine.departures[spec.index], "freed", spec.name, *region))
    return sorted(events, key=lambda event: (event.at_ns, event.event))


def _dispatch_times(dead: list[int], lag_max: int) -> dict[str, Any]:
    """Dead time of the dispatches, ns, and the most that a ready process may wait for a core."""
    if not dead:
        return {"count": 0}
    dead = sorted(dead)
    return {
        "count": len(dead),
        "dead_p50_ns": int(statistics.median(dead)),
        "dead_p99_ns": dead[min(len(dead) - 1, len(dead) * 99 // 100)],
        "dead_max_ns": dead[-1],
        "slack_ns": dead[-1] + lag_max + GAP,  # no moment is known better than that
    }
