"""The real machine: it notes what the system decides, until the supervisor carries it out.

The same system decides here as in the model, in virtual time. What it decides at one instant goes
into `instant`. What will happen because of that goes into the event list, `events`.
"""

from __future__ import annotations

from collections import deque

from kernel.hardware import Region
from kernel.memory import Transfer
from kernel.process.control_block import Process
from kernel.process.program import CPU
from kernel.system.system import System
from kernel.workload import Workload
from real.dispatched.clock import RunClock
from real.dispatched.event_list import EventList
from real.dispatched.events import (
    IoCompletion,
    JobDeadline,
    JobRelease,
    SliceEnd,
    TransferEnd,
)
from real.dispatched.instant import InstantActions
from real.dispatched.pool import DispatchedPool
from real.dispatched.worker_handle import WorkerHandle

EARLY = 20_000, 400_000  # ns by which a slice is ended early: with a spare processor, without one
PATIENCE = (
    150_000,
    5_000_000,
)  # ns between looks at a worker that wakes the supervisor itself: with a spare processor, without

NOWHERE = Region(-1, -1)


class RealMachine:
    """The machine of one run. `on_core` and `slices` have one entry for each core."""

    def __init__(
        self, workload: Workload, pool: DispatchedPool, *, spare: bool, explain: bool = False
    ) -> None:
        """`spare`: the supervisor has a processor of its own, so it can poll."""
        self.clock = RunClock()
        self.events = EventList()
        self.instant = InstantActions()
        self.on_core: list[WorkerHandle | None] = [None] * workload.cores
        self.slices: list[SliceEnd | None] = [None] * workload.cores
        self.deadlines: dict[int, JobDeadline] = {}  # by process, of jobs that are dropped then
        self.to_dismiss: deque[WorkerHandle] = deque()  # their programs have ended
        self.turned_away: set[int] = set()  # processes that found no place in memory
        self.early, self._patience = EARLY[not spare], PATIENCE[not spare]
        self._pool = pool
        self.system = self._make_system(workload, explain)

    def _make_system(self, workload: Workload, explain: bool) -> System:
        return System(workload, self, self.instant.closed.append, explain=explain)

    # -- cores

    def run(self, process: Process, core: int, length: int) -> None:
        """Note that `process` has `core` for `length` ns from now on."""
        worker = self._pool.workers[process.index]
        self._await_slice(worker, core, length, process.cpu_used, ends=length == process.left)
        if self.on_core[core] is not worker:
            self.on_core[core] = worker
            self.instant.starting.append((core, worker))

    def _await_slice(
        self, worker: WorkerHandle, core: int, length: int, used: int, *, ends: bool
    ) -> None:
        """Expect the end of a slice of `length` ns. Before it the process had `used` ns of CPU."""
        event = SliceEnd(
            self.clock.virtual + length,
            core,
            worker,
            used + length,
            ends=ends,
            early=self.early,
            patience=self._patience,
            begun=self.clock.wall,
            epoch=self.clock.epoch,
        )
        self._cancel_slice(core)
        self.slices[core] = event
        self.events.push(event)

    def stop(self, process: Process, core: int) -> None:
        """Note that `process` loses `core`."""
        worker = self._pool.workers[process.index]
        self.instant.halting.append(worker)
        if self.on_core[core] is worker:
            self.on_core[core] = None
            self._cancel_slice(core)

    def _cancel_slice(self, core: int) -> None:
        event = self.slices[core]
        if event is not None:
            event.cancelled = True
            self.slices[core] = None

    def slice_is_over(self, event: SliceEnd) -> None:
        """Note that a slice is over. If its burst has ended, too, the worker gives up its core."""
        self.slices[event.core] = None
        if event.ends:
            self.on_core[event.core] = None
            self.instant.releasing.append(event.worker)

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """Raise AssertionError: a real switch takes time itself, and the system charges none."""
        raise AssertionError("what a switch costs here is measured, not charged")

    # -- devices and jobs

    def serve(self, process: Process, place: int, duration: int) -> None:
        """Expect the end of the I/O of `process`, which starts now and takes `duration` ns."""
        event = IoCompletion(self.clock.virtual + duration, duration, process)
        self.instant.served.append(event)

    def await_release(self, process: Process, delay: int) -> None:
        """Expect the next job of `process` in `delay` ns."""
        self.events.push(JobRelease(self.clock.virtual + delay, process))

    def await_deadline(self, process: Process, delay: int) -> None:
        """Expect the deadline of the current job of `process` in `delay` ns."""
        event = JobDeadline(self.clock.virtual + delay, process)
        self.deadlines[process.index] = event
        self.events.push(event)

    def job_done(self, process: Process) -> None:
        """Note that `process` has completed a job that has a deadline."""
        self.instant.jobs.append(process)
        if process.index in self.deadlines:
            self.deadlines.pop(process.index).cancelled = True

    def job_aborted(self, process: Process, dropped: int) -> None:
        """Note that the current job of `process` is dropped, and with it its worker's bursts."""
        self.deadlines.pop(process.index, None)
        self.instant.aborted.append((process.index, process.job))
        bursts = process.places[process.step : process.end_of_job].count(CPU)
        if bursts:
            worker = self._pool.workers[process.index]
            self.instant.dropping.append((worker, bursts, process.cpu_used))

    def finished(self, process: Process) -> None:
        """Note that the program of `process` has ended, and its worker may exit."""
        self.instant.finished.append(process)
        self.to_dismiss.append(self._pool.workers[process.index])

    # -- memory

    def waits(self, process: Process) -> None:
        """Note that `process` waits for memory."""
        self.instant.memory_events.append(("waits", process.name, NOWHERE))

    def admitted(self, process: Process, region: Region | None) -> None:
        """Note that `process` is admitted to `region`; None: it needs no memory."""
        self.instant.admitted.append((process, region))
        if region is not None:
            self.instant.memory_events.append(("placed", process.name, region))
            self.instant.memory.loading[process.index] = region
            if process.exitcode:
                worker = self._pool.workers[process.index]
                worker.fate = process.exitcode, process.places.count(CPU)

    def moved(self, process: Process, source: Region) -> None:
        """Note that compaction moves `process` from `source` to its present region."""
        assert process.region is not None
        self.instant.memory_events.append(("moved", process.name, process.region))
        changes = self.instant.memory
        if process.index in changes.loading:  # not loaded yet, so there is nothing to copy
            changes.loading[process.index] = process.region
        else:
            changes.moving.append((process.index, source, process.region))

    def copies(self, duration: int, core: int) -> None:
        """Raise AssertionError: a real move takes time itself, and the system charges none."""
        raise AssertionError("what a move costs here is measured, not charged")

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        """Expect the end of a transfer that starts now at device `place` and takes `duration` ns.

        A process is swapped out or in by it.
        """
        process, partitions = transfer.process, self._pool.partitions
        assert process.region is not None
        assert partitions is not None
        assert partitions.swapper is not None
        region = Region(process.region.base, process.limit)
        event = TransferEnd(
            self.clock.virtual + duration,
            duration,
            transfer,
            place,
            region,
            partitions.swapper,
            self.clock.epoch,
        )
        self.instant.served.append(event)
        self.instant.memory.transfers.append(event)

    def swapped_out(self, process: Process, region: Region) -> None:
        """Note that `process` has been written to the swap device."""
        self.instant.memory_events.append(("swapped-out", process.name, region))

    def swapped_in(self, process: Process) -> None:
        """Note that `process` is in memory again."""
        assert process.region is not None
        self.instant.memory_events.append(("swapped-in", process.name, process.region))

    def freed(self, process: Process, region: Region) -> None:
        """Note that `process` has ended, and leaves its partition."""
        self.instant.memory_events.append(("freed", process.name, region))
        self.instant.memory.leaving.append(self._pool.workers[process.index])

    def withdrawn(self, process: Process, *, refused: bool = False) -> None:
        """Note that `process` has ended while it waited for memory, or was swapped out.

        If it is refused, its worker may exit without having run.
        """
        self.instant.memory_events.append(("withdrawn", process.name, NOWHERE))
        if refused:
            self.turned_away.add(process.index)
            self.to_dismiss.append(self._pool.workers[process.index])
