"""The record of a dispatched run, made from the supervisor's journal and the workers' logs."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from real.cells import GAP, SINCE
from real.dispatched.pool import DispatchedPool
from real.dispatched.supervisor import Supervisor
from real.dispatched.switches import still_unseen, switches, with_compaction
from real.dispatched.tracks import MeasuredTrack, ProcessNotes
from real.dispatched.worker_handle import WorkerHandle
from real.supervisor.conditions import Conditions
from real.supervisor.dropped_jobs import dropped_cpu
from real.supervisor.overheads import NEVER, Windows, beside_runs, dispatch_times
from real.supervisor.pool import LOG_BOUND
from timeline.record.assembly import RunFacts
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import REAL, Observation, Overhead
from timeline.record.sorted_run import SLACK
from translation import mark

UNPRIVILEGED = mark("none: switches are less punctual than with real-time priority (run as root)")


@dataclass(slots=True)
class Measured:
    """What was measured of all processes. Times are ns of the run."""

    intervals: Intervals = field(default_factory=Intervals)
    overheads: list[Overhead] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)  # last moment of each process
    copying: Windows = NEVER  # when partitions were copied
    dropped: dict[int, dict[int, int]] = field(default_factory=dict)
    """By process and the number of a job that was dropped: the CPU time that it had not had."""


class DispatchedRecord:
    """Makes the record of one run, after all of its workers are reaped."""

    def __init__(
        self,
        workload: Workload,
        supervisor: Supervisor,
        pool: DispatchedPool,
        conditions: Conditions,
    ) -> None:
        self._workload = workload
        self._supervisor = supervisor
        self._journal = supervisor.journal
        self._epoch = supervisor.clock.epoch
        self._pool = pool
        self._conditions = conditions

    def facts(self) -> RunFacts:
        """Return all that was measured and noted."""
        journal, cores = self._journal, self._workload.cores
        measured = self._measure()
        sent = [*journal.dispatches, journal.looks]
        switching, dead = switches(measured.intervals, sent, cores, journal.early, measured.copying)
        overheads = beside_runs([*measured.overheads, *switching], measured.intervals, cores)
        return RunFacts(
            REAL,
            self._workload,
            intervals=measured.intervals,
            processes=[
                self._process(spec, worker, measured)
                for spec, worker in zip(self._workload.processes, self._pool.workers, strict=True)
            ],
            machine=self._machine() | {"dispatch": self._dispatch(measured, dead)},
            overheads=list(with_compaction(overheads, measured.copying)),
            memory_events=journal.memory,
            decisions=self._supervisor.system.dispatcher.decisions,
            observations=self._observations(),
        )

    def _measure(self) -> Measured:
        measured, pool = Measured(), self._pool
        if pool.partitions is not None:
            copying = pool.partitions.moves.copying
            measured.copying = Windows([moment - self._epoch for moment in copying])
        # a supervisor with a processor of its own takes no core from a worker
        at_work = Windows(() if self._conditions.cpus.spare else self._journal.at_work)
        for worker in pool.workers:
            track = self._track(worker, at_work)
            if track is None:
                continue
            for interval in track.intervals:
                measured.intervals.add(interval)
            measured.overheads.extend(track.overheads)
            if self._journal.aborted[worker.index]:
                measured.dropped[worker.index] = dropped_cpu(
                    self._workload.processes[worker.index].program,
                    self._journal.jobs[worker.index],
                    self._journal.aborted[worker.index],
                    track.intervals,
                )
            measured.ends[worker.index] = track.at if track.died is None else track.died
        return measured

    def _track(self, worker: WorkerHandle, at_work: Windows) -> MeasuredTrack | None:
        """Return the track of the worker's process; None: it never arrived, or was turned away."""
        process, journal = self._supervisor.system.processes[worker.index], self._journal
        if worker.index in self._supervisor.machine.turned_away:
            return None
        arrived = self._supervisor.arrival(process)
        if arrived is None:
            return None
        notes = ProcessNotes(
            arrived=arrived,
            changes=journal.changes[worker.index],
            dispatches=journal.dispatches[worker.index],
            running_intervals=array("q", [at - self._epoch for at in worker.running_intervals]),
            admission=journal.admissions.get(worker.index),
            stopped_at=journal.ended_at if self._conditions.stopped is not None else None,
            before=journal.before.get(worker.index),
        )
        return MeasuredTrack(process, notes, at_work, journal.early)

    def _process(self, spec: ProcessSpec, worker: WorkerHandle, measured: Measured) -> ProcessFacts:
        wall, region = self._journal.admissions.get(spec.index, (None, None))
        ended = spec.index in self._journal.departures
        return ProcessFacts(
            admitted=wall if wall is None or region else self._arrival_of(spec),
            completion=measured.ends.get(spec.index) if ended else None,
            exitcode=worker.exitcode if ended else None,
            jobs=self._journal.jobs[spec.index],
            aborted=measured.dropped.get(spec.index, {}),
            region=region,
            pid=worker.pid,
            cpu=_cpu(worker) if ended else None,
            reaped=(worker.reaped or 0) - self._epoch if ended else None,
        )

    def _arrival_of(self, spec: ProcessSpec) -> int:
        return spec.arrival

    def _dispatch(self, measured: Measured, dead: Sequence[int]) -> dict[str, int | None]:
        """Return how punctual dispatching was. `dead` are the dead times of all dispatches, ns."""
        journal, late = self._journal, self._journal.lag_max
        if self._conditions.stopped is not None:
            unseen = still_unseen(measured.intervals, journal.dispatches, self._workload.cores)
            late = max(late, unseen)
        return {
            "slack_ns": SLACK + late,
            "early_ns": journal.early,
            "supervisor_core": self._conditions.supervisor_core,
            **dispatch_times(dead, late),
        }

    def _machine(self) -> dict[str, object]:
        """Return what else the record says about this machine."""
        memory, partitions = self._workload.memory, self._pool.partitions
        return {
            "epoch_ns": self._epoch,
            "privilege": ", ".join(self._conditions.privilege) or UNPRIVILEGED,
            "corrections": self._journal.corrections,
            "lag_limit_ns": self._supervisor.lag,
            "lag_max_ns": self._journal.lag_max,
            "resolution_ns": GAP,
            "memory_scale": None if partitions is None else partitions.memory.scale,
            **(
                {}
                if partitions is None or memory is None
                else partitions.describe(memory.compaction)
            ),
            "log": {"coalesced": self._pool.coalesced(), "bound": LOG_BOUND},
        }

    def _observations(self) -> list[Observation]:
        """Return what the operating system said of the workers."""
        return [
            Observation(at, name, "psutil", view) for at, name, view in self._journal.said if view
        ]


def _cpu(worker: WorkerHandle) -> int:
    """Return the CPU time that the worker received, ns.

    For finished bursts it is exact. If a signal ended one, it is what the worker last published.
    """
    killed = (worker.exitcode or 0) < 0 and not worker.fate
    interrupted = worker.cells[worker.row + SINCE] != 0  # by SIGINT: it ended as by an exception
    return worker.received() if killed or interrupted else worker.cpu_time()
