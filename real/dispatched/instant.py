"""What the system has decided at one instant, until it is carried out and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.hardware import Region
from kernel.process.control_block import Process
from real.dispatched.events import IoCompletion, TransferEnd
from real.dispatched.worker_handle import WorkerHandle


@dataclass(slots=True)
class MemoryChanges:
    """Which partitions are left, moved, swapped and loaded. Keys are process indices."""

    leaving: list[WorkerHandle] = field(default_factory=list)
    """Their programs have ended, and their partitions have not been used again yet."""
    moving: list[tuple[int, Region, Region]] = field(default_factory=list)  # process, from, to
    loading: dict[int, Region] = field(default_factory=dict)
    transfers: list[TransferEnd] = field(default_factory=list)  # swapping that begins now
    returned: list[TransferEnd] = field(default_factory=list)  # processes that are swapped in

    def __bool__(self) -> bool:
        """Return whether bytes are to be moved or loaded: others may leave later."""
        return bool(self.loading or self.moving or self.transfers or self.returned)

    def processes(self) -> set[int]:
        """Return the processes that must not run before this is carried out."""
        found = {*self.loading, *(index for index, _, _ in self.moving)}
        found.update(event.transfer.process.index for event in self.returned)
        return found

    def clear(self) -> None:
        """All of it has been carried out."""
        for changes in (self.leaving, self.moving, self.transfers, self.returned):
            changes.clear()
        self.loading.clear()


@dataclass(slots=True)
class Instant:
    """The cores that change hands, the changes of memory, and what belongs into the journal."""

    starting: list[tuple[int, WorkerHandle]] = field(default_factory=list)  # core, worker
    halting: list[WorkerHandle] = field(default_factory=list)
    releasing: list[WorkerHandle] = field(default_factory=list)  # their bursts have ended
    memory: MemoryChanges = field(default_factory=MemoryChanges)

    closed: list[Sequence[int]] = field(default_factory=list)  # intervals, in virtual time
    served: list[IoCompletion | TransferEnd] = field(default_factory=list)  # started now
    admitted: list[tuple[Process, Region | None]] = field(default_factory=list)
    memory_events: list[tuple[str, str, Region]] = field(default_factory=list)
    """waits, placed, moved, freed, …; the name of the process; where."""
    finished: list[Process] = field(default_factory=list)
    jobs: list[Process] = field(default_factory=list)  # they have completed one with a deadline

    def forget(self) -> None:
        """All of it is written down, or never came."""
        for facts in (
            self.closed,
            self.served,
            self.admitted,
            self.memory_events,
            self.finished,
            self.jobs,
        ):
            facts.clear()
