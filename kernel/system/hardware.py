"""The calls by which the operating system tells a machine what to do.

Both machines implement `Hardware`. `System.settle` makes all calls.
"""

from __future__ import annotations

from typing import Protocol

from kernel.hardware import Region
from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process


class Processors(Protocol):
    """What the dispatcher needs of a machine."""

    def run(self, process: Process, core: int, length: int) -> None:
        """Give `core` to `process` for `length` ns from now. Then its burst or its slice is over.

        Called again for a process that has the core already, when its slice is planned anew. With
        costs the first part of `length` is the time of the dispatch itself, see `spent`.
        """

    def stop(self, process: Process, core: int) -> None:
        """Take `core` from `process`. The `run` of another process may come after or before."""

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """Note that `core` is busy from `start` to `end` ns: a dispatch, switch or migration."""


class MainMemory(Protocol):
    """What the memory manager needs of a machine."""

    def waits(self, process: Process) -> None:
        """Note that `process` has arrived, or is to be swapped in, and finds no place in memory."""

    def moved(self, process: Process, source: Region) -> None:
        """Move `process` from `source` to its `region`: compaction."""

    def copies(self, duration: int, core: int) -> None:
        """Set `copied` in `duration` ns, with a timer None. `core` (-1: none) is idle now."""

    def freed(self, process: Process, region: Region) -> None:
        """Free all of `region`: `process` is dead."""

    def withdrawn(self, process: Process, *, refused: bool = False) -> None:
        """Note that `process` is dead while it was swapped out, or waited for memory.

        With `refused` it is turned away when it arrives, and never runs.
        """

    def swapped_out(self, process: Process, region: Region) -> None:
        """Note that `process` is swapped out: all of `region` has been written, and is free."""

    def swapped_in(self, process: Process) -> None:
        """Note that `process` has a place again, its `region`; a transfer will read it in."""


class Hardware(Processors, MainMemory, Protocol):
    """What the system needs of a machine."""

    def serve(self, process: Process, place: int, duration: int) -> None:
        """Start the I/O of `process`: `duration` ns at the device `place` (WAIT: no queue)."""

    def await_release(self, process: Process, delay: int) -> None:
        """Put `process` into `released` in `delay` ns: its next job is due."""

    def await_deadline(self, process: Process, delay: int) -> None:
        """Put `process`, with its current job, into `overdue` in `delay` ns.

        If that job is done by then, nothing need be done.
        """

    def job_done(self, process: Process) -> None:
        """Note that `process` has completed a job."""

    def job_aborted(self, process: Process, dropped: int) -> None:
        """Note that the current job of `process` is dropped, with `dropped` ns of CPU time."""

    def admitted(self, process: Process, region: Region | None) -> None:
        """Note that `process` is admitted to `region` (None: memory is not modelled for it)."""

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        """Start `transfer` at the device `place`; put both into `transferred` in `duration` ns."""

    def finished(self, process: Process) -> None:
        """Note that `process` has ended: see its `exitcode`."""
