"""KeyboardInterrupt: a process that computes, or does I/O, is cut off there, and ends."""

from __future__ import annotations

from kernel.lifecycle.calls.ends import INTERRUPTED
from kernel.lifecycle.segments import Segments
from kernel.process.calls import CALL
from kernel.process.control_block import Process
from kernel.process.program import Program


class Interruptions:
    """The processes in which KeyboardInterrupt is raised when they have a core.

    A process that makes a call is not among them: the call raises it, see `Semantics.interrupt`.
    """

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._pending: set[Process] = set()
        self._places: dict[Process, int] = {}  # of processes that were cut off, where they were

    def add(self, process: Process) -> None:
        """Let KeyboardInterrupt be raised in a process when it has a core."""
        self._pending.add(process)

    def is_pending(self, process: Process) -> bool:
        """Return whether KeyboardInterrupt is to be raised in a process that has a core."""
        return process in self._pending

    def place_of(self, process: Process) -> int | None:
        """Return the place of the step at which a process was cut off; None: it was not."""
        return self._places.get(process)

    def cut(self, process: Process) -> None:
        """Replace the rest of the program by the call that raises KeyboardInterrupt."""
        self._pending.discard(process)
        self._places[process] = process.places[process.step]
        calls = (*process.program.calls, INTERRUPTED)
        self._segments.execute(process, Program.of([(CALL, len(calls) - 1)], calls))
        process.step = 1  # the step before it is a CPU burst of 0 ns
        process.burst = process.left = process.rest = 0
