"""The supervisor's handle of a dispatched worker: orders to the worker, and what its cells say."""

from __future__ import annotations

import contextlib
import os
import signal

from kernel.hardware import Region
from real.cells import (
    BASE,
    BELL,
    CHECKED,
    DONE,
    DONE_AT,
    DROPPED,
    REBASED,
    RELEASED,
    SIZE,
    SharedCells,
)
from real.supervisor.handle import ProcessHandle


class WorkerHandle(ProcessHandle):
    """A worker that runs only when the supervisor gives it a core."""

    __slots__ = ("cpu", "fate", "has_partition", "leaving", "served_bursts", "working")

    def __init__(self, index: int, name: str, shared: SharedCells, turn: int = -1) -> None:
        super().__init__(index, name, shared, turn)
        self.cpu = -1  # the processor it is pinned to; -1: wherever it was started
        self.working = False  # it has got a turn, and the system has not seen its burst end
        self.served_bursts = 0  # how many of its bursts the system has seen end
        self.has_partition = False
        self.leaving = False  # it has been told to check its partition and leave it
        self.fate: tuple[int, int] | None = None  # it ends with this exit code after so many bursts

    @property
    def may_die(self) -> bool:
        """Return whether its death is expected: it was dismissed, or its memory step ended it."""
        return self.dismissed or self.has_met_its_fate()

    @property
    def may_run(self) -> bool:
        """Return whether it has got a turn, or was dismissed."""
        return self.working or self.dismissed

    # -- what it says

    def has_finished_burst(self) -> bool:
        """Return whether it has finished a burst that the system has not ended yet."""
        return self.cells[self.row + DONE] > self.served_bursts

    def finished_at(self) -> int:
        """Return when it finished its last burst, absolute ns."""
        return self.cells[self.row + DONE_AT]

    def has_met_its_fate(self) -> bool:
        """Return whether it is dead, with the exit code and after the burst that `fate` says."""
        ended = self.exitcode, self.cells[self.row + DONE]
        return ended == self.fate

    def has_left(self) -> bool:
        """Return whether it has checked its partition, and will not touch it again."""
        return bool(self.cells[self.row + CHECKED])

    # -- what it is told

    def pin(self, cpu: int) -> None:
        """Let the worker run on processor `cpu` only, from now on."""
        if self.cpu != cpu and self.reaped is None:
            os.sched_setaffinity(self.pid, (cpu,))
            self.cpu = cpu

    def load(self, region: Region) -> None:
        """Admit the worker's process: its partition is `region` of physical memory."""
        self.cells[self.row + BASE], self.cells[self.row + SIZE] = region
        os.write(self.turn, BELL)

    def go(self) -> None:
        """Let the worker run on its core: continue it, and give it a turn if it has none."""
        if self.stopped and self.reaped is None:
            self._continue()
        if not self.working and not self.has_finished_burst():
            self.working = True
            os.write(self.turn, BELL)

    # `stopped` changes before the signal is sent. If Ctrl-Z comes between the two, all processes
    # stop, and afterwards the processes whose `stopped` is false are continued.

    def _continue(self) -> None:
        self.stopped = False
        os.kill(self.pid, signal.SIGCONT)

    def halt(self) -> None:
        """Stop the worker, wherever in its burst it is: it loses its core."""
        self.stopped = True
        os.kill(self.pid, signal.SIGSTOP)
        self.halts += 1

    def release(self) -> None:
        """Let the worker give up its core: the system has seen its burst end.

        Until then the worker has kept the core awake.
        """
        self.served_bursts += 1
        self.working = False
        self.cells[self.row + RELEASED] = self.served_bursts
        self.wake()

    def drop(self, bursts: int, received: int) -> None:
        """Let the worker leave its next `bursts` bursts, and the one that it is in counts as one.

        `received`: the CPU time that it has received by then in the schedule, ns. A worker takes a
        turn for each burst, also for one that it leaves.
        """
        turns = bursts - self.working
        self.cells[self.row + REBASED] = received
        self.cells[self.row + DROPPED] = self.served_bursts + bursts
        self.served_bursts += bursts
        self.working = False
        self.cells[self.row + RELEASED] = self.served_bursts
        if turns:
            os.write(self.turn, turns.to_bytes(8, "little"))
        self.wake()

    def wake(self) -> None:
        """Let the worker run again, if it was stopped and lives."""
        if self.stopped and self.reaped is None:
            self._continue()

    def leave(self, cpus: frozenset[int]) -> None:
        """Let the worker check its partition on `cpus`, and leave it: its program has ended."""
        self.leaving = True
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(self.pid, cpus)
        os.write(self.turn, BELL)

    def dismiss(self, cpus: frozenset[int]) -> None:
        """Order the worker to leave its partition and to exit.

        It does both on `cpus`, in the idle class.
        """
        if self.has_partition and not self.leaving:
            self.leave(cpus)
        super().dismiss(cpus)
