"""Segments: the parts of bursts between two calls. The machine runs one at a time."""

from __future__ import annotations

from collections.abc import Callable

from kernel.process.calls import CALL
from kernel.process.control_block import Process
from kernel.process.program import CPU, Program
from kernel.system.hardware import Processors


class Segments:
    """Processors on which a slice ends, at the latest, when the process comes to a call.

    The dispatcher gives it slices, and it lets the machine run each up to the next call.
    """

    def __init__(self, processors: Processors, cores: int) -> None:
        self._processors = processors
        self.may_run: Callable[[Process], bool] = lambda _: True
        """May a process on a core execute its program now? A thread may have to wait for a lock."""
        self._ahead: dict[int, list[int]] = {}  # of processes with calls, by index: see `_bursts`
        self.ends_at_call = [False] * cores
        """By core: does the slice end at a call or at the end of a burst? Otherwise it expires."""

    def execute(self, process: Process, program: Program) -> None:
        """Let the process execute `program`, which makes calls."""
        process.program = program
        process.places, process.durations = program.places, program.durations
        self._ahead[process.index] = _bursts(program)

    def executes(self, process: Process) -> bool:
        """Return whether the process executes a program that makes calls."""
        return process.index in self._ahead

    def begin_burst(self, process: Process) -> None:
        """Set the length of the burst that begins at its step: up to a call that may wait."""
        computes = process.places[process.step] == CPU
        ahead = self.from_step(process) if computes else self.beyond(process)
        process.burst = process.left = ahead

    def from_step(self, process: Process) -> int:
        """Return how many ns of its burst are left when its step begins."""
        return self._ahead[process.index][process.step]

    def beyond(self, process: Process) -> int:
        """Return how many ns of its burst are left when its step ends."""
        if process.places[process.step] not in (CPU, CALL):
            return 0
        return self._ahead[process.index][process.step + 1]

    def run(self, process: Process, core: int, length: int) -> None:
        """See Processors."""
        if not self.may_run(process):
            self.ends_at_call[core] = True
            self._processors.run(process, core, length - process.granted)
            return
        segment = process.left - (self.beyond(process) if self.executes(process) else 0)
        self.ends_at_call[core] = process.granted >= segment
        if self.ends_at_call[core]:
            length -= process.granted - segment
        self._processors.run(process, core, length)

    def stop(self, process: Process, core: int) -> None:
        """See Processors."""
        self._processors.stop(process, core)

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """See Processors."""
        self._processors.spent(core, start, end, why)


def with_costs(program: Program, cost: int) -> Program:
    """Return the program with `cost` ns of CPU time before each start of another process."""
    if not cost:
        return program
    steps: list[tuple[int, int]] = []
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == CALL and program.calls[duration].kind == "start":
            steps.append((CPU, cost))
        if place == CALL and program.calls[duration].kind == "open_pool":
            steps.append((CPU, cost * program.calls[duration].value))
        steps.append((place, duration))
    return Program.of(steps, program.calls)


def _bursts(program: Program) -> list[int]:
    """Return for each step the CPU time (ns) from it to the end of its burst.

    A burst may end at I/O, or at a call that may wait. One more entry, 0, stands for the end.
    """
    ahead = [0] * (len(program.places) + 1)
    for step in reversed(range(len(program.places))):
        place, duration = program.places[step], program.durations[step]
        if place == CPU:
            ahead[step] = duration + ahead[step + 1]
        elif place == CALL and not program.calls[duration].may_wait:
            ahead[step] = ahead[step + 1]
    return ahead
