"""The calls by which the operating system tells a machine what to do.

Both machines implement `Hardware`. All calls come from within `System.settle`.
"""

from __future__ import annotations

from typing import Protocol

from kernel.hardware import Region
from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process


class Processors(Protocol):
    """What the dispatcher needs of a machine."""

    def run(self, process: Process, core: int, length: int) -> None:
        """`process` has `core` for `length` ns from now; then its burst has ended or it expired.

        Called again for the process that is already there when its slice is extended. With costs
        the first part of `length` is spent on the dispatch itself, as `spent` says.
        """

    def stop(self, process: Process, core: int) -> None:
        """`process` loses `core` against its will. A `run` of another may follow or precede."""

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """`core` is busy with itself from `start` to `end` ns: dispatch, switch or migration."""


class MainMemory(Protocol):
    """What the memory manager needs of a machine."""

    def waits(self, process: Process) -> None:
        """`process` has arrived, or is to be swapped in, and finds no place in memory."""

    def moved(self, process: Process, source: Region) -> None:
        """`process` lies in its `region` from now on, and no longer in `source`: compaction."""

    def copies(self, duration: int, core: int) -> None:
        """In `duration` ns `copied` is true, and a timer due. `core` (-1: none) is idle now."""

    def freed(self, process: Process, region: Region) -> None:
        """`process` is dead, and all of `region` is free."""

    def withdrawn(self, process: Process) -> None:
        """`process` is dead, and was swapped out, or waited for memory."""

    def swapped_out(self, process: Process, region: Region) -> None:
        """`process` is swapped out: all of `region` has been written, and is free."""

    def swapped_in(self, process: Process) -> None:
        """`process` has a place again, its `region`, and will be read into it."""


class Hardware(Processors, MainMemory, Protocol):
    """What the system needs of a machine."""

    def serve(self, process: Process, place: int, duration: int) -> None:
        """Start the I/O of `process`, `duration` ns at device `place` (WAIT: no queue)."""

    def await_release(self, process: Process, delay: int) -> None:
        """Wait `delay` ns for the next job of `process`: then it belongs into `released`."""

    def job_done(self, process: Process) -> None:
        """`process` has completed a job that has a deadline."""

    def admitted(self, process: Process, region: Region | None) -> None:
        """`process` is in memory from now on (None: memory is not modelled for it)."""

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        """`transfer` starts at device `place`; in `duration` ns both belong into `transferred`."""

    def finished(self, process: Process) -> None:
        """`process` has done its last step, or was ended by it: see its `exitcode`."""
