"""What the system has decided at one instant, kept until it is carried out and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.hardware import Region
from kernel.process.control_block import Process
from real.dispatched.events import IoCompletion, TransferEnd
from real.dispatched.worker_handle import WorkerHandle


@dataclass(slots=True)
class MemoryChanges:
    """The partitions that are left, moved, swapped and loaded. Keys are process indices."""

    leaving: list[WorkerHandle] = field(default_factory=list)
    """Workers whose programs have ended, and whose memory no other program has used since."""
    moving: list[tuple[int, Region, Region]] = field(default_factory=list)  # process, from, to
    loading: dict[int, Region] = field(default_factory=dict)
    transfers: list[TransferEnd] = field(default_factory=list)  # of swapping that begins now
    returned: list[TransferEnd] = field(default_factory=list)  # of processes swapped in just now

    def __bool__(self) -> bool:
        """Return whether memory must change now. Workers that only leave can do so later."""
        return bool(self.loading or self.moving or self.transfers or self.returned)

    def processes(self) -> set[int]:
        """Return the indices of the processes that must not run before this is carried out."""
        found = {*self.loading, *(index for index, _, _ in self.moving)}
        found.update(event.transfer.process.index for event in self.returned)
        return found

    def clear(self) -> None:
        """Remove all changes: they have been carried out."""
        for changes in (self.leaving, self.moving, self.transfers, self.returned):
            changes.clear()
        self.loading.clear()


@dataclass(slots=True)
class InstantActions:
    """The cores that change hands, the changes of memory, and the notes for the journal."""

    starting: list[tuple[int, WorkerHandle]] = field(default_factory=list)  # core, worker
    halting: list[WorkerHandle] = field(default_factory=list)
    releasing: list[WorkerHandle] = field(default_factory=list)  # their bursts have ended
    dropping: list[tuple[WorkerHandle, int, int]] = field(default_factory=list)
    """The workers that leave bursts: how many, and the CPU time received by then, ns."""
    memory: MemoryChanges = field(default_factory=MemoryChanges)

    closed: list[Sequence[int]] = field(default_factory=list)  # intervals, in virtual time
    served: list[IoCompletion | TransferEnd] = field(default_factory=list)  # started now
    admitted: list[tuple[Process, Region | None]] = field(default_factory=list)
    memory_events: list[tuple[str, str, Region]] = field(default_factory=list)
    """The event (waits, placed, moved, freed, …), the name of the process, and the region."""
    finished: list[Process] = field(default_factory=list)
    jobs: list[Process] = field(default_factory=list)  # processes whose job with a deadline is done
    aborted: list[tuple[int, int]] = field(default_factory=list)
    """The jobs that are dropped: index of the process, number of the job."""

    def release_at_once(self, worker: WorkerHandle) -> None:
        """Release the worker now if its burst has ended, and not with the others."""
        if worker in self.releasing:
            self.releasing.remove(worker)
            worker.release()

    def leave_bursts(self) -> set[int]:
        """Let workers leave the bursts of jobs that are dropped. Return the workers' indices."""
        for worker, bursts, received in self.dropping:
            self.release_at_once(worker)
            worker.drop(bursts, received)
        left = {worker.index for worker, _, _ in self.dropping}
        self.dropping.clear()
        return left

    def forget(self) -> None:
        """Remove the notes for the journal: they are written down, or the instant never came."""
        for facts in (
            self.closed,
            self.served,
            self.admitted,
            self.memory_events,
            self.finished,
            self.jobs,
            self.aborted,
        ):
            facts.clear()
