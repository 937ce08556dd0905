"""What a dispatched worker gets when it is forked."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.process.program import Program
from real.cells import SharedCells
from real.host.guardian import Guardian
from real.memory.physical import PhysicalMemory


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything that a dispatched worker needs, made before the fork."""

    index: int  # its row of cells
    program: Program
    shared: SharedCells
    turn: int  # eventfd (semaphore): one count is one turn
    bell: int  # eventfd: wakes the supervisor
    guardian: Guardian
    memory: PhysicalMemory | None  # None: its program needs no partition
    workers: int  # how many workers the run has
    linger: int  # ns for which it keeps its core awake after a burst
    loaded: int  # size of its program, bytes of the scenario
    aborts: bool  # it may be told to leave a burst
