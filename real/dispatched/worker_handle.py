"""The supervisor's handle of a worker that it dispatches: what it is told, and what it did."""

from __future__ import annotations

import contextlib
import os
import signal

from kernel.hardware import Region
from real.cells import BASE, BELL, CHECKED, DONE, DONE_AT, RELEASED, SIZE, SharedCells
from real.supervisor.handle import ProcessHandle


class WorkerHandle(ProcessHandle):
    """A worker that runs only when the supervisor gives it a core."""

    __slots__ = ("cpu", "fate", "has_partition", "leaving", "served_bursts", "working")

    def __init__(self, index: int, name: str, shared: SharedCells, turn: int = -1) -> None:
        super().__init__(index, name, shared, turn)
        self.cpu = -1  # the processor it is pinned to; -1: wherever it was started
        self.working = False  # it was given a turn and has not finished its burst
        self.served_bursts = 0  # bursts that the system has seen it finish
        self.has_partition = False
        self.leaving = False  # it has been told to check its partition and leave it
        self.fate: tuple[int, int] | None = None  # it ends with this exit code after so many bursts

    @property
    def may_die(self) -> bool:
        """Return whether it may exit, or was to be ended by its own memory step."""
        return self.dismissed or self.has_met_its_fate()

    @property
    def may_run(self) -> bool:
        """Return whether it has been given a turn, or may exit."""
        return self.working or self.dismissed

    # -- what it says

    def has_finished_burst(self) -> bool:
        """Return whether it has finished a burst that the system has not ended yet."""
        return self.cells[self.row + DONE] > self.served_bursts

    def finished_at(self) -> int:
        """Return when it finished its last burst, absolute ns."""
        return self.cells[self.row + DONE_AT]

    def has_met_its_fate(self) -> bool:
        """Return whether it is dead, and its program was to end it so and there."""
        ended = self.exitcode, self.cells[self.row + DONE]
        return ended == self.fate

    def has_left(self) -> bool:
        """Return whether it will not touch its partition again."""
        return bool(self.cells[self.row + CHECKED])

    # -- what it is told

    def pin(self, cpu: int) -> None:
        """Let it run on that processor only, from now on."""
        if self.cpu != cpu and self.reaped is None:
            os.sched_setaffinity(self.pid, (cpu,))
            self.cpu = cpu

    def load(self, region: Region) -> None:
        """Admit it: its partition is `region` of physical memory."""
        self.cells[self.row + BASE], self.cells[self.row + SIZE] = region
        os.write(self.turn, BELL)

    def go(self) -> None:
        """Let it run: it has its core."""
        if self.stopped and self.reaped is None:
            self._continue()
        if not self.working and not self.has_finished_burst():
            self.working = True
            os.write(self.turn, BELL)

    # `stopped` changes before the signal is sent. If Ctrl-Z comes between, all processes stop, and
    # those whose `stopped` is false go on after it.

    def _continue(self) -> None:
        self.stopped = False
        os.kill(self.pid, signal.SIGCONT)

    def halt(self) -> None:
        """Stop it, wherever in its burst it is: it loses its core."""
        self.stopped = True
        os.kill(self.pid, signal.SIGSTOP)
        self.halts += 1

    def release(self) -> None:
        """Let it go of its core, which it has kept awake: the system has seen its burst end."""
        self.served_bursts += 1
        self.working = False
        self.cells[self.row + RELEASED] = self.served_bursts
        if self.stopped and self.reaped is None:
            self._continue()

    def leave(self, cpus: frozenset[int]) -> None:
        """Its program has ended: let it look at its partition for the last time, on `cpus`."""
        self.leaving = True
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(self.pid, cpus)
        os.write(self.turn, BELL)

    def dismiss(self, cpus: frozenset[int]) -> None:
        """Let it leave its partition and exit, on `cpus` and behind all others there."""
        if self.has_partition and not self.leaving:
            self.leave(cpus)
        super().dismiss(cpus)
