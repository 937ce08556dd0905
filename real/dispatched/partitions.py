"""The partitions of a pool's workers: loaded, moved, swapped and left as the system decides.

Regions are those of the scenario's memory. `PhysicalMemory.place` says where they lie in the memfd.
"""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Sequence
from typing import Any

from kernel.errors import MultiprogError
from kernel.hardware import Region
from real.cells import CHECKED, SharedCells
from real.dispatched.compaction import Moves, come_back, move, stand_still
from real.dispatched.worker_handle import WorkerHandle
from real.host.leftovers import hasten
from real.host.time_limits import ExpectedProcess, TimeLimit
from real.memory.partition import BROKEN
from real.memory.physical import PhysicalMemory
from real.memory.swapper import Swapper
from translation import recorded, tr

LEAVING = 20.0  # seconds that a worker may take for the last check, on a busy machine


class Partitions:
    """The partitions of one run, what was moved, and the swapper if the memory swaps."""

    def __init__(self, memory: PhysicalMemory, shared: SharedCells, row: int, bell: int) -> None:
        """Make the swapper, too. It has row `row` of the cells. `bell` wakes the supervisor."""
        self.memory = memory
        self.moves = Moves()
        self.swapper = Swapper(memory, shared, row, bell) if memory.swaps else None
        self._bell = bell

    def loading_time(self) -> int:
        """Return how long it takes at most to load all of memory, ns."""
        return self.memory.size  # 1 ns for a byte; it really takes less

    def load(self, worker: WorkerHandle, region: Region) -> None:
        """Load the program of the worker's process, which is admitted to `region`."""
        worker.load(self.memory.place(region))

    def move(self, worker: WorkerHandle, source: Region, to: Region) -> None:
        """Move the worker's partition from `source` to `to`, as compaction has decided."""
        move(worker, self.memory, source, to, self.moves)

    def begin_transfer(self, worker: WorkerHandle, region: Region, out: bool) -> int:
        """Begin to swap the worker's process out of `region`, or into it. Return the job's number.

        A worker that is swapped out is stopped until `come_back`.
        """
        assert self.swapper is not None
        if out:
            stand_still(worker)
        return self.swapper.begin(worker.index, self.memory.place(region), out)

    def come_back(self, worker: WorkerHandle, region: Region) -> None:
        """Continue the worker: its process has been read back into `region`."""
        come_back(worker, self.memory.place(region))

    def empty(self, workers: Sequence[WorkerHandle], aside: frozenset[int]) -> None:
        """Wait until the workers, whose programs have ended, have left their partitions.

        The workers check their partitions on the processors `aside`. The supervisor sleeps
        meanwhile, as a worker may need the processor of the supervisor for it. Raises
        MultiprogError if a worker takes longer than LEAVING.
        """
        for worker in workers:
            if not worker.leaving:
                worker.leave(aside)
            elif not worker.has_left():
                hasten(worker.pid)  # it may be in the idle class, and a program waits for its place
        limit = TimeLimit(LEAVING)
        for worker in workers:
            expected = ExpectedProcess(worker.name, worker.pid)
            while not worker.has_left() and _lives(worker.pid):
                expected.look()
                if limit.is_over():
                    raise MultiprogError(
                        tr("{process} did not leave its partition in time", process=worker.name)
                    )
                select.select([self._bell], [], [], 0.001)
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(self._bell)

    def broken(self, workers: Sequence[WorkerHandle]) -> str | None:
        """Return, when all programs have ended, which program was not kept in its partition.

        That is seen if a worker found other bytes than its own, or did not end as its memory steps
        say. None: no such worker was found.
        """
        for worker in workers:
            wrong = worker.cells[worker.row + CHECKED] - BROKEN
            if wrong >= 0:
                return recorded(
                    "{process} found bytes that are not its own at {offset:,} from its base",
                    process=worker.name,
                    offset=wrong,
                )
            if worker.fate is not None and not worker.has_met_its_fate():
                return recorded(
                    "{process} should have ended with {fate}, and ended with {code}",
                    process=worker.name,
                    fate=worker.fate[0],
                    code=worker.exitcode,
                )
        return None

    def describe(self, compaction: str) -> dict[str, Any]:
        """Return what the record says of moving and swapping: how often, how much, how long.

        Bytes are bytes of the scenario, times are in ns.
        """
        about: dict[str, Any] = {}
        if compaction != "never":
            moves = self.moves
            about["compaction"] = {
                "moves": moves.count,
                "bytes": moves.size,
                "took_ns": moves.took(),
            }
        if self.swapper is not None:
            about["swapping"] = {
                "transfers": self.swapper.transfers,
                "bytes": self.swapper.bytes // self.memory.scale,
                "took_ns": self.swapper.took(),
            }
        return about


def _lives(pid: int) -> bool:
    """Return whether a child is alive. The child is not reaped by that."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
